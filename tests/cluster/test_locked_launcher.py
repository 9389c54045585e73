# SPDX-License-Identifier: GPL-2.0-or-later
"""A slurmstepd that locks its memory: each task is a copy of it, with all its memory, until the task's program runs."""
import re

import pytest

import slurm

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]
TASKS = 16


def launcher_has_locked():
    """Whether a slurmstepd holds as much memory as would show in the footprint."""
    for pid in (process.pid for process in slurm.processes_named("slurmstepd")):
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            if int(re.search(r"VmLck:\s*(\d+) kB", file.read())[1]) > 8 << 10:
                return True
    return False


def test_copies_of_slurmstepd_are_not_the_steps():
    step = slurm.start("srun", f"-n{TASKS}", "--mem=300", "--ray-pss-accounting=notify=TERM@20%", "sleep", "2")
    slurm.wait_for(launcher_has_locked, 20, "the locked memory of slurmstepd")
    run = step.wait()
    assert run.rc == 0, run.err
    record = slurm.record(run.job)
    assert record["peak"]["footprint"] < 20 * slurm.MIB, record["peak"]
    assert record["rss_max"] < TASKS * 4 * slurm.MIB
    assert record["oom"]["verdict"] == "none"
    assert record["end"]["how"] == "completed"
