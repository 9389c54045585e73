# SPDX-License-Identifier: GPL-2.0-or-later
"""What is known about a step without the plugin: the kernel's own files and Slurm's own figures. And live figures."""
import contextlib
import os
import re
import time
from collections import namedtuple

import pytest

import slurm

CGROUP = "/sys/fs/cgroup"
MIB = slurm.MIB
OPTION = "--ray-pss-accounting"


def live(job, key):
    """A live figure of the job's step 0; 0 if there is none."""
    with contextlib.suppress(OSError, TypeError), open(f"/run/raypss/{job}.0.n1", encoding="ascii") as file:
        return int(re.search(rf"^{key} +(\d+)", file.read(), re.M)[1])
    return 0


def release():
    """The release of Slurm, as (24, 11)."""
    return tuple(map(int, re.search(r"(\d+)\.(\d+)", slurm.query("slurmctld", "-V")).groups()))


def about(mib, also=0):
    """So many MiB (and bytes), within 2 % or 4 MiB, for the processes themselves and the kernel's part."""
    size = mib * MIB + also
    return pytest.approx(size, abs=max(size * 0.02, 4 * MIB))


def step_groups():
    """Directories of steps and jobs in all hierarchies, whatever the release calls them."""
    found = []
    for path, directories, _ in os.walk(CGROUP):
        if os.path.basename(path).startswith("step_"):
            found += [path, os.path.dirname(path)]
            directories.clear()
        elif os.path.basename(path).startswith("job_"):
            found.append(path)
    return sorted(set(found))


def group_of(pid, controller=""):
    """The cgroup of a process: in v2, or of a v1 controller."""
    with open(f"/proc/{pid}/cgroup", encoding="utf-8") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            if controller in controllers.split(","):
                return path
    return None


def number(path):
    """The content of a file; None if there is no file."""
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read())
    except FileNotFoundError:
        return None


def memory_stat(path):
    with open(f"{path}/memory.stat", encoding="ascii") as file:
        return {key: int(value) for key, value in (line.split() for line in file)}


def kernel_truth(pid):
    """The parts of the footprint as the kernel charged them to the step of the process."""
    path = CGROUP + re.match(r".*/step_[^/]*/user|.*/step_[^/]*", group_of(pid))[0]
    stat = memory_stat(path)
    return {"private": stat["anon"], "shared": stat["shmem"], "file": stat["file"] - stat["shmem"],
            "kernel": stat["kernel"] - stat["slab_reclaimable"],
            **{name: number(f"{path}/{name}") for name in ("memory.peak", "memory.swap.current", "memory.swap.peak")}}


def polled(job, *fields, step=0):
    """Slurm's figures of a running step, after a poll; empty words if there is none yet."""
    out = slurm.query("sstat", "-n", "-P", "--noconvert", "-j", f"{job}.{step}", "-o", ",".join(fields), check=False).strip()
    return out.split("|") if out else [""] * len(fields)


def maxrss(job, step=0):
    """Slurm's MaxRSS of a running step, after a poll."""
    return slurm.wait_for(lambda: slurm.size(polled(job, "MaxRSS", step=step)[0]), 20, f"sstat of {job}.{step}")


def check_sum(peak):
    assert peak["footprint"] == peak["private"] + peak["shared"] + peak["kernel"] + (peak["swap"] or 0)


Kill = namedtuple("Kill", "pid name everywhere")


def mark_kernel_log():
    """Writes a unique word to the kernel log and returns the word."""
    word = f"raypss-mark-{time.monotonic_ns()}"
    with open("/dev/kmsg", "w", encoding="ascii") as file:
        file.write(word)
    return word


def kernel_kills(mark):
    """OOM kills in the kernel log since the mark. everywhere: kills because the whole machine had no memory left."""
    found = re.findall(r"oom-kill:constraint=(\w+),.*task=([^,]*),pid=(\d+)", slurm.query("dmesg").split(mark)[1])
    return [Kill(int(pid), name, constraint == "CONSTRAINT_NONE") for constraint, name, pid in found]
