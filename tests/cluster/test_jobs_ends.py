# SPDX-License-Identifier: GPL-2.0-or-later
"""The ways in which steps and jobs end. The record says how, and blames memory only if memory was the reason."""
import datetime
import os
import subprocess
from collections import namedtuple

import pytest

import conftest
import jobs
import slurm
import workload
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_patient")]
SMALL = ["--processes=1", "--shared=20", "--private=10"]


def command(*line):
    return lambda job: subprocess.run([word.format(job=job) for word in line], check=True)


# act: what happens to a step that holds still. how: "HOW CODE SIGNAL" of the record's end; several may be right
End = namedtuple("End", "act how")
ENDS = {
    "scancel of the job": End(command("scancel", "{job}"), ["signalled None TERM"]),
    "scancel of the step": End(command("scancel", "{job}.0"), ["signalled None TERM", "signalled None KILL"]),
    "scancel with SIGKILL": End(command("scancel", "--signal=KILL", "{job}.0"), ["signalled None KILL"]),
    "scancel with SIGINT": End(command("scancel", "--signal=INT", "{job}.0"), ["signalled None INT"]),
}


def end_of(job, step=0):
    end = slurm.record(job, step)["end"]
    return f"{end['how']} {end['code']} {end['signal']}"


def no_blame(job, step=0):
    record = slurm.record(job, step)
    return record["oom"]["verdict"] == "none" and not record["oom"]["kills"]


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_step_that_is_ended(end):
    with workload.held(["--mem=200", OPTION], SMALL) as step:
        step.seen_for(0.3)
        end.act(step.job)
        step.running.wait(30)
    assert end_of(step.job) in end.how
    assert no_blame(step.job)
    assert slurm.record(step.job)["peak"]["footprint"] > 30 * slurm.MIB
    slurm.wait_job(step.job)
    jobs.publish(step.job)
    assert jobs.reported(step.job) == {"0": (1, 1)}
    assert jobs.entries(step.job)["0"]["oom"] == "none"


def test_kill_on_bad_exit():
    script = "if [ $SLURM_PROCID = 0 ]; then exit 5; fi; exec sleep 100"
    run = slurm.srun("-n2", "--kill-on-bad-exit=1", "--mem=100", OPTION, "sh", "-c", script)
    assert run.rc != 0 and "Terminating" in run.err, run.err
    assert end_of(run.job).startswith("signalled None ")
    assert no_blame(run.job)
    assert set(jobs.entries(run.job)) == {"0"}


def test_steps_that_slurm_kills_for_memory():
    """All three jobs have their entry at once, and the flag is true."""
    for _ in range(3):
        run = slurm.srun("-n1", "--mem=100", "--acctg-freq=task=1", OPTION, workload.STORE, "--processes=1",
                         "--private=200", "--shared=0", "--hold=30")
        assert run.rc != 0 and "exceeded memory limit" in run.err
        assert jobs.entries(run.job)["0"]["oom"] == "limit"
        assert end_of(run.job) == "signalled None KILL"


# Slurm checks time limits twice a minute, so both jobs wait for the same check while other scenarios run.
Limit = namedtuple("Limit", "options seconds script state how")
LIMITS = {
    "time limit": Limit([], 1, "srun -n1 sleep 300", "TIMEOUT", "signalled None TERM"),
    "--signal": Limit(["--signal=USR1@60"], 45, "srun -n1 sh -c 'trap \"exit 3\" USR1; while :; do sleep 0.1; done'",
                      "FAILED", "failed 3 None"),
}


@pytest.fixture(scope="session", autouse=True)
def limited():
    started = {}
    with slurm.plugstack(conftest.plugstack_line("interval=100ms", "deadline=5s")):
        for name, limit in LIMITS.items():
            job = slurm.sbatch(limit.script, OPTION, "--time=10", "-n1", "--mem=50", *limit.options).job
            slurm.record(job, 0, running=True, deadline=20)
            end = datetime.datetime.now() + datetime.timedelta(seconds=limit.seconds)
            subprocess.run(["scontrol", "update", f"jobid={job}", f"endtime={end:%Y-%m-%dT%H:%M:%S}"], check=True)
            started[name] = job
    return started


def test_requeue():
    """Each run has records of its own. The job's field and the report show the last run."""
    gate = f"{slurm.OUTPUT}/requeue-{slurm.Running.count}"
    script = f"""
        srun -n1 true
        if [ -z "$SLURM_RESTART_COUNT" ]; then srun -n1 true; touch {gate}; sleep 300; fi"""
    job = slurm.sbatch(script, OPTION, "--requeue", "-n1", "--mem=50").job
    slurm.wait_for(lambda: os.path.exists(gate), 30, "the first run")
    subprocess.run(["scontrol", "requeue", job], check=True)
    slurm.wait_for(lambda: slurm.job_state(job) == "PENDING", 30, "the job to be requeued")
    # Not within the second in which Slurm revoked the credential of the first run.
    subprocess.run(["scontrol", "update", f"jobid={job}", "starttime=now+2"], check=True)
    assert slurm.wait_job(job) == "COMPLETED"
    runs = {(record["restart"], str(record["step"])) for record in slurm.records(job)}
    assert runs == {(0, "batch"), (0, "0"), (0, "1"), (1, "batch"), (1, "0")}
    jobs.publish(job)
    ours = slurm.ray_pss(job)
    assert ours["restart"] == 1 and set(ours["steps"]) == {"batch", "0"}
    report = jobs.report(job)
    assert report["restart"] == 1 and set(report["steps"]) == {"batch", "0"}
    rows = slurm.query("sacct", "-D", "-X", "-n", "-P", "-j", job, "-o", "State,AdminComment").splitlines()
    assert len(rows) == 2
    assert '"restart"' not in rows[0] and '"restart":1' in rows[1]


@pytest.mark.late
@pytest.mark.parametrize("name", LIMITS)
def test_time_limit(limited, name):
    job = limited[name]
    assert slurm.wait_job(job, 80) == LIMITS[name].state
    assert end_of(job) == LIMITS[name].how
    assert no_blame(job) and no_blame(job, "batch")
    jobs.publish(job)
    assert jobs.reported(job) == {"batch": (1, 1), "0": (1, 1)}
