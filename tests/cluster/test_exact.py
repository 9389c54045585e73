# SPDX-License-Identifier: GPL-2.0-or-later
"""maxrss=exact: Slurm's own figures are the footprint, with jobacct_gather/linux and OverMemoryKill. Sizes in MiB."""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

import conftest
import exact
import slurm
import workload
from exact import EXACT, POLLS
from slurm import MIB

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../workloads"))
from truth import truth  # noqa: E402

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]
TASKS = os.path.join(os.path.dirname(__file__), "tasks.py")


def held(options, store, **how):
    return workload.held([EXACT, *options], store, **how)


def opened_by(pid, trace):
    """Traces what a process opens from now on."""
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-e", "trace=open,openat", "-o", trace, "-p", str(pid)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    slurm.wait_for(lambda: os.path.exists(trace) and os.path.getsize(trace), 10, "the trace of a poll")
    return tracer


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace here")
def test_eight_processes_that_share_a_store():
    trace = f"{slurm.OUTPUT}/opened"
    with held(["--mem=1000"], workload.SEED) as step:
        tracer = opened_by(max(process.pid for process in slurm.processes_named("slurmstepd")), trace)
        step.seen_for(2 * POLLS)
        tracer.terminate()
        tracer.wait(10)
        run = step.release()
    assert run.rc == 0, run.err
    record, seen = exact.check_peak(run.job)
    assert record["peak"]["footprint"] == pytest.approx(460 * MIB, rel=0.02)
    assert seen["total"] <= seen["max"]
    with open(trace, encoding="ascii") as file:
        opened = file.read()
    assert "/stat" in opened, "the trace saw no poll"
    assert "smaps" not in opened


def test_what_is_really_too_much_is_killed():
    # It may be killed before all of it is in place.
    run = slurm.srun("-n1", "--mem=1000", EXACT, workload.STORE, "--processes=8", "--shared=0", "--private=150", "--hold=30")
    assert run.rc != 0 and "exceeded memory limit" in run.err, run.err
    assert slurm.record(run.job)["oom"]["verdict"] == "limit"


def test_sstat_shows_the_footprint():
    with held(["--mem=1000"], ["--processes=4", "--shared=100", "--private=20"]) as step:
        slurm.wait_for(lambda: max_rss(step.job) > 180 * MIB, 15, "the footprint in sstat")
        assert max_rss(step.job) == pytest.approx(181 * MIB, rel=0.02)
        # Slurm shows bytes where a figure is no multiple of a KiB.
        assert re.fullmatch(r"[\d.]+[KM]", max_rss_text(step.job)), max_rss_text(step.job)
        run = step.release()
    assert run.rc == 0, run.err


@pytest.mark.parametrize("apart", [0, 0.4], ids=["end at once", "end one after the other"])
def test_tasks_with_a_store_of_two_of_them(apart):
    """20, 40, 60 and 80 MiB, and a store of 100 MiB that the first two map. What the second leaves is no need of the first."""
    base = f"{slurm.OUTPUT}/tasks-{slurm.Running.count}"
    store = f"/dev/shm/plasma-{os.getpid()}"
    script = (f"exec {sys.executable} {TASKS} {store} $((SLURM_PROCID < 2 ? 100 : 0)) $((20 + 20 * SLURM_PROCID)) "
              f"{base}.ready {base}.until")
    step = slurm.start("srun", "-N1", "-n4", "--mem=1000", EXACT, "sh", "-c", script)
    try:
        ready = [f"{base}.ready.{task}" for task in range(4)]
        slurm.wait_for(lambda: all(map(os.path.exists, ready)), 20, "the tasks")
        pids = []
        for path in ready:
            with open(path, encoding="ascii") as file:
                pids.append(int(file.read()))
        wanted = [found["pss_anon"] + found["pss_shmem"] for found in (truth([pid]) for pid in pids)]
        # Each task has been seen by a look and by a poll.
        slurm.wait_for(lambda: max_rss(step.job) > 0.97 * max(wanted), 15, "a poll of the whole memory")
        for pid in reversed(pids):
            os.kill(pid, signal.SIGKILL)
            time.sleep(apart)  # looks come in between
    finally:
        with open(base + ".until", "w", encoding="ascii"):
            pass
        run = step.wait()
        os.unlink(store)
    assert run.rc == 128 + signal.SIGKILL, run.err
    record, seen = slurm.record(run.job), exact.figures(run.job)
    assert seen["max"] == pytest.approx(max(wanted), rel=0.03) and seen["task"] == str(wanted.index(max(wanted)))
    assert sum(wanted) == pytest.approx(record["peak"]["footprint"], rel=0.03)


