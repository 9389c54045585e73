# SPDX-License-Identifier: GPL-2.0-or-later
"""Help before Slurm kills a step of real Ray: notify=, raypss.run, limits."""
import contextlib
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


class Drive:
    """A driver of help_driver.py as a step; name: of its temporary directory."""

    def __init__(self, name, what, *options):
        self.running = slurm.start("srun", "-n1", "-c6", f"--nodelist={NODE}", *options, RAY_PYTHON, DRIVER, what,
                                   f"{slurm.STATE}/ray-{name}")
        self.end = self.running.end

    def wait(self):
        return self.running.wait(180)


BEGIN = {
    "flood": lambda: Drive("flood", "flood", *FLOOD, OPTION),
    "held": lambda: Drive("held", "held", *FLOOD, OPTION),
    "limits": lambda: Drive("limits", "flood", *FLOOD, f"{OPTION}=limits,interval=100ms"),
    "notify": lambda: Drive("notify", "notify", "--mem=2200", f"{OPTION}=notify=USR1@50%,interval=100ms"),
    "cluster-1": lambda: Cluster(1, status=7),
    "cluster-3": lambda: Cluster(3, status=0),
    "cancelled-starting": lambda: Cancelled("starting"),
    "cancelled-running": lambda: Cancelled("running"),
}


@pytest.mark.step("flood")
def test_a_flood_is_killed(step):
    assert step.rc != 0
    assert slurm.record(step.job)["oom"]["verdict"] == "limit"


@pytest.mark.step("held")
def test_the_same_flood_is_held_back(step):
    run = step
    assert (run.rc, run.out.split()) == (0, ["results", "12"]), run.err
    record = slurm.record(run.job)
    assert record["oom"]["verdict"] in ("none", "rss-only")
    # A busy machine may start the workers one after another.
    assert 500 * slurm.MIB < record["peak"]["footprint"] < 0.9 * record["limit"]


@pytest.mark.step("limits")
def test_with_limits_ray_s_own_retries_bring_the_flood_to_its_end(step):
    """Ray sees the step's limit and usage, and stops tasks before Slurm would stop the step."""
    run = step
    # Ray tells of its retries on standard output, too.
    assert run.rc == 0 and "results 12" in run.out.splitlines(), (run.out[-2000:], run.err)
    record = slurm.record(run.job)
    kills = record["ray"]["monitor_kills"]
    # Neither the kernel nor Slurm killed them: Ray's monitor says so of itself.
    assert kills > 0 and record["oom"]["kills"] in (0, None), record["oom"]
    assert f"Ray's own memory monitor killed {kills} of its workers" in run.err


@pytest.mark.step("notify")
def test_a_driver_is_notified_once_for_each_crossing(step):
    assert (step.rc, step.out.split()) == (0, ["received", "2"]), step.err


def raylets_below(directory):
    """The raylets whose session is there; those of other steps come and go."""
    found = set()
    for one in slurm.processes_named("raylet"):
        with contextlib.suppress(OSError), open(f"/proc/{one.pid}/cmdline", encoding="utf-8") as file:
            if f"{directory}/" in file.read():
                found.add(one.pid)
    return found


def test_a_wrapper_and_a_ray_that_blocks_are_not_ended_by_the_signal():
    """Neither has a handler. The signal would end the whole cluster."""
    until, temp_dir = f"{slurm.OUTPUT}/ray-block.until", f"{slurm.STATE}/ray-block"
    script = (f"{RAY} start --head --block --num-cpus=1 --port=0 --object-store-memory=100000000 --include-dashboard=false "
              f"--disable-usage-stats --temp-dir={temp_dir} & "
              f"until test -e {until}; do sleep 0.1; done; kill -TERM $!; wait $!; echo wrapper")
    running = slurm.start("srun", "-n1", "-c2", f"--nodelist={NODE}", "--mem=1000",
                          f"{OPTION}=notify=USR1@5%,interval=100ms", "bash", "-c", script)
    try:
        live = f"{running.job}."
        slurm.wait_for(lambda: jobs.live(live).get("footprint", 0) > 0.05 * 1000 * slurm.MIB, 60, "the part to be reached")
        raylets = slurm.wait_for(lambda: raylets_below(temp_dir), 60, "the raylet")
        sequence = jobs.live(live)["sequence"]
        slurm.wait_for(lambda: jobs.live(live)["sequence"] >= sequence + 2, 10, "two more samples")
        assert running.process.poll() is None
        assert raylets <= raylets_below(temp_dir)
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


