# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs on four nodes, with one spool and with four: what is published at once, and what after raypss publish."""
import pytest

import jobs
import slurm
import workload
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_patient")]
SHARED = len(jobs.spools()) == 1
NODES = ["n1", "n2", "n3", "n4"]


def test_step_on_four_nodes():
    run = slurm.srun("-N4", "--mem=200", OPTION, workload.STORE, "--processes=1", "--shared=20", "--private=10",
                     "--hold=1.5")
    assert run.rc == 0, run.err
    # The last node to report writes for all; with spools of their own each brings its part, again where another undid it.
    jobs.wait_reported(run.job, {"0": (4, 4)})
    jobs.publish(run.job)
    jobs.wait_reported(run.job, {"0": (4, 4)})
    assert jobs.entries(run.job)["0"]["peak"] > 30 * slurm.MIB
    assert slurm.sacct_step(run.job, 0, "MaxRSSNode")["MaxRSSNode"] in NODES
    report = jobs.report(run.job)
    assert sorted(report["steps"]["0"]["per_node"]) == sorted(report["nodes"]) == NODES
    assert report["total"]["nodes"] == 4
    # The four nodes share one host. No node may account the processes of another.
    assert all(30 * slurm.MIB < node["peak"] < 35 * slurm.MIB for node in report["nodes"].values())
    assert report["total"]["peak_of_nodes"] == sum(node["peak"] for node in report["nodes"].values())


def test_ray_pattern():
    """A background step on each node, the driver in the batch step; Slurm ends the steps when the script ends."""
    base = f"{slurm.OUTPUT}/ray-{slurm.Running.count}"
    nodes = " ".join(NODES)
    script = f"""
        for node in {nodes}; do
            srun -N1 -n1 -w $node {workload.STORE} --processes=1 --shared=20 --private=10 \
                --until=/nonexistent &
        done
        until [ -e {base}.seen ]; do sleep 0.05; done"""
    job = slurm.sbatch(script, OPTION, "-N4", "--mem=200").job
    slurm.wait_for(lambda: all(jobs.live(f"{job}.{step}.").get("footprint", 0) > 30 * slurm.MIB for step in "0123"), 30,
                   "a look at each step with all in place")
    with open(base + ".seen", "w"):
        pass
    assert slurm.wait_job(job) == "COMPLETED", slurm.job_output(job)
    assert "batch" in jobs.entries(job)
    # The batch step saw the other steps running, as far as its node's spool had them. They ended after it.
    before = jobs.reported(job, "scontrol")
    assert before.pop("batch") == (1, 1)
    assert len(before) == (4 if SHARED else 1) and set(before.values()) == {(0, 1)}
    slurm.wait_for(lambda: [end["how"] for end in jobs.ends(job).values()].count("running") == 0, 10, "the records")
    jobs.publish(job)
    jobs.wait_reported(job, {step: (1, 1) for step in ("batch", "0", "1", "2", "3")})
    assert all(jobs.entries(job)[step]["peak"] > 30 * slurm.MIB for step in "0123")
    assert {entry["oom"] for entry in jobs.entries(job).values()} == {"none"}


def test_a_kill_on_the_last_of_three_nodes():
    """The worst verdict of all nodes is in sacct, whoever writes first."""
    script = f"exec {workload.STORE} --processes=1 --shared=0 --private=$((SLURM_NODEID == 2 ? 300 : 10)) --hold=20"
    run = slurm.srun("-N3", "--mem=100", "--kill-on-bad-exit=1", OPTION, "sh", "-c", script)
    assert run.rc != 0
    jobs.wait_reported(run.job, {"0": (3, 3)})
    entry = jobs.entries(run.job)["0"]
    assert (entry["oom"], entry["node"]) == ("limit", "n3")
    assert entry["peak"] > 100 * slurm.MIB


def test_a_short_step_on_another_node_than_the_batch_step():
    """The batch step publishes for short steps, but only for those that it can see."""
    job = slurm.sbatch("srun -N1 -n1 -w n2 sleep 0.5; sleep 1", "-w", "n1,n2", "-N2", "--mem=200", OPTION).job
    assert slurm.wait_job(job) == "COMPLETED", slurm.job_output(job)
    jobs.wait_reported(job, {"batch": (1, 1), "0": (1, 1)})


@pytest.mark.parametrize("attempt", range(3))
def test_four_steps_that_end_in_the_same_second(attempt):
    with slurm.allocation("-N4", "--mem=200") as job:
        gate = f"{slurm.OUTPUT}/gate-{job}"
        steps = [slurm.start("srun", "-N1", "-n1", "-w", node, f"--jobid={job}", OPTION, "--mem=100", "sh", "-c",
                             f"until [ -e {gate} ]; do sleep 0.05; done", job=job) for node in NODES]
        slurm.wait_for(lambda: len(slurm.processes_named("raypssd")) == 4, 20, "the four steps")
        with open(gate, "w"):
            pass
        for step in steps:
            run = step.wait()
            assert run.rc == 0, run.err
        slurm.wait_for(lambda: not slurm.processes_named("raypss-publisher"), 10, "the publishers to end")
        assert set(jobs.entries(job, "scontrol")) == set("0123")
    assert set(jobs.entries(job)) == set("0123")
    jobs.publish(job)
    jobs.wait_reported(job, {step: (1, 1) for step in "0123"})
