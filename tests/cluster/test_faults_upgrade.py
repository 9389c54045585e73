# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin and raypssd are replaced while steps run, as a package manager does: a new file takes the name of the old one."""
import contextlib
import os
import signal
import subprocess

import pytest

import conftest
import daemons
import jobs
import slurm
import workload
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_timed_patient")]
SMALL = ["--processes=2", "--shared=20", "--private=10"]
RAYPSSD = os.path.join(conftest.PREFIX, "libexec/raypss/raypssd")


def test_raypssd_refuses_what_is_not_of_its_build():
    """Its descriptors 3 and 4 are no socket and no block."""
    run = subprocess.run(["sh", "-c", f"exec {RAYPSSD} 3</dev/null 4</dev/null"], capture_output=True, text=True, check=False)
    assert run.returncode == 1 and "same build" in run.stderr


@contextlib.contextmanager
def replaced(path, text):
    """For a while another file has the name. Those who opened the old file keep it. Other rigs do not see the mount."""
    other = f"{slurm.STATE}/{os.path.basename(path)}.other"
    with open(other, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(other, 0o755)
    subprocess.run(["mount", "--bind", other, path], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", path], check=True)


OTHER_BUILD = "#!/bin/sh\nexit 1\n"


def end_well(step):
    run = step.release()
    assert run.rc == 0, run.err
    assert daemons.hooks_seconds(run.job) < jobs.DELAY
    record = slurm.record(run.job)
    assert record["end"]["how"] == "completed"
    assert record["peak"]["shared"] == pytest.approx(20 * slurm.MIB, rel=0.02)
    jobs.wait_reported(run.job, {"0": (1, 1)})


@pytest.mark.parametrize("path, text", [(RAYPSSD, OTHER_BUILD), (conftest.PLUGIN, "no object")],
                         ids=["raypssd first", "ray_pss.so first"])
def test_replaced_while_a_step_runs(path, text):
    before = slurm.slurmd_log_size()
    with workload.held(["--mem=200", OPTION], SMALL) as step:
        step.seen_for(0.3)
        with replaced(path, text):
            end_well(step)
    assert not [line for line in slurm.our_lines(slurm.slurmd_log(since=before)) if "error: " in line]


def test_replaced_and_killed_while_a_step_runs():
    """The guardian starts the raypssd that runs anew, not the file that has its name now."""
    with workload.held(["--mem=200", OPTION], SMALL) as step:
        step.seen_for(0.3)
        with replaced(RAYPSSD, OTHER_BUILD):
            for process in slurm.wait_for(lambda: slurm.processes_named("raypssd"), 20, "raypssd"):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
            end_well(step)


def test_step_that_starts_between_the_two():
    """Only one of the two files is new. The step is not accounted, and the log says why in one line."""
    before = slurm.slurmd_log_size()
    with replaced(RAYPSSD, OTHER_BUILD):
        with workload.held(["--mem=200", OPTION], SMALL) as step:
            run = step.release()
    assert run.rc == 0, run.err
    assert daemons.hooks_seconds(run.job) < jobs.DELAY
    told = [line for line in slurm.our_lines(slurm.slurmd_log(since=before)) if "error: " in line]
    assert len(told) == 1 and "of another build than ray_pss.so" in told[0], told
    assert not slurm.records(run.job)
