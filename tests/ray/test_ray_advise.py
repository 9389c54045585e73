# SPDX-License-Identifier: GPL-2.0-or-later
"""Real Ray: a job that is run again with what raypss advise says gets through, and takes not much more than it needs."""
import os
import re

import pytest

import jobs
import slurm

HERE = os.path.dirname(os.path.abspath(__file__))
RAY_PYTHON = os.environ.get("RAY_PYTHON", "")
RUNS = int(os.environ.get("RAY_ADVISED_RUNS", "2"))

pytestmark = [pytest.mark.plugin,
              pytest.mark.skipif(not RAY_PYTHON, reason="pip could not get Ray"),
              pytest.mark.usefixtures("installed")]


def begin(number, mem, env=None):
    return slurm.start("srun", "-n1", "--nodelist=n1", "-c2", f"--mem={mem}", "--acctg-freq=task=1", "--ray-pss-accounting",
                       RAY_PYTHON, os.path.join(HERE, "programs.py"), "advised", f"{slurm.STATE}/advised-{number}", env=env)


def test_a_job_runs_again_with_what_was_advised():
    running = [begin(0, 3000)]
    try:
        first = running[0].wait(120)
        assert first.rc == 0, first.err
        # What Slurm compares has mapped files, too.
        at_peak = slurm.record(first.job)["peak"]
        peak = at_peak["footprint"] + at_peak["file"]
        advice = jobs.raypss("advise", first.job).out
        mem, store = (int(re.search(rf"^--{word}=(\d+)M?$", advice, re.M)[1]) for word in ("mem", "object-store-memory"))
        assert peak <= mem * slurm.MIB <= 1.3 * peak, advice
        # Ray starts with no store below 75 MiB.
        assert store == 75 * slurm.MIB, advice
        # Two at a time.
        for number in range(1, RUNS + 1):
            running.append(begin(number, mem, {"STORE": str(store)}))
            if number > 1:
                run = running[number - 1].wait(120)
                assert run.rc == 0, (advice, run.err)
        run = running[-1].wait(120)
        assert run.rc == 0, (advice, run.err)
    finally:
        for one in running:
            one.end()
