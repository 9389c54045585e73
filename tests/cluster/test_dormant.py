# SPDX-License-Identifier: GPL-2.0-or-later
"""mode=auto in steps whose words are not Ray's: what becomes of them when Ray appears, and what they pay if it does not."""
import os
import shutil
import subprocess

import pytest

import conftest
import daemons
import jobs
import slurm

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed")]
DORMANT = "raypss-dormant"


@pytest.fixture(scope="module")
def raylet():
    path = os.path.join(slurm.OUTPUT, "raylet")
    shutil.copy("/bin/sleep", path)
    return path


def ends_when_seen(program, step, seconds):
    """A script that ends once raypssd has seen it, with the program below the task."""
    seen = f"until grep -q ^footprint.*[1-9] {jobs.LIVE}/$SLURM_JOB_ID.{step}.*; do sleep 0.1; done"
    return f"{program} & timeout {seconds} sh -c '{seen}' 2>/dev/null; kill $!"


def driver(raylet, step, seconds):
    """A driver that starts Ray itself, as ray.init() does: a raylet below the task."""
    return ends_when_seen(f"{raylet} 60", step, seconds)


# A driver that joins a cluster of another step: it has the log of Ray's core open.
JOINED = f'python3 -c "import time; time.sleep(60)" 7>{slurm.OUTPUT}/python-core-driver-01_$SLURM_JOB_ID.log'


def test_a_driver_is_accounted_once_its_raylet_is_there(raylet):
    """In a batch script and in steps, side by side. A raylet that is not the step's wakes nobody."""
    stranger = subprocess.Popen([raylet, "60"])
    try:
        with slurm.plugstack(conftest.plugstack_line("mode=auto")):
            quiet = slurm.start("srun", "-n1", "--mem=50", "sleep", "5")
            joined = slurm.start("srun", "-n1", "--mem=100", "sh", "-c", ends_when_seen(JOINED, 0, 25))
            batch = slurm.sbatch(driver(raylet, "batch", 25), "-n1", "--mem=100").job
            step = slurm.srun("-n1", "--mem=100", "sh", "-c", driver(raylet, 0, 25))
            assert slurm.wait_job(batch) == "COMPLETED"
            left, joined = quiet.wait(), joined.wait()
    finally:
        stranger.kill()
        stranger.wait()
    for lines, job, name in ((step.err, step.job, 0), (slurm.job_output(batch), batch, "batch"), (joined.err, joined.job, 0)):
        assert len(slurm.our_lines(lines)) == 1 and "only seen since Ray was found" in lines, lines
        record = slurm.record(job, name)
        assert record["peak"]["processes"] > 1 and record["end"]["how"] == "completed"
    assert left.rc == 0 and not slurm.our_lines(left.err), left.err
    assert not slurm.records(left.job)
    slurm.wait_for(lambda: not slurm.processes_named(DORMANT), 10, "the end of those that waited")


def test_nobody_waits_where_the_site_wants_that(raylet):
    with slurm.plugstack(conftest.plugstack_line("mode=auto", "watch=off")):
        run = slurm.srun("-n1", "--mem=100", "sh", "-c", f"{raylet} 60 & ps -A -o comm; kill $!")
    assert run.rc == 0 and "raylet" in run.out and DORMANT[:15] not in run.out, run.out


def test_a_step_without_ray_pays_less_than_a_millisecond():
    """One of some: on a busy node the new process waits for its turn."""
    took = []
    with conftest.timed("mode=auto"), slurm.allocation("-n1", "--mem=100") as job:
        for step in range(60):
            assert slurm.srun(f"--jobid={job}", "-n1", "true", job=job).rc == 0
            took.append(daemons.hooks_seconds(job, step))
            if took[-1] < 0.001:
                break
    assert took[-1] < 0.001, took


def test_one_that_is_killed_is_told_and_harms_nothing():
    before = slurm.slurmd_log_size()
    with slurm.plugstack(conftest.plugstack_line("mode=auto")):
        step = slurm.start("srun", "-n1", "--mem=100", "sleep", "1")
        slurm.wait_for(lambda: slurm.processes_named(DORMANT), 10, "the one that waits")
        for process in slurm.processes_named(DORMANT):
            os.kill(process.pid, 9)
        run = step.wait()
    assert run.rc == 0 and not slurm.our_lines(run.err), run.err
    told = slurm.our_lines(slurm.slurmd_log(since=before))
    assert len(told) == 1 and "nobody watched the step for Ray" in told[0], told