TEMPLATE = os.path.join(os.path.dirname(DRIVER), "../../contrib/ray-on-slurm.sbatch")


def submit(nodes, *command, ray=RAY):
    """A job of the template."""
    return slurm.start("sbatch", "--wait", f"--output={slurm.OUTPUT}/job-%j", f"--nodes={nodes}", "--cpus-per-task=1",
                       "--mem=1500", TEMPLATE, *command, env={"RAY": ray})


def is_of_job(process, job):
    with contextlib.suppress(OSError), open(f"/proc/{process.pid}/environ", "rb") as file:
        words = file.read().split(b"\0")
        return f"SLURM_JOB_ID={job}".encode() in words and f"SLURM_CONF={slurm.STATE}/etc/slurm.conf".encode() in words
    return False


def left_of(job):
    """Processes and files of a job, whose nodes are one host here. Files of the store in /dev/shm have no name."""
    processes = [process for process in slurm.processes() if is_of_job(process, job)]
    return processes + [path for path in [f"/tmp/ray-{job}"] if os.path.exists(path)]


class Cluster:
    """A job of the template that brings its own cluster of so many nodes, and whose driver fails with a status."""

    def __init__(self, nodes, status):
        driver = f"{slurm.OUTPUT}/driver of {nodes}.py"
        with open(driver, "w", encoding="ascii") as file:
            file.write(f"{JOIN}raise SystemExit({status})\n")
        self.running = submit(nodes, RAY_PYTHON, driver)
        self.end = self.running.end

    def wait(self):
        return self.running.wait(240)


@pytest.mark.parametrize("nodes", [pytest.param(nodes, marks=pytest.mark.step(f"cluster-{nodes}")) for nodes in (1, 3)])
def test_a_cluster_of_the_job_s_own_begins_and_ends_clean(step, nodes):
    run = step
    output = slurm.job_output(run.job)
    # The job ends as the driver does.
    assert run.rc == (7 if nodes == 1 else 0), output
    memory = nodes * (1500 * slurm.MIB // 10 * 6)
    said = [line for line in output.splitlines() if line.endswith(f" {memory}")]
    assert said == [f"{nodes} {nodes} {memory}"], output
    assert not left_of(run.job)
    steps = {one["node"] for one in slurm.records(run.job) if one["peak"]["store"] is not None and one["step"] != "batch"}
    assert len(steps) == nodes


def test_a_cluster_without_ray_says_what_is_missing():
    run = submit(1, "true", ray="no-ray").wait(60)
    output = slurm.job_output(run.job)
    assert run.rc == 127, output
    assert "ray-on-slurm: there is no program no-ray: " in output


class Cancelled:
    """A job of the template that is cancelled; wait() returns its state and what it leaves."""

    def __init__(self, moment):
        self._up = f"{slurm.OUTPUT}/up-{moment}"
        self._is_starting = moment == "starting"
        self.running = submit(1, "sh", "-c", f"touch {self._up}; sleep 600")
        self.end = self.running.end

    def wait(self):
        job = self.running.job
        path = f"/tmp/ray-{job}" if self._is_starting else self._up
        slurm.wait_for(lambda: os.path.exists(path), 120, path)
        slurm.query("scancel", job)
        self.running.wait(60)
        return slurm.wait_job(job), left_of(job)


@pytest.mark.parametrize("moment", [pytest.param(moment, marks=pytest.mark.step(f"cancelled-{moment}"))
                                    for moment in ("starting", "running")])
def test_a_cluster_that_is_cancelled_leaves_nothing(step, moment):
    """Slurm signals all processes at once. Ray's own command would wait for its head, which has ended, until Slurm kills all."""
    assert step == ("CANCELLED", []), moment
