# SPDX-License-Identifier: GPL-2.0-or-later
"""What Slurm does without the plugin: the controls for the other scenarios."""
import re

import slurm
import workload


def test_step_sharing_a_store_is_killed_for_memory_it_does_not_have():
    run = slurm.srun("-n1", "--mem=1000", workload.STORE, *workload.SEED, "--hold=30")
    assert run.rc != 0
    # MaxRSS is not checked: if a kill also ends the job, slurmctld may drop the step before its figures arrive.
    used, limit = map(int, re.search(r"exceeded memory limit \((\d+) > (\d+)\)", run.err).groups())
    assert used > 2500 * slurm.MIB and limit == 1000 * slurm.MIB


def test_the_same_step_has_half_a_gigabyte():
    with workload.held(["--mem=4000"], workload.SEED) as step:
        truth = step.seen_for(workload.ONE_POLL_SECONDS).truth()
        run = step.release()
    assert run.rc == 0
    assert 460 * slurm.MIB < truth["pss"] < 500 * slurm.MIB
    assert 460 * slurm.MIB < truth["footprint"] < 500 * slurm.MIB
    assert slurm.max_rss(run.job) > 2500 * slurm.MIB


def test_daemonised_child_is_invisible():
    with workload.held(["--mem=1000"], ["--processes=1", "--shared=0", "--private=200", "--daemon"]) as step:
        assert step.seen_for(workload.ONE_POLL_SECONDS).truth()["pss"] > 200 * slurm.MIB
        run = step.release()
    assert run.rc == 0
    assert slurm.max_rss(run.job) < 50 * slurm.MIB


def test_nobody_runs_jobs_too():
    run = slurm.srun("-n1", "--mem=50", "id", "-un", user="nobody")
    assert (run.rc, run.out) == (0, "nobody\n"), run.err


def test_batch_job_and_its_steps_are_in_sacct():
    job = slurm.sbatch("srun -n1 --mem=50 echo from the step", "--mem=100").job
    assert slurm.wait_job(job) == "COMPLETED"
    assert "from the step" in slurm.job_output(job)
    assert [row["JobID"] for row in slurm.sacct(job)] == [job, f"{job}.batch", f"{job}.0"]
    assert slurm.admin_comment(job) == slurm.admin_comment(job, "scontrol") == ""
