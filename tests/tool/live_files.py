# SPDX-License-Identifier: GPL-2.0-or-later
"""Live figures as raypssd writes them, and a /run/raypss with them that only one command sees."""
import os
import pwd
import re
import shlex
import struct

RAYPSS = os.path.join(os.environ["RAYPSS_PREFIX"], "bin/raypss")
GIB = 1 << 30
FIGURES = {"elapsed_ms": 5000, "limit": 4 * GIB, "footprint": 3 * GIB, "private": GIB, "shared": 2 * GIB, "kernel": 1000, "swap": 0,
           "file": 77, "locked": 0, "hugetlb": 0, "rss": 9 * GIB, "store": 2 * GIB, "fallback": 0, "processes": 8, "peak": 3 * GIB + 5}
STEP = 'job="65",step="0",user="nobody",node="n1"'


def live_text(sequence=1, **other):
    figures = {"sequence": sequence, **FIGURES, **other}
    lines = [f"{key} {'-' if value is None else value:>20}" for key, value in figures.items()]
    return "\n".join([*lines, f"sequence {sequence:>20}", ""])


def acl(uid):
    """u::rw-,u:UID:r--,g::---,m::r--,o::--- as the kernel stores it (linux/posix_acl_xattr.h)."""
    none = 0xffffffff
    entries = [(0x01, 6, none), (0x02, 4, uid), (0x04, 0, none), (0x10, 4, none), (0x20, 0, none)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def write(folder, name, text):
    """A live file that the user nobody may read."""
    path = folder / name
    path.write_text(text, encoding="ascii")
    path.chmod(0o600)
    os.setxattr(path, "system.posix_acl_access", acl(pwd.getpwnam("nobody").pw_uid))


def command(folder, *arguments, before=""):
    """A command of raypss for which folder is /run/raypss. before: shell commands in its mount namespace."""
    script = f"mkdir -p /run/raypss; mount --bind {folder} /run/raypss; {before}\nexec {shlex.join([RAYPSS, *arguments])}"
    return ["unshare", "-m", "sh", "-ec", script]


def samples(text):
    """{(name, labels): value}"""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? ([\d.e+-]+)", line).groups()
            assert (name, labels) not in found, line
            found[name, labels] = float(value)
    return found
