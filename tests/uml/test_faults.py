# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens to a step's group or to the node's clock while the step runs. The looks go on, and the step ends well."""
import os
import time

import slurm
import workload
import machine
from machine import MIB, OPTION, about

SMALL = ["--processes=1", "--shared=20", "--private=10", "--exit=7"]


def see_looks(job):
    looks = machine.live(job, "sequence")
    slurm.wait_for(lambda: machine.live(job, "sequence") > looks + 2, 20, "further looks")


def user_group(step):
    path = machine.CGROUP + machine.group_of(step.made()["parent"])
    return path[:path.index("/user") + len("/user")]


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def end_well(step, since):
    run = step.release()
    assert run.rc == 7, run.err
    record = slurm.record(run.job)
    assert (record["end"]["how"], record["end"]["code"]) == ("failed", 7)
    assert not [line for line in slurm.our_lines(slurm.slurmd_log(since=since)) if "error: " in line]
    return record


def test_frozen():
    since = slurm.slurmd_log_size()
    with workload.held(["--mem=100", OPTION], SMALL) as step:
        group = user_group(step)
        write(f"{group}/cgroup.freeze", "1")
        slurm.wait_for(lambda: "frozen 1" in open(f"{group}/cgroup.events", encoding="ascii").read(), 10, "the freeze")
        try:
            see_looks(step.job)
        finally:
            write(f"{group}/cgroup.freeze", "0")
        record = end_well(step, since)
    assert record["peak"]["shared"] == about(20)


def test_clock_set_back():
    """By less than munge accepts of other clocks."""
    since = slurm.slurmd_log_size()
    with workload.held(["--mem=100", OPTION], SMALL) as step:
        see_looks(step.job)
        began = time.time()
        time.clock_settime(time.CLOCK_REALTIME, began - 120)
        try:
            see_looks(step.job)
            record = end_well(step, since)
        finally:
            time.clock_settime(time.CLOCK_REALTIME, time.time() + 120)
    assert 0 < record["elapsed"] < 60 and record["end"]["at"] < began
    assert record["peak"]["shared"] == about(20)


def test_group_removed():
    """Its processes are moved away first, as a careless administrator or a container manager does."""
    other = f"{machine.CGROUP}/elsewhere"
    with workload.held(["--mem=100", OPTION], SMALL) as step:
        see_looks(step.job)
        group = user_group(step)
        os.mkdir(other)
        for path, _, _ in os.walk(group, topdown=False):
            with open(f"{path}/cgroup.procs", encoding="ascii") as file:
                for pid in file.read().split():
                    write(f"{other}/cgroup.procs", pid)
            os.rmdir(path)
        run = step.release()
        record = slurm.record(run.job)
    os.rmdir(other)
    assert run.rc == 7, run.err
    assert record["end"]["how"] == "failed"
    assert record["peak"]["footprint"] > 30 * MIB
