# SPDX-License-Identifier: GPL-2.0-or-later
"""raypssd and its helpers are killed or stopped at random moments of short steps. No step fails or comes late for that."""
import contextlib
import os
import random
import signal
import threading
import time

import pytest

import jobs
import slurm
import stalls
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]
OURS = ("raypssd", "raypss-guardian", "raypss-writer", "raypss-publish")
SECONDS = 0.4
# RAYPSS_MOMENTS=300 tries so many.
TRIES = int(os.environ.get("RAYPSS_MOMENTS", "12"))


def hit_at_random(numbers, over, hits):
    """Until over is set: signals one of our processes, now and then."""
    while not over.is_set():
        time.sleep(numbers.uniform(0, SECONDS / 2))
        found = [process for process in slurm.processes() if process.name in OURS and process.state != "Z"]
        if found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(numbers.choice(found).pid, numbers.choice([signal.SIGKILL, signal.SIGSTOP]))
                hits.append(1)


def test_hit_at_random_moments():
    numbers, over, hits = random.Random(20260101), threading.Event(), []
    usual = [time_of("--mem=50") for _ in range(2)]
    hitter = threading.Thread(target=hit_at_random, args=(numbers, over, hits))
    hitter.start()
    try:
        took = [time_of("--mem=50", OPTION) for _ in range(TRIES)]
    finally:
        over.set()
        hitter.join()
    assert len(hits) >= TRIES / 2
    usual += [time_of("--mem=50") for _ in range(2)]
    # Each start and each end may wait for the deadline and the writing of the record.
    late = sorted(round(seconds - max(usual), 2) for seconds in took)
    assert late[-1] < jobs.DELAY + 0.5, late
    slurm.wait_for(lambda: not [p for p in slurm.processes() if p.name in OURS], 10, "all of ours to be gone")


def time_of(*options):
    begin = time.monotonic()
    run = slurm.srun("-n1", *options, "sleep", str(SECONDS))
    assert run.rc == 0, run.err
    return stalls.seconds(begin, time.monotonic())
