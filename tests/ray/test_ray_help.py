# SPDX-License-Identifier: GPL-2.0-or-later
"""Help before Slurm kills a step of real Ray: notify=, raypss.run, limits."""
import os
import signal

import pytest

import jobs
import slurm

RAY_PYTHON = os.environ.get("RAY_PYTHON", "")
RAY = os.path.join(os.path.dirname(RAY_PYTHON), "ray")
DRIVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "help_driver.py")
OPTION = "--ray-pss-accounting"
NODE = "n1"  # where slurm.record looks; another one would do the step while this one still ends the last
FLOOD = ["--mem=2200", "--acctg-freq=task=1"]  # below the 6 x 500 MiB that run at once

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed"),
              pytest.mark.skipif(not RAY_PYTHON, reason="pip could not get Ray")]


def drive(what, *options):
    return slurm.srun("-n1", "-c6", f"--nodelist={NODE}", *options, RAY_PYTHON, DRIVER, what,
                      f"{slurm.STATE}/ray-{what}", deadline=180)


def test_a_flood_is_killed():
    run = drive("flood", *FLOOD, OPTION)
    assert run.rc != 0
    assert slurm.record(run.job)["oom"]["verdict"] == "limit"


def test_the_same_flood_is_held_back():
    run = drive("held", *FLOOD, OPTION)
    assert (run.rc, run.out.split()) == (0, ["results", "12"]), run.err
    record = slurm.record(run.job)
    assert record["oom"]["verdict"] in ("none", "rss-only")
    # More than one task at a time, or it would be no help.
    assert 1100 * slurm.MIB < record["peak"]["footprint"] < 0.9 * record["limit"]


def test_with_limits_ray_s_own_retries_bring_the_flood_to_its_end():
    """Ray sees the step's limit and usage, and stops tasks before Slurm would stop the step."""
    run = drive("flood", *FLOOD, f"{OPTION}=limits,interval=100ms")
    # Ray tells of its retries on standard output.
    assert (run.rc, run.out.split()[-2:]) == (0, ["results", "12"]), run.err
    record = slurm.record(run.job)
    kills = record["ray"]["monitor_kills"]
    # Neither the kernel nor Slurm killed them: Ray's monitor says so of itself.
    assert kills > 0 and record["oom"]["kills"] in (0, None), record["oom"]
    assert f"Ray's own memory monitor killed {kills} of its workers" in run.err


def test_a_driver_is_notified_once_for_each_crossing():
    run = drive("notify", "--mem=2200", f"{OPTION}=notify=USR1@50%,interval=100ms")
    assert (run.rc, run.out.split()) == (0, ["received", "2"]), run.err


def test_a_wrapper_and_a_ray_that_blocks_are_not_ended_by_the_signal():
    """Neither has a handler. The signal would end the whole cluster."""
    until = f"{slurm.OUTPUT}/ray-block.until"
    script = (f"{RAY} start --head --block --num-cpus=1 --port=0 --object-store-memory=100000000 --include-dashboard=false "
              f"--disable-usage-stats --temp-dir={slurm.STATE}/ray-block & "
              f"until test -e {until}; do sleep 0.1; done; kill -TERM $!; wait $!; echo wrapper")
    running = slurm.start("srun", "-n1", "-c2", f"--nodelist={NODE}", "--mem=1000",
                          f"{OPTION}=notify=USR1@5%,interval=100ms", "bash", "-c", script)
    try:
        live = f"{running.job}."
        slurm.wait_for(lambda: jobs.live(live).get("footprint", 0) > 0.05 * 1000 * slurm.MIB, 60, "the part to be reached")
        raylets = slurm.wait_for(lambda: slurm.processes_named("raylet"), 60, "the raylet")
        sequence = jobs.live(live)["sequence"]
        slurm.wait_for(lambda: jobs.live(live)["sequence"] >= sequence + 2, 10, "two more samples")
        assert running.process.poll() is None
        assert {one.pid for one in raylets} <= {one.pid for one in slurm.processes_named("raylet")}
        with open(until, "w", encoding="ascii"):
            pass
        run = running.wait(60)
    finally:
        running.end()
    assert run.out.endswith("wrapper\n")
    assert signal.SIGUSR1 + 128 != run.rc
    assert any("signal USR1 was not sent to 1 of 1 tasks at 5 %" in line for line in slurm.our_lines(run.err)), run.err


# Runs a task on each node, and says how much memory Ray believes to have on all.
JOIN = """
import ray
ray.init(log_to_driver=False)
@ray.remote(num_cpus=1, scheduling_strategy="SPREAD")
def pid():
    import os, time
    time.sleep(1)
    return os.getpid()
print(len(ray.nodes()), len(set(ray.get([pid.remote() for _ in ray.nodes()]))), int(ray.cluster_resources()["memory"]))
"""


@pytest.mark.parametrize("nodes", [1, 3])
def test_a_cluster_of_the_job_s_own_begins_and_ends_clean(nodes):
    template = os.path.join(os.path.dirname(DRIVER), "../../contrib/ray-on-slurm.sbatch")
    before = {one.pid for one in slurm.processes_named("raylet")}
    run = slurm.start("sbatch", "--wait", f"--output={slurm.OUTPUT}/job-%j", f"--nodes={nodes}", "--cpus-per-task=1",
                      "--mem=1500", template, RAY_PYTHON, "-c", JOIN, env={"RAY": RAY}).wait(240)
    output = slurm.job_output(run.job)
    assert run.rc == 0, output
    memory = nodes * (1500 * slurm.MIB // 10 * 6)
    said = [line for line in output.splitlines() if line.endswith(f" {memory}")]
    assert said == [f"{nodes} {nodes} {memory}"], output
    # Nothing is left on the nodes.
    assert {one.pid for one in slurm.processes_named("raylet")} <= before
    assert not os.path.exists(f"/tmp/ray-{run.job}")
    steps = {one["node"] for one in slurm.records(run.job) if one["peak"]["store"] is not None and one["step"] != "batch"}
    assert len(steps) == nodes
