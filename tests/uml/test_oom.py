# SPDX-License-Identifier: GPL-2.0-or-later
"""Verdicts of steps that reached their limit, came near it, or were killed for another reason. Sizes in MiB."""
import subprocess

import pytest

import machine
import slurm
import workload
from machine import MIB, OPTION, about

ALONE = ["--processes=0", "--shared=0"]
# With the process itself and the kernel's part this makes 96 % of 100 MiB.
NEARLY = ["--processes=1", "--shared=0", "--private=95"]


def ended(step, deadline=60):
    """Runs a step to its own end. Returns how it ended, and its record."""
    run = step.running.wait(deadline)
    return run, slurm.record(run.job)


def check_kernel_kill(record, kills, scope):
    """The record must say the same as the kernel log."""
    oom = record["oom"]
    assert kills
    assert (oom["verdict"], oom["scope"], oom["kills"]) == ("kernel", scope, len(kills))
    # The kill of the last process is seen after the last sample.
    assert 0 <= oom["at"] <= record["elapsed"] + 10
    assert [(victim["pid"], victim["name"]) for victim in oom["victims"]] == [(kill.pid, kill.name) for kill in kills]


# The step grows slowly enough that the last sample before the limit is within 4 MiB of it.
GROWING = [*ALONE, "--grow=40", "--grow-to=200"]


def test_grows_past_its_limit():
    mark = machine.mark_kernel_log()
    with workload.held(["--mem=100", OPTION], GROWING) as step:
        run, record = ended(step)
    assert run.rc != 0
    # The kernel may name the job's limit, which is equal: slurmstepd's own memory is in the job's group.
    check_kernel_kill(record, machine.kernel_kills(mark), "step")
    assert record["peak"]["footprint"] == about(100)
    assert record["limit"] == 100 * MIB
    assert slurm.wait_job(run.job) == "OUT_OF_MEMORY"
    lines = slurm.our_lines(run.err)
    assert len(lines) == 1 and "kernel" in lines[0], run.err


def test_grows_past_the_limit_of_its_step():
    mark = machine.mark_kernel_log()
    with slurm.allocation("-n1", "--mem=200") as job:
        with workload.held([f"--jobid={job}", "--mem=100", OPTION], GROWING, job=job) as step:
            run, record = ended(step)
    assert run.rc != 0
    check_kernel_kill(record, machine.kernel_kills(mark), "step")
    assert record["peak"]["footprint"] == about(100)


def test_reaches_96_percent_and_stays():
    with workload.held(["--mem=100", OPTION], NEARLY) as step:
        run = step.seen_for(0.5).release()
    assert run.rc == 0, run.err
    record = slurm.record(run.job)
    assert record["peak"]["footprint"] == about(96)
    assert (record["oom"]["verdict"], record["oom"]["kills"]) == ("near", 0)


def test_killed_by_scancel_near_its_limit():
    with workload.held(["--mem=100", OPTION], NEARLY) as step:
        step.seen_for(0.5)
        subprocess.run(["scancel", "--signal=KILL", f"{step.job}.0"], check=True)
        run, record = ended(step)
    assert run.rc != 0
    assert (record["oom"]["verdict"], record["oom"]["kills"]) == ("near", 0)


def worker_dies(*options):
    """The kernel kills a worker of a task, and the task still succeeds."""
    script = f"{workload.STORE} {' '.join(ALONE)} --grow=200 --grow-to=200; exit 0"
    return slurm.srun("-n1", "--mem=100", *options, "sh", "-c", script)


def test_worker_is_killed_and_the_task_succeeds():
    control = worker_dies()
    mark = machine.mark_kernel_log()
    run = worker_dies(OPTION)
    assert run.rc == control.rc
    check_kernel_kill(slurm.record(run.job), machine.kernel_kills(mark), "step")
    assert slurm.wait_job(run.job) == slurm.wait_job(control.job)


def test_two_steps_exceed_the_limit_of_their_job():
    mark = machine.mark_kernel_log()
    with slurm.allocation("-n2", "--mem=150") as job:
        common = [f"--jobid={job}", "--overlap", "--mem=120", OPTION]
        with workload.held(common, [*ALONE, "--heap=90"], job=job) as victim:
            with workload.held(common, [*ALONE, "--grow=100", "--grow-to=80"], job=job) as other:
                run, record = ended(victim)
                assert other.release().rc == 0
    assert run.rc != 0
    check_kernel_kill(record, machine.kernel_kills(mark), "job")
    assert record["peak"]["footprint"] == about(90)
    assert slurm.record(job, 1)["oom"]["kills"] == 0
