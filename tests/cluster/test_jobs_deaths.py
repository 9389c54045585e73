# SPDX-License-Identifier: GPL-2.0-or-later
"""raypssd, slurmstepd or slurmd die at the worst moments. The job continues, and the record has the last sample."""
import contextlib
import os
import signal

import pytest

import daemons
import jobs
import slurm
import workload
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_timed")]
SMALL = ["--processes=1", "--shared=20", "--private=10"]


def alive(name):
    return [process.pid for process in slurm.processes_named(name) if process.state != "Z"]


def hit(name, number):
    """Waits for a process of that name, and returns all of them."""
    for pid in slurm.wait_for(lambda: alive(name), 10, name):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def gone(name):
    slurm.wait_for(lambda: not alive(name), 1.5, f"{name} to be gone a second after slurmstepd")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
@pytest.mark.parametrize("when", ["start", "middle", "end"])
def test_accountant_hit(when, number):
    before = slurm.slurmd_log_size()
    base = f"{slurm.OUTPUT}/hit-{slurm.Running.count}"
    step = slurm.start("srun", "-n1", "--mem=200", OPTION, workload.STORE, *SMALL, f"--ready={base}.ready",
                       f"--until={base}.until")
    if when == "start":
        hit("raypssd", number)
    slurm.wait_for(lambda: os.path.exists(base + ".ready"), 20, "the workload")
    job = step.job
    if when != "start":
        # The shared block has the last of ten samples a second, the spool only the first.
        slurm.wait_for(lambda: slurm.records(job), 10, "the first look")
        looks = slurm.wait_for(lambda: state_of(job), 10, "live figures")
        slurm.wait_for(lambda: state_of(job) > looks + 3, 10, "some more looks")
    if when == "middle":
        hit("raypssd", number)
    with open(base + ".until", "w"):
        pass
    if when == "end":
        slurm.wait_for(lambda: not alive("store"), 10, "the task's end")
        for pid in alive("raypssd"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
    assert step.wait().rc == 0
    assert daemons.hooks_seconds(job) < jobs.DELAY
    slurm.wait_for(lambda: not alive("slurmstepd"), 10, "slurmstepd's end")
    gone("raypssd")
    gone("raypss-guardian")
    if when == "start" and [line for line in slurm.our_lines(slurm.slurmd_log(since=before)) if "no accounting" in line]:
        return  # so early that raypssd was not up yet
    record = slurm.record(job)
    assert record["end"]["how"] == "completed" and record["oom"]["verdict"] == "none"
    assert when == "start" or record["peak"]["footprint"] > 30 * slurm.MIB
    jobs.publish(job)
    jobs.wait_reported(job, {"0": (1, 1)})


def state_of(step):
    """How often the live figures of a job or a step were written; 0 if there are none."""
    return jobs.live(f"{step}.").get("sequence", 0)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_accountant_of_a_batch_step_hit(number):
    gate = f"{slurm.OUTPUT}/batch-{slurm.Running.count}"
    job = slurm.sbatch(f"until [ -e {gate} ]; do sleep 0.05; done; exit 3", "-n1", "--mem=50", OPTION).job
    slurm.record(job, "batch", running=True)
    hit("raypssd", number)
    with open(gate, "w"):
        pass
    assert slurm.wait_job(job) == "FAILED"
    record = slurm.record(job, "batch")
    assert (record["end"]["how"], record["end"]["code"]) == ("failed", 3)
    jobs.publish(job)
    jobs.wait_reported(job, {"batch": (1, 1)})


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_guardian_hit(number):
    with workload.held(["--mem=200", OPTION], SMALL) as step:
        looks = state_of(step.job)
        slurm.wait_for(lambda: state_of(step.job) > looks + 3, 10, "some looks")
        hit("raypss-guardian", number)
        run = step.release()
    assert run.rc == 0, run.err
    assert slurm.record(run.job)["peak"]["footprint"] > 30 * slurm.MIB
    gone("raypssd")
    gone("raypss-guardian")


def test_slurmstepd_killed():
    with workload.held(["--mem=200", OPTION], SMALL) as step:
        looks = state_of(step.job)
        slurm.wait_for(lambda: state_of(step.job) > looks + 3, 10, "some looks")
        hit("slurmstepd", signal.SIGKILL)
        slurm.wait_for(lambda: not alive("slurmstepd"), 20, "slurmstepd's end")
        gone("raypssd")
        gone("raypss-guardian")
        record = slurm.record(step.job)
        step.let_go()
    assert record["end"]["how"] == "lost" and record["oom"]["verdict"] == "none"
    assert record["peak"]["footprint"] > 30 * slurm.MIB
    slurm.wait_job(step.job)
    jobs.publish(step.job)
    jobs.wait_reported(step.job, {"0": (1, 1)})


def test_slurmd_restarted():
    with workload.held(["--mem=200", OPTION], SMALL) as step:
        with daemons.gone("slurmd"):
            looks = state_of(step.job)
            slurm.wait_for(lambda: state_of(step.job) > looks + 3, 10, "some looks without slurmd")
        run = step.release()
    assert run.rc == 0, run.err
    assert slurm.record(run.job)["peak"]["footprint"] > 30 * slurm.MIB
    jobs.wait_reported(run.job, {"0": (1, 1)})
    gone("raypssd")
    gone("raypss-guardian")


def test_objects_that_two_steps_share_count_once():
    gate = f"{slurm.OUTPUT}/objects-{slurm.Running.count}"
    script = f"""
import mmap, os, time
fd = os.open("/dev/shm/raypss-scenario", os.O_RDWR | os.O_CREAT)
os.ftruncate(fd, 60 << 20)
m = mmap.mmap(fd, 60 << 20)
for i in range(0, len(m), 4096): m[i] = 1
open("{gate}." + os.environ["SLURM_STEP_ID"], "w")
while not os.path.exists("{gate}"): time.sleep(0.02)
"""
    try:
        with slurm.allocation("-n2", "--mem=400") as job:
            steps = [slurm.start("srun", "-n1", "--exact", f"--jobid={job}", "--mem=200", OPTION, "python3", "-c", script,
                                 job=job) for _ in range(2)]
            slurm.wait_for(lambda: all(os.path.exists(f"{gate}.{i}") for i in range(2)), 20, "both steps")
            for i in range(2):
                # Samples while both processes have mapped all of it.
                looks = slurm.wait_for(lambda: state_of(f"{job}.{i}"), 10, "live figures")
                slurm.wait_for(lambda: state_of(f"{job}.{i}") > looks + 3, 10, "some more looks")
            with open(gate, "w"):
                pass
            assert [step.wait().rc for step in steps] == [0, 0]
    finally:
        with contextlib.suppress(FileNotFoundError):  # a container's /dev/shm goes with the job
            os.unlink("/dev/shm/raypss-scenario")
    report = jobs.report(job)
    peaks = [report["steps"][step]["per_node"]["n1"]["footprint"] for step in "01"]
    assert all(peak > 60 * slurm.MIB for peak in peaks)
    assert report["nodes"]["n1"]["peak"] == pytest.approx(sum(peaks) - 60 * slurm.MIB, rel=0.02)
    assert report["total"]["peak_of_one_node"] == report["total"]["peak_of_nodes"] == report["nodes"]["n1"]["peak"]
