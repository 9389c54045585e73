#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The memory of some processes, read in the slow and plain way.

Tests compare the accountant with these figures, so this file shares no code with it. All sizes are
sums over the processes in bytes. The files are read one after another, so the processes must hold still.
"""
import argparse
import ctypes
import glob
import json
import os
import re
import stat
import sys

SHARED_MEMORY = (0x01021994, 0x958458F6)  # tmpfs (memfd, SysV and anonymous too), hugetlbfs

_libc = ctypes.CDLL(None, use_errno=True)


# The kernel's stack of one thread, on 64-bit machines of today.
KERNEL_STACK = 16 * 1024


def _sizes(path):
    """The 'Name:  123 kB' lines of a file."""
    with open(path, "rb") as file:
        found = re.findall(rb"^(\w+):\s+(\d+) kB$", file.read(), re.M)
    return {name.decode(): 1024 * int(size) for name, size in found}


def _is_shared_memory(path):
    buffer = (ctypes.c_long * 32)()
    if _libc.statfs(os.fsencode(path), buffer) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), path)
    return buffer[0] in SHARED_MEMORY


def _mapped(pid):
    """Links in map_files to the shared objects that the process maps, one per object.

    A SysV segment has its id (0, 1, ...) as inode number, on the same device as memfds: only the
    name tells them apart."""
    links = {}
    with open(f"/proc/{pid}/maps", "rb") as file:
        for line in file:
            addresses, mode, _, dev, ino, *name = line.split(maxsplit=5)
            if mode[3:] == b"s":
                first, last = (int(address, 16) for address in addresses.split(b"-"))
                sysv = bool(name) and name[0].startswith(b"/SYSV")
                links[dev, ino, sysv] = f"/proc/{pid}/map_files/{first:x}-{last:x}"
    return [(link, sysv) for (_, _, sysv), link in links.items()]


def _objects(pid, objects):
    """Adds the shared objects of the process. Returns how many could not be read.

    A descriptor counts if the file has no name: then nothing else keeps the file's memory."""
    unseen = 0
    candidates = [(link, True, sysv) for link, sysv in _mapped(pid)]
    candidates += [(link, False, False) for link in glob.glob(f"/proc/{pid}/fd/*")]
    for link, mapped, sysv in candidates:
        try:
            info = os.stat(link)
            regular = stat.S_ISREG(info.st_mode)
            if not regular or (not mapped and info.st_nlink) or not _is_shared_memory(link):
                continue
        except OSError:
            unseen += mapped
            continue
        one = objects.setdefault((info.st_dev, info.st_ino, sysv), {
            "dev": info.st_dev, "ino": info.st_ino, "bytes": 0, "mapped": False})
        one["bytes"] = 512 * info.st_blocks
        one["mapped"] |= mapped
    return unseen


def truth(pids):
    """The figures of all these processes together: a dict of numbers and the list of objects."""
    sums = dict.fromkeys((
        "rss", "pss", "uss", "shr", "pss_anon", "pss_file", "pss_shmem",
        "rss_anon", "rss_file", "rss_shmem", "kernel", "swap", "swap_pss"), 0)
    objects = {}
    read = unseen = 0
    unreadable = []
    for pid in sorted(set(pids)):
        try:
            rollup = _sizes(f"/proc/{pid}/smaps_rollup")
            status = _sizes(f"/proc/{pid}/status")
            unseen += _objects(pid, objects)
        except OSError:
            unreadable.append(pid)
            continue
        read += 1
        for name, value in (
                ("rss", rollup["Rss"]),
                ("pss", rollup["Pss"]),
                ("uss", sum(v for k, v in rollup.items() if k.startswith("Private_"))),
                ("shr", status["RssFile"] + status["RssShmem"]),
                ("pss_anon", rollup["Pss_Anon"]),
                ("pss_file", rollup["Pss_File"]),
                ("pss_shmem", rollup["Pss_Shmem"]),
                ("rss_anon", status["RssAnon"]),
                ("rss_file", status["RssFile"]),
                ("rss_shmem", status["RssShmem"]),
                ("kernel", status["VmPTE"] + KERNEL_STACK * len(os.listdir(f"/proc/{pid}/task"))),
                ("swap", status["VmSwap"]),
                ("swap_pss", rollup["SwapPss"])):
            sums[name] += value
    shared = sum(one["bytes"] for one in objects.values())
    return {
        **sums,
        "processes": read,
        "unreadable": unreadable,
        "unseen": unseen,  # shared mappings whose object could not be read
        "shared": shared,
        "footprint": sums["pss_anon"] + shared + sums["kernel"] + sums["swap_pss"],
        "objects": sorted(objects.values(), key=lambda one: (one["dev"], one["ino"])),
    }


def ready_pids(path):
    """The processes that a workload wrote to its --ready file."""
    with open(path, encoding="ascii") as file:
        ready = json.load(file)
    return ready["pids"] + [ready["parent"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ready", metavar="FILE", help="take the pids a workload wrote to FILE")
    parser.add_argument("pids", metavar="PID", type=int, nargs="*")
    arguments = parser.parse_args()
    pids = list(arguments.pids)
    if arguments.ready:
        pids += ready_pids(arguments.ready)
    if not pids:
        parser.error("a PID or --ready FILE is wanted")
    found = truth(pids)
    print(json.dumps(found))
    return 1 if found["unreadable"] or found["unseen"] else 0


if __name__ == "__main__":
    sys.exit(main())
