# SPDX-License-Identifier: GPL-2.0-or-later
"""raypss metrics: the figures of a running step, and totals of the spool when it has ended."""
import os
import re
import subprocess

import pytest

import conftest
import slurm
import workload

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]
RAYPSS = os.path.join(conftest.PREFIX, "bin/raypss")


def metrics():
    run = subprocess.run([RAYPSS, "metrics", "--spool", f"{slurm.STATE}/spool"], capture_output=True, text=True, timeout=30, check=True)
    return dict(line.rsplit(" ", 1) for line in run.stdout.splitlines() if not line.startswith("#"))


def test_a_step_is_there_while_it_runs_and_in_the_totals_afterwards():
    with workload.held(["--mem=1000", "--ray-pss-accounting"], ["--processes=4", "--shared=100", "--private=10"]) as step:
        labels = f'{{job="{step.job}",step="0",user="root",node="n1"}}'

        def seen():
            figures = metrics()
            return int(figures.get(f"raypss_step_footprint_bytes{labels}", 0)) > 140 * slurm.MIB and figures
        figures = slurm.wait_for(seen, 20, "a sample of all of it")
        assert int(figures[f"raypss_step_limit_bytes{labels}"]) == 1000 * slurm.MIB
        for name in ("private", "shared", "kernel", "file", "rss", "store", "peak"):
            assert int(figures[f"raypss_step_{name}_bytes{labels}"]) > 0, name
        assert int(figures[f"raypss_step_rss_bytes{labels}"]) > 2 * int(figures[f"raypss_step_footprint_bytes{labels}"])
        step.release()
    slurm.record(step.job)
    slurm.wait_for(lambda: not any(f'job="{step.job}"' in name for name in metrics()), 20, "the step's figures to go")
    figures = metrics()
    assert int(figures['raypss_spool_jobs{cluster="rig"}']) >= 1
    assert int(figures['raypss_spool_steps{cluster="rig"}']) >= 1
    assert sum(int(value) for name, value in figures.items() if re.match(r"raypss_spool_verdicts", name)) >= 1
    assert figures["raypss_spool_complete"] == "1"
