# SPDX-License-Identifier: GPL-2.0-or-later
"""The spool on NFS, where root of the nodes is nobody, and with a server that does not answer."""
import os
import subprocess

import pytest

import conftest
import nfs
import slurm
import workload
import machine
from machine import OPTION, about

# The kernels of later releases do the same.
pytestmark = pytest.mark.skipif(machine.release() > (22, 5), reason="one kernel is enough")

SMALL = ["--processes=1", "--shared=20", "--private=10", "--exit=7"]
# slurm.record() looks below every directory of that name.
EXPORT, MOUNT = "/var/tmp/export", f"{slurm.STATE}/spool-nfs"
DEADLINE_SECONDS = 3
OURS = ("raypssd", "raypss-guardian", "raypss-writer")


@pytest.fixture(scope="module")
def mount():
    for path in EXPORT, MOUNT:
        os.makedirs(path, exist_ok=True)
    with nfs.mounted(EXPORT, MOUNT):
        yield


@pytest.fixture(scope="module")
def open_mount(mount):
    """The mount once the server lets clients open files."""
    make("opened", nfs.NOBODY)
    subprocess.run(["touch", f"{MOUNT}/opened/file"], check=True, timeout=30)


def make(name, owner):
    path = f"{EXPORT}/{name}"
    os.mkdir(path)
    os.chmod(path, 0o711)
    os.chown(path, owner, owner)


def end_step(spool, owner):
    """Runs a step with a new spool. How it ended, the lines in slurmd's log, and seconds until srun had ended."""
    make(spool, owner)
    since = slurm.slurmd_log_size()
    line = f"optional {conftest.cluster.PLUGIN} spool={MOUNT}/{spool} interval=100ms deadline={DEADLINE_SECONDS}s"
    with slurm.plugstack(line):
        with workload.held(["--mem=100", OPTION], SMALL) as step:
            run = step.seen_for(0.5).release()
            seconds = step.running.ended - step.released
        slurm.wait_for(lambda: not slurm.processes_named("slurmstepd"), 10, "slurmstepd to end")
    return run, slurm.our_lines(slurm.slurmd_log(since=since)), seconds


def ours():
    return [process for process in slurm.processes() if process.name in OURS]


def see_one_peak(run):
    assert run.rc == 7, run.err
    told = slurm.our_lines(run.err)
    assert len([line for line in told if ": peak " in line]) == 1, run.err
    return [line for line in told if ": peak " not in line]


def test_server_that_does_not_answer(mount):
    """First, because the server lets nobody open a file meanwhile anyway."""
    with nfs.silent():
        run, logged, seconds = end_step("silent", nfs.NOBODY)
        # Each of them waits for the server until the kernel kills it.
        slurm.wait_for(lambda: not ours(), 10, lambda: f"processes to be gone: {ours()}")
    assert seconds < DEADLINE_SECONDS + 1
    told = see_one_peak(run)
    assert told == [f"ray_pss: {MOUNT}/silent did not answer: no record yet"], run.err
    assert [line for line in logged if "error: " in line and "the record with its last sample is still being written" in line]


def test_root_may_not_write(open_mount):
    run, logged, _ = end_step("of-root", 0)
    reason = f"cannot write the record in {MOUNT}/of-root: Permission denied"
    assert see_one_peak(run) == [f"ray_pss: {reason}"], run.err
    assert len([line for line in logged if f"error: ray_pss: {reason}" in line]) == 1, logged
    assert not os.listdir(f"{EXPORT}/of-root")


def test_spool_that_belongs_to_nobody(open_mount):
    """Root may not make a directory beside it, either."""
    run, logged, _ = end_step("of-nobody", nfs.NOBODY)
    assert not see_one_peak(run)
    assert not [line for line in logged if "error: " in line]
    record = slurm.record(run.job)
    assert record["end"]["how"] == "failed" and record["peak"]["shared"] == about(20)
