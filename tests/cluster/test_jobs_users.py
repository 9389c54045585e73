# SPDX-License-Identifier: GPL-2.0-or-later
"""Several users on one node, and what they write in their environment."""
import contextlib
import glob
import os
import subprocess

import pytest

import jobs
import slurm
import workload
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_patient")]
SMALL = ["--processes=2", "--shared=20", "--private=10"]


def readable(user, path):
    run = subprocess.run(["setpriv", f"--reuid={user}", "--regid=nogroup", "--clear-groups", "cat", path],
                         capture_output=True, check=False)
    return run.returncode == 0


def test_neither_can_read_the_others():
    """A user reads live figures and records of own steps only."""
    with contextlib.ExitStack() as stack:
        steps = {user: stack.enter_context(workload.held(["--mem=200", OPTION], SMALL, user=user))
                 for user in ("nobody", "daemon")}
        files = {}
        for user, step in steps.items():
            slurm.record(step.job, running=True)
            files[user] = [f"/run/raypss/{name}" for name in os.listdir("/run/raypss") if name.startswith(step.job)]
            files[user] += glob.glob(f"{slurm.STATE}/spool/*/{step.job}/0.n1.json")
            assert len(files[user]) == 2, os.listdir("/run/raypss")
        for reader in steps:
            for owner in steps:
                assert [readable(reader, path) for path in files[owner]] == [reader == owner] * 2, (reader, owner)
        for step in steps.values():
            assert step.release().rc == 0
    for reader in steps:
        for owner, step in steps.items():
            slurm.record(step.job)
            assert readable(reader, files[owner][1]) == (reader == owner)
            run = jobs.raypss("report", step.job, user=reader)
            assert (run.rc == 0) == (reader == owner), run
            # Without the right to read, the user learns nothing else.
            assert run.rc == 0 or (step.job in run.err and not run.out)


@pytest.mark.parametrize("value", ["interval=abc", "nonsense", "notify=USR1@900%", "x" * 5000, "\x1b[31m\n"])
def test_bad_environment_is_one_warning(value):
    run = slurm.srun("-n1", "--mem=50", "true", env={"SLURM_RAY_PSS_ACCOUNTING": value})
    assert run.rc == 0, run.err
    lines = [line for line in run.err.splitlines() if "SLURM_RAY_PSS_ACCOUNTING" in line]
    assert len(lines) == 1, run.err
    assert "\x1b" not in run.err and len(run.err) < 2000
    assert not slurm.records(run.job)


def test_environment_of_a_batch_job():
    job = slurm.sbatch("srun -n1 true", "-n1", "--mem=50", env={"SLURM_RAY_PSS_ACCOUNTING": "on"}).job
    assert slurm.wait_job(job) == "COMPLETED"
    assert "0" in jobs.entries(job), slurm.job_output(job)
