# SPDX-License-Identifier: GPL-2.0-or-later
"""A node on which something is wrong. The step ends as without the plugin, and one line in slurmd's log says what is wrong."""
import contextlib
import os
import resource
import subprocess
from collections import namedtuple

import pytest

import daemons
import jobs
import slurm
import workload
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_timed")]
SPOOL = f"{slurm.STATE}/spool"
SMALL = ["--processes=2", "--shared=20", "--private=10", "--exit=7"]


def command(*line):
    subprocess.run(line, check=True)


@contextlib.contextmanager
def mounted(*options):
    command("mount", "-t", "tmpfs", *options, "none", SPOOL)
    try:
        yield
    finally:
        # raypssd may still tidy the spool.
        command("umount", "--lazy", SPOOL)


@contextlib.contextmanager
def full_spool():
    with mounted("-o", "size=4k,mode=755"):
        with contextlib.suppress(OSError), open(f"{SPOOL}/filler", "wb", buffering=0) as file:
            file.write(bytes(8192))
        yield


@contextlib.contextmanager
def spool_of_another_user():
    with mounted("-o", "uid=65534,mode=700"):
        yield


@contextlib.contextmanager
def spool_that_is_a_file():
    path = f"{slurm.STATE}/no-directory"
    with open(path, "w", encoding="ascii"):
        pass
    os.rename(SPOOL, SPOOL + ".away")
    os.rename(path, SPOOL)
    try:
        yield
    finally:
        os.unlink(SPOOL)
        os.rename(SPOOL + ".away", SPOOL)


@contextlib.contextmanager
def full_run():
    """The rig has a /run of its own. host.json is there from an earlier step."""
    if not os.path.exists("/run/raypss/host.json"):
        slurm.srun("-n1", "--mem=50", OPTION, "true")
    used = os.statvfs("/run")
    command("mount", "-o", f"remount,size={(used.f_blocks - used.f_bfree + 8) * used.f_frsize}", "/run")
    with contextlib.suppress(OSError), open("/run/filler", "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        os.unlink("/run/filler")
        command("mount", "-o", "remount,size=50%", "/run")


@contextlib.contextmanager
def hidden_processes():
    command("mount", "-o", "remount,hidepid=2", "/proc")
    try:
        yield
    finally:
        command("mount", "-o", "remount,hidepid=0", "/proc")


@contextlib.contextmanager
def few_descriptors():
    """slurmd's limit is that of slurmstepd and raypssd. Only a new slurmd has the usual one again."""
    pid = min(process.pid for process in slurm.processes_named("slurmd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (80, 80))
    try:
        yield
    finally:
        with daemons.gone("slurmd"):
            pass


# told: a part of the one line in slurmd's log, None: there is none. kept: whether there is a record
Fault = namedtuple("Fault", "how told kept options", defaults=([],))
FAULTS = {
    "the spool is full": Fault(full_spool, "No space left on device", False),
    "the spool is read-only": Fault(lambda: mounted("-o", "ro"), "Read-only file system", False),
    "the spool is no directory": Fault(spool_that_is_a_file, "Not a directory", False),
    "the spool belongs to another user": Fault(spool_of_another_user, None, True),
    "/run is full": Fault(full_run, "no live figures: No space left on device", True),
    "/proc hides processes": Fault(hidden_processes, None, True),
    "few descriptors": Fault(few_descriptors, None, True, ["--processes=100", "--private=1"]),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_fault(fault):
    before = slurm.slurmd_log_size()
    with fault.how():
        with workload.held(["--mem=400", OPTION], [*SMALL, *fault.options]) as step:
            truth = step.seen_for(0.5).truth()
            run = step.release()
        record = slurm.record(run.job) if fault.kept else None
        seconds = daemons.hooks_seconds(run.job)
    assert run.rc == 7, run.err
    assert seconds < jobs.DELAY
    told = [line for line in slurm.our_lines(slurm.slurmd_log(since=before)) if "error: " in line]
    assert len(told) == (fault.told is not None), told
    assert not told or fault.told in told[0]
    # The line for the user and the figures in sacct need none of what is missing.
    assert len([line for line in slurm.our_lines(run.err) if ": peak " in line]) == 1, run.err
    jobs.wait_reported(run.job, {"0": (1, 1)})
    if record:
        assert (record["end"]["how"], record["end"]["code"]) == ("failed", 7)
        assert record["peak"]["shared"] == pytest.approx(truth["shared"], rel=0.02)
        assert record["peak"]["private"] == pytest.approx(truth["pss_anon"], rel=0.05)


def test_suspended_job():
    """Its processes stand still, and raypssd goes on."""
    with workload.held(["--mem=200", OPTION], SMALL) as step:
        subprocess.run(["scontrol", "suspend", step.job], check=True)
        stores = [process.pid for process in slurm.processes_named("store")]
        slurm.wait_for(lambda: {p.state for p in slurm.processes() if p.pid in stores} == {"T"}, 10, "all to be stopped")
        looks = jobs.live(f"{step.job}.")["sequence"]
        slurm.wait_for(lambda: jobs.live(f"{step.job}.").get("sequence", 0) > looks + 3, 10, "looks at a suspended step")
        subprocess.run(["scontrol", "resume", step.job], check=True)
        run = step.release()
    assert run.rc == 7, run.err
    assert daemons.hooks_seconds(run.job) < jobs.DELAY
    record = slurm.record(run.job)
    assert record["end"]["how"] == "failed" and record["peak"]["shared"] == pytest.approx(20 * slurm.MIB, rel=0.02)
