# SPDX-License-Identifier: GPL-2.0-or-later
"""raypssd starts, ends, dies or is missing, and the job does not notice."""
import contextlib
import os
import re
import signal
import subprocess

import pytest

import conftest
import jobs
import slurm
import stalls
import workload

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]
OPTION = "--ray-pss-accounting"
OURS = ("raypssd", "raypss-guardian", "raypss-writer", "raypss-publisher")
SMALL = ["--processes=2", "--shared=20", "--private=10"]
# The deadline of all our hooks together, and time for the rest of the step's end.
DELAY = 0.3 + 0.2


def left_over():
    return slurm.zombies() + [process for name in OURS for process in slurm.processes_named(name)]


@pytest.fixture(autouse=True)
def nothing_stays():
    yield
    try:
        slurm.wait_for(lambda: not left_over(), 5, lambda: f"processes to be gone: {left_over()}")
    finally:
        # The next scenario must find nothing of this one.
        for process in left_over():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)


def seconds_to_end(step, **how):
    """Seconds from the moment that the workload is told to end until srun returns."""
    run = step.release(**how)
    return run, stalls.seconds(step.released, step.running.ended)


@pytest.fixture(scope="module")
def usual():
    """How long the same step takes to end without the plugin: the longest of three runs."""
    times = []
    for _ in range(3):
        with workload.held(["--mem=100"], SMALL) as step:
            run, seconds = seconds_to_end(step)
        assert run.rc == 0
        times.append(seconds)
    return max(times)


def accountant():
    found = slurm.wait_for(lambda: slurm.processes_named("raypssd"), 20, "raypssd")
    return [process.pid for process in found]


def test_usual_end_is_not_late(usual):
    with workload.held(["--mem=100", OPTION], SMALL) as step:
        run, seconds = seconds_to_end(step.seen_for(0.5))
    assert run.rc == 0 and seconds < usual + DELAY


@pytest.mark.parametrize("status", [0, 7])
def test_missing_accountant(usual, status):
    # Mount an empty directory over raypssd's folder. The rig has a mount namespace of its own.
    folder = os.path.join(conftest.PREFIX, "libexec/raypss")
    before = slurm.slurmd_log_size()
    subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
    try:
        with workload.held(["--mem=100", OPTION], [*SMALL, f"--exit={status}"]) as step:
            run, seconds = seconds_to_end(step.seen_for(0.3))
    finally:
        subprocess.run(["umount", folder], check=True)
    assert run.rc == status, run.err
    assert seconds < usual + DELAY
    logged = slurm.our_lines(slurm.slurmd_log(since=before))
    assert [line for line in logged if "raypssd" in line], "the log does not say that raypssd is missing"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_accountant_lost_on_the_way(usual, number):
    before = slurm.slurmd_log_size()
    with workload.held(["--mem=100", OPTION], SMALL) as step:
        truth = step.seen_for(0.5).truth()
        for pid in accountant():
            os.kill(pid, number)
        run, seconds = seconds_to_end(step)
    assert run.rc == 0, run.err
    assert seconds < usual + DELAY
    peak = slurm.record(run.job)["peak"]
    assert peak["private"] == pytest.approx(truth["pss_anon"], rel=0.05)
    assert peak["shared"] == pytest.approx(truth["shared"], rel=0.02)
    logged = slurm.our_lines(slurm.slurmd_log(since=before))
    assert [line for line in logged if "raypssd" in line], "the log does not say what happened to raypssd"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_writer_lost_on_the_way(usual, number):
    """raypssd cannot start another one; the record comes from what both left."""
    with workload.held(["--mem=100", OPTION], SMALL) as step:
        truth = step.seen_for(0.5).truth()
        for process in slurm.wait_for(lambda: slurm.processes_named("raypss-writer"), 20, "the writer"):
            os.kill(process.pid, number)
        run, seconds = seconds_to_end(step)
    assert run.rc == 0, run.err
    assert seconds < usual + DELAY
    record = slurm.record(run.job)
    assert record["end"]["how"] == "completed"
    assert record["peak"]["shared"] == pytest.approx(truth["shared"], rel=0.02)


