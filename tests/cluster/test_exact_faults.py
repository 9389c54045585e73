# SPDX-License-Identifier: GPL-2.0-or-later
"""maxrss=exact while raypssd dies or stands still, and with many steps: no step is killed falsely, no slurmstepd is lost."""
import contextlib
import os
import random
import re
import signal
import subprocess
import time

import pytest

import exact
import slurm
import stalls
import workload
from exact import EXACT
from slurm import MIB

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]
# Below its limit by its footprint, far above by the sum of RSS: OverMemoryKill would kill it at each poll.
SHARED = ["--processes=8", "--shared=150", "--private=10"]
LIMIT, FOOTPRINT = "--mem=400", 232 * MIB
STEPS = int(os.environ.get("EXACT_STEPS", "200"))
PARALLEL = 10


def pids(*names):
    return [process.pid for name in names for process in slurm.processes_named(name) if process.state != "Z"]


def hit(number, *names):
    for pid in pids(*names):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_hit_at_any_moment(number):
    """Thirty times each, a few times per step: the guardian starts raypssd anew, until it gives up."""
    moments = random.Random(int(number))
    for _ in range(5):
        with workload.held([LIMIT, EXACT], SHARED) as step:
            slurm.wait_for(lambda: slurm.records(step.job), 10, "the first look")
            for _ in range(6):
                end = time.monotonic() + moments.uniform(0, 0.7)
                slurm.wait_for(lambda: time.monotonic() > end, 2, "a moment")
                hit(number, "raypssd")
            run = step.seen_for(2.5).release()
        assert run.rc == 0, run.err
        record, seen = exact.check_peak(run.job)
        assert record["end"]["how"] == "completed" and record["oom"]["verdict"] == "rss-only"
        assert seen["max"] == pytest.approx(FOOTPRINT, rel=0.02)


def test_killed_once_is_started_anew_within_a_second():
    with workload.held([LIMIT, EXACT], SHARED) as step:
        slurm.wait_for(lambda: slurm.records(step.job), 10, "the first look")
        before = pids("raypssd")
        begin = time.monotonic()
        hit(signal.SIGKILL, "raypssd")
        slurm.wait_for(lambda: [pid for pid in pids("raypssd") if pid not in before], 20, "a new raypssd")
        assert stalls.seconds(begin, time.monotonic()) < 1
        run = step.seen_for(1).release()
    assert run.rc == 0, run.err
    record, _ = exact.check_peak(run.job)
    assert record["peak"]["footprint"] == pytest.approx(FOOTPRINT, rel=0.02)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_nobody_is_killed_while_nothing_is_known(number):
    """The guardian goes first. Growth after that is not seen, and Slurm's sum does not count."""
    before = slurm.slurmd_log_size()
    with workload.held([LIMIT, EXACT], SHARED) as step:
        slurm.wait_for(lambda: slurm.records(step.job), 10, "the first look")
        hit(number, "raypss-guardian", "raypssd")
        slurm.wait_for(lambda: exact.lines(before), 20, "a line about OverMemoryKill")
        run = step.seen_for(2).release()
    assert run.rc == 0, run.err
    exact.check_peak(run.job)
    told = exact.lines(before)
    assert len(told) == 1 and "OverMemoryKill does not act" in told[0], told


def launch(job, number):
    """A step of one of four kinds, and the statuses that it may end with."""
    kinds = [(["true"], {0}), (["false"], {1}), (["/nonexistent"], {2}), (["sleep", "60"], None)]
    command, allowed = kinds[number % len(kinds)]
    step = slurm.start("srun", f"--jobid={job}", "-n1", "--mem=10", "--overlap", EXACT, *command, job=job)
    return step, allowed


def test_many_steps():
    """Parallel steps that end well, fail, cannot be launched or are cancelled."""
    before, lost = slurm.slurmd_log_size(), []
    with slurm.allocation("-N1", "-n32", "--mem=8000") as job:
        for first in range(0, STEPS, PARALLEL):
            running = [launch(job, number) for number in range(first, min(first + PARALLEL, STEPS))]
            for step, allowed in running:
                if allowed is None:
                    slurm.wait_for(lambda: re.search("launching|StepId", step.stderr()) or pids("sleep"), 10, "a step")
                    step.process.send_signal(signal.SIGTERM)
                rc = step.wait(60).rc
                if allowed and rc not in allowed:
                    lost.append((step.name, rc, step.stderr()))
        subprocess.run(["scancel", job], check=True)
    assert not lost
    log = slurm.slurmd_log(since=before)
    assert not re.search(r"segfault|core dump|slurmstepd.*(?:died|signal 11|Abort)|assert", log), log[-3000:]
    slurm.wait_for(lambda: not pids("slurmstepd", "raypssd", "raypss-guardian"), 30, "all steps to be over")
    records = slurm.records(job)
    # A step that is cancelled before it begins has none.
    assert len(records) > 0.7 * STEPS
    assert {record["corrected"] for record in records} == {"exact"}
