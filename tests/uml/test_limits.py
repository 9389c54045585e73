# SPDX-License-Identifier: GPL-2.0-or-later
"""What a program with the option word limits finds in /sys/fs/cgroup, where the kernel has cgroup v2."""
import sys

import slurm
from machine import MIB, OPTION, about

LIMIT, FILL = 96, 32  # MiB

# Says the limit, how the usage grew with memory of that many MiB, and whether the directory is one of the kernel's.
LOOK = """
import os, sys, time
def number(name):
    with open("/sys/fs/cgroup/" + name) as file:
        return int(file.read())
fill = int(sys.argv[1]) << 20
def own():
    with open("/proc/self/status") as file:
        return sum(int(line.split()[1]) << 10 for line in file if line.startswith("RssAnon"))
end = time.monotonic() + 30
# Files that raypssd keeps say 0 before its first sample, and what this program had then until the next one.
while number("memory.current") < own() and time.monotonic() < end:
    time.sleep(0.05)
before = number("memory.current")
memory = bytearray(fill)
for at in range(0, fill, 4096):
    memory[at] = 1
while number("memory.current") < before + 0.9 * fill and time.monotonic() < end:
    time.sleep(0.05)
with open("/sys/fs/cgroup/memory.stat") as file:
    stat = dict(line.split() for line in file)
print(number("memory.max"), number("memory.current") - before, stat["anon"], os.path.exists("/sys/fs/cgroup/cgroup.procs"))
"""


def constrained():
    """Whether Slurm gives the step's own cgroup the limit."""
    config = slurm.query("scontrol", "show", "config")
    return any(line.split("=")[0].strip() == "TaskPlugin" and "task/cgroup" in line for line in config.splitlines())


def test_a_program_sees_the_limit_and_usage_of_its_step():
    run = slurm.srun("-n1", f"--mem={LIMIT}", f"{OPTION}=limits", sys.executable, "-c", LOOK, FILL)
    assert run.rc == 0, run.err
    limit, grown, anon, of_kernel = run.out.split()
    assert int(limit) == LIMIT * MIB
    assert int(grown) == about(FILL)
    assert int(anon) >= 0.9 * FILL * MIB
    # The kernel's own group where that has the limit, else the files that raypssd keeps.
    assert of_kernel == str(constrained())


def test_a_program_without_the_word_sees_the_node_s():
    run = slurm.srun("-n1", f"--mem={LIMIT}", OPTION, "ls", "/sys/fs/cgroup")
    assert run.rc == 0, run.err
    assert "cgroup.controllers" in run.out.split() and "memory.max" not in run.out.split()