@pytest.mark.skipif(not os.path.exists("/dev/fuse"), reason="no /dev/fuse")
def test_process_that_holds_its_readers(usual):
    """The kernel lets nobody read one process. raypssd goes on with all others, and the step ends as usual."""
    before = slurm.slurmd_log_size()
    with workload.held(["--mem=300", OPTION], ["--private=50"], program=workload.STALL) as step:
        slurm.wait_for(lambda: jobs.live(f"{step.job}.").get("peak", 0) > 50 * slurm.MIB, 20, "live figures of the other process")
        run, seconds = seconds_to_end(step.seen_for(0.5))
    assert run.rc == 0, run.err
    assert seconds < usual + DELAY
    record = slurm.record(run.job)
    assert 50 * slurm.MIB < record["peak"]["private"] < 60 * slurm.MIB
    assert record["complete"] is False and {"what": "scans", "count": 1} in record["left_out"], record["left_out"]
    logged = slurm.our_lines(slurm.slurmd_log(since=before))
    assert [line for line in logged if "let nobody read its files" in line], logged


def test_memory_of_a_mount_that_only_the_step_sees(tmp_path):
    """A container's own tmpfs: raypssd finds the files there, which no process has open."""
    done = tmp_path / "done"
    os.chmod(tmp_path, 0o777)
    script = f"""mount -t tmpfs none /mnt && head -c {50 * slurm.MIB} /dev/zero > /mnt/file
                 until [ -e {done} ]; do sleep 0.05; done"""
    step = slurm.start("srun", "-n1", "--mem=200", OPTION, "unshare", "-m", "sh", "-c", script)
    try:
        slurm.wait_for(lambda: jobs.live(f"{step.job}.").get("shared", 0) >= 50 * slurm.MIB, 20, "the files in the live figures")
        done.touch()
        run = step.wait(20)
    finally:
        step.end()
    record = slurm.record(run.job)
    assert run.rc == 0 and record["complete"] and not record["left_out"], record["left_out"]


@pytest.mark.parametrize("options, command", [
    (["-n1"], ["sleep", "0.05"]),
    (["-n300", "--overcommit"], ["true"]),
    (["-n1"], [workload.CHURN, "--children=2000", "--parallel=20"]),
], ids=["50 ms", "300 tasks", "2000 children"])
def test_restless_step(options, command):
    run = slurm.srun(*options, "--mem=500", OPTION, *command, deadline=90)
    assert run.rc == 0, run.err
    record = slurm.record(run.job)
    assert record["cost"]["samples"] == 0 or record["peak"]["footprint"] > 0
    # After each scenario, none of our processes may be left.


def test_step_that_is_killed():
    with workload.held(["--mem=100", OPTION], SMALL) as step:
        step.seen_for(0.5)
        subprocess.run(["scancel", f"{step.job}.0", "--signal=KILL"], check=True)
        run = step.running.wait(30)
    assert run.rc != 0
    record = slurm.record(run.job)
    assert record["oom"]["verdict"] == "none" and record["end"]
    assert record["peak"]["shared"] == pytest.approx(20 * slurm.MIB, rel=0.02)


def test_slurmstepd_that_is_killed():
    with workload.held(["--mem=100", OPTION], SMALL) as step:
        step.seen_for(0.5)
        for process in slurm.processes_named("slurmstepd"):
            os.kill(process.pid, signal.SIGKILL)
        job = step.job
        slurm.wait_for(lambda: not slurm.processes_named("raypssd"), 3, "raypssd to follow slurmstepd")
        # srun would wait for slurmstepd for ever; the end of the scenario ends srun.
        step.let_go()
    assert slurm.record(job)["peak"]["shared"] == pytest.approx(20 * slurm.MIB, rel=0.02)


def test_hostile_process_name():
    with workload.held(["--mem=200", OPTION], [*SMALL, r'--title=a"}\n\x1b[31m']) as step:
        run = step.seen_for(0.5).release()
    assert run.rc == 0
    record = slurm.record(run.job)
    names = [entry["name"] for entry in record["top"]]
    assert any(name.startswith('a"}') for name in names), names
    for text in names + [slurm.admin_comment(run.job)] + slurm.our_lines(run.err):
        assert not re.search(r"[\x00-\x1f\x7f]", text), repr(text)
    assert "\x1b" not in run.err
