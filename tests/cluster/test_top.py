# SPDX-License-Identifier: GPL-2.0-or-later
"""raypss top beside a running step: the live file's figures, and the processes of the record that raypssd wrote at first."""
import json
import subprocess

import pytest

import jobs
import slurm
import workload

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]


def top(*arguments, user=None):
    line = [jobs.RAYPSS, "top", *map(str, arguments)]
    if user:
        line = ["setpriv", f"--reuid={user}", "--clear-groups", *line]
    return subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)


def test_a_step_while_it_runs_and_nothing_afterwards():
    spool = ("--spool", f"{slurm.STATE}/spool")
    with workload.held(["--mem=1000", "--ray-pss-accounting"], ["--processes=4", "--shared=100", "--private=10"]) as step:
        def seen():
            run = top("--json", *spool, f"{step.job}.0")
            views = json.loads(run.stdout) if run.returncode == 0 else []
            return views and views[0]["footprint"] > 140 * slurm.MIB and views[0]["top"] and views[0]
        view = slurm.wait_for(seen, 20, "a sample of all of it, and a record")
        assert (view["step"], view["node"], view["user"], view["limit"]) == ("0", "n1", "root", 1000 * slurm.MIB)
        assert view["processes"] >= 5 and view["level"] in range(4)
        assert view["lists_at"] > 0 and {one["role"] for one in view["top"]} == {"other"}
        text = top("--once", *spool, step.job).stdout
        assert text.startswith(f"Step {step.job}.0 on n1, user root, for ") and "by the record of" in text
        refused = top("--once", *spool, step.job, user=65534)
        assert refused.returncode == 1 and not refused.stdout
        # From another node, inside the job.
        inside = slurm.srun(f"--jobid={step.job}", "--overlap", jobs.RAYPSS, "top", "--once", *spool, f"{step.job}.0", job=step.job)
        assert inside.out.startswith(f"Step {step.job}.0 on n1")
        step.release()
    slurm.record(step.job)

    def gone():
        return top("--once", f"{step.job}.0").returncode == 1
    slurm.wait_for(gone, 20, "the step's figures to go")
    assert f"no accounted step of job {step.job} runs on this node" in top("--once", step.job).stderr
