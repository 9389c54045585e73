# SPDX-License-Identifier: GPL-2.0-or-later
"""What steps share, and what they leave behind."""
import os
import signal
import sys

import pytest

import machine
import slurm
import workload
from machine import OPTION, about

SMALL = ["--processes=2", "--shared=16", "--private=8"]

# Maps a file that another process has open, reads it, and stays until the file "until" exists.
ATTACH = """
import mmap, os, sys, time
holder, ready, until = sys.argv[1:]
for name in os.listdir(f"/proc/{holder}/fd"):
    if "plasma" in os.readlink(f"/proc/{holder}/fd/{name}"):
        file = os.open(f"/proc/{holder}/fd/{name}", os.O_RDWR)
store = mmap.mmap(file, os.fstat(file).st_size)
sum(store[::4096])
open(ready, "w").close()
while not os.path.exists(until):
    time.sleep(0.1)
"""


def test_two_steps_share_a_store():
    ready, until = (f"{slurm.OUTPUT}/attached.{name}" for name in ("ready", "until"))
    with slurm.allocation("-n2", "--mem=400") as job:
        common = [f"--jobid={job}", "--overlap", "--mem=200", OPTION]
        with workload.held(common, ["--processes=1", "--shared=32", "--private=8"], job=job) as maker:
            reader = slurm.start("srun", "-n1", *common, sys.executable, "-c", ATTACH, maker.made()["parent"], ready,
                                 until, job=job)
            try:
                slurm.wait_for(lambda: os.path.exists(ready), 30, "the second step to read the store")
                # What raypssd sees in the reader costs no memory of the reader's group, so it comes with the next look at all
                # processes, which is once a second.
                maker.in_place().seen_for(1.5)
                with open(until, "w", encoding="ascii"):
                    pass
                assert reader.wait().rc == 0
            finally:
                reader.end()
            assert maker.release().rc == 0
    made, read = slurm.record(job, 0), slurm.record(job, 1)
    # The kernel charges a page to the step that touched it first.
    assert made["peak"]["shared"] == about(32)
    assert read["peak"]["shared"] == about(0)
    objects = [{(one["dev"], one["ino"]): one["bytes"] for one in record["objects"]} for record in (made, read)]
    assert objects[0] and objects[0] == objects[1]
    assert sum(objects[0].values()) == about(32)


@pytest.mark.parametrize("name", ["slurmctld", "raypssd", "raypss-publish"])
def test_no_group_is_left_behind(name):
    """A daemon is stopped while a step ends: slurmctld until the record is there, ours for good. No group may be left."""
    before = machine.step_groups()
    with workload.held(["--mem=200", OPTION], SMALL) as step:
        step.seen_for(0.5)
        job = step.job
        stopped = [process.pid for process in slurm.processes_named(name)]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            step.let_go()
            record = slurm.record(job, deadline=30)
        finally:
            if name == "slurmctld":
                for pid in stopped:
                    os.kill(pid, signal.SIGCONT)
        run = step.running.wait()
    assert stopped and run.rc == 0, run.err
    assert record["peak"]["footprint"] == about(32)
    assert record["oom"]["verdict"] == "none"
    slurm.wait_for(lambda: machine.step_groups() == before, 20, lambda: f"{machine.step_groups()} to be gone")
    for pid in stopped:
        if name != "slurmctld" and os.path.exists(f"/proc/{pid}"):
            os.kill(pid, signal.SIGKILL)
