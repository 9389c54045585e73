# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs on several nodes that share one spool."""
import pytest

import jobs
import slurm
import workload
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_patient")]


def test_het_job_of_two_components():
    job = slurm.sbatch("srun -n1 true : -n1 true; srun --het-group=1 -n1 true", OPTION, "-n1", "--mem=50", "--time=5",
                       ":", "-n1", "--mem=60").job
    second = str(int(job) + 1)
    components = [f"{job}+0", f"{job}+1"]
    slurm.wait_job(job)
    jobs.publish(job, second)
    assert [set(jobs.entries(one)) for one in components] == [{"batch", "0"}, {"0", "1"}], slurm.job_output(job)
    assert {record["limit"] for record in slurm.records(job)} == {50 * slurm.MIB}
    assert {record["limit"] for record in slurm.records(second)} == {60 * slurm.MIB}
    assert set(jobs.reported(components[1]).values()) == {(1, 1)}
    # All have one output.
    told = slurm.our_lines(slurm.job_output(job))
    for step in f"{job}.0", f"{second}.0", f"{second}.1":
        assert len([line for line in told if f" step {step}: " in line]) == 1, told


def test_epilog_publishes():
    """Steps that end after the batch step are in sacct too, because the rig has contrib/epilog."""
    job = slurm.sbatch("srun -N1 -n1 sleep 300 & sleep 1", OPTION, "-N2", "--mem=50").job
    slurm.wait_job(job)
    slurm.wait_for(lambda: jobs.reported(job) == {"batch": (1, 1), "0": (1, 1)}, 40, "the epilog to publish")
    unaccounted = slurm.srun("-n1", "--mem=50", "true")
    assert unaccounted.rc == 0 and not slurm.records(unaccounted.job)


def test_node_set_down():
    """Slurm ends the steps on the node and requeues or fails the job. Memory was not the reason."""
    with workload.held(["-w", "n4", "--mem=200", OPTION],
                       ["--processes=1", "--shared=20", "--private=10"]) as step:
        step.seen_for(0.3)
        job = step.job
        slurm.query("scontrol", "update", "nodename=n4", "state=down", "reason=scenario")
        step.running.wait(30)
        record = slurm.record(job, node="n4")
    # The node comes back by itself when its slurmd registers.
    slurm.query("scontrol", "update", "nodename=n4", "state=resume", check=False)
    assert record["end"]["how"] == "signalled" and record["end"]["signal"] in ("TERM", "KILL")
    assert record["oom"]["verdict"] == "none" and record["peak"]["footprint"] > 30 * slurm.MIB
    slurm.wait_job(job)
    jobs.publish(job)
    jobs.wait_reported(job, {"0": (1, 1)})
