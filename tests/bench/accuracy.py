# SPDX-License-Identifier: GPL-2.0-or-later
"""For every kind of sharing: compares the accountant's figures with what is known beforehand and with the kernel's PSS."""
import json
import os
import subprocess

import measure

MOST = 0.01
PROCESSES, STORE, PRIVATE = 8, 64, 32

SHAPES = {
    "exec'ed": [],
    "forked, heap in common": ["--no-exec", "--heap", "64"],
    "forked, a quarter written": ["--no-exec", "--heap", "64", "--heap-write", "16"],
    "a quarter of it touched": ["--touch", "25"],
    "a hole punched": ["--punch", "24"],
    "memfd": ["--kind", "memfd"],
    "SysV": ["--kind", "sysv"],
    "shared without a name": ["--kind", "anon"],
    "unmapped, one descriptor": ["--unmap"],
}
# A file in /dev/shm that no process maps or has open leaves no trace in /proc.
CGROUP_ONLY = "closed by everybody"


def part(value, of):
    return value / of - 1


def shape(build, more):
    """Errors of the accountant against Pss_Anon, VmPTE with kernel stacks, and the workload's sizes; and the error of PSS."""
    with measure.workload(build, PROCESSES + 1, STORE, PRIVATE, *more) as ready:
        b = json.loads(subprocess.run([f"{build}/tests/bench/bench", "--sums", ready], check=True,
                                      capture_output=True).stdout)
    return {"private against Pss_Anon": part(b["private"], b["pss_anon"]),
            "private against the known": part(b["private"], b["known_private"]),
            "shared": part(b["shared"], b["known_shared"]),
            "kernel against VmPTE and stacks": part(b["kernel"], b["kernel_known"]),
            "pss": part(b["pss"], b["known_private"] + b["known_shared"])}


def measure_all(build):
    return {name: shape(build, more) for name, more in SHAPES.items()}


def show(rows):
    columns = ("private against Pss_Anon", "private against the known", "shared", "kernel against VmPTE and stacks", "pss")
    print(f"\nError with {PROCESSES} readers, {STORE} MiB shared and {PRIVATE} MiB private each; pss beside it\n{'':28}" +
          "".join(f"{text:>11}" for text in ("Pss_Anon", "private", "shared", "kernel", "pss")))
    for name, row in rows.items():
        print(f"{name:28}" + "".join(f"{row[c]:+11.2%}" for c in columns))
    print(f"{CGROUP_ONLY:28}{'':22}cgroup only")


def checks(rows, one):
    """The worst kind of sharing for each figure."""
    for what in next(iter(rows.values())):
        worst = max(rows, key=lambda name: abs(rows[name][what]))
        if what != "pss":
            yield one(f"error of {what}, worst: {worst}", abs(rows[worst][what]), MOST)