def max_rss_text(job, *options):
    return slurm.query("sstat", "-n", "-P", *options, "-j", f"{job}.0", "-o", "MaxRSS", check=False).strip()


def max_rss(job):
    return slurm.size(max_rss_text(job, "--noconvert")) or 0


def test_many_tasks_on_a_node():
    run = slurm.srun("-N1", "-n32", "--mem=2000", EXACT, workload.STORE, "--processes=0", "--shared=0", "--private=0",
                     "--grow=1000", "--grow-to=20", "--hold=2.5")
    assert run.rc == 0, run.err
    seen = exact.figures(run.job)
    assert seen["max"] == pytest.approx(21 * MIB, rel=0.1)
    assert seen["total"] == pytest.approx(32 * seen["average"], rel=0.01)


@pytest.mark.parametrize("store", [
    ["--processes=1", "--shared=16", "--private=60", "--daemon"],
    ["--processes=2", "--shared=64", "--private=8", "--unmap"],
], ids=["daemonised", "store that nobody maps"])
def test_what_slurm_cannot_see(store):
    with held(["--mem=1000"], store) as step:
        run = step.seen_for(POLLS).release()
    assert run.rc == 0, run.err
    record, _ = exact.check_peak(run.job)
    assert record["peak"]["footprint"] > 75 * MIB


def test_growth_until_the_end():
    """The last poll comes after the task's end; it writes what the last look saw."""
    run = slurm.srun("-n1", "--mem=1000", EXACT, workload.STORE, "--processes=0", "--shared=0", "--grow=100",
                     "--grow-to=250")
    assert run.rc == 0, run.err
    exact.check_peak(run.job)


def test_step_beside_it_is_untouched():
    with slurm.allocation("-n2", "--mem=2000") as job:
        with held([f"--jobid={job}", "--mem=900", "--exact"], ["--processes=4", "--shared=100", "--private=20"], job=job):
            plain = slurm.srun(f"--jobid={job}", "-n1", "--mem=900", "--exact", workload.STORE, "--processes=4",
                               "--shared=100", "--private=20", f"--hold={POLLS}", job=job)
    assert plain.rc == 0, plain.err
    assert slurm.max_rss(job, 1) > 450 * MIB
    assert [record["step"] for record in slurm.records(job)] == ["0"]


def test_batch_step():
    store = f"{workload.STORE} --processes=4 --shared=100 --private=10 --hold={POLLS}"
    job = slurm.sbatch(store, "-n1", "--mem=900", EXACT).job
    assert slurm.wait_job(job) == "COMPLETED", slurm.job_output(job)
    exact.check_peak(job, "batch")


@pytest.mark.parametrize("site, word, corrected", [
    ("maxrss=exact", "", "exact"),
    ("maxrss=exact", "=maxrss=leave", False),
    ("maxrss=auto", "=maxrss=exact", "exact"),
])
def test_who_decides(site, word, corrected):
    with slurm.plugstack(conftest.plugstack_line("interval=100ms", site)):
        run = slurm.srun("-n1", "--mem=50", f"--ray-pss-accounting{word}", "true")
    assert run.rc == 0, run.err
    assert slurm.record(run.job)["corrected"] == corrected


def test_task_that_cannot_be_launched():
    run = slurm.srun("-n1", "--mem=50", EXACT, "/nonexistent")
    assert run.rc == 2, run.err
    assert slurm.record(run.job)["corrected"] == "exact"
