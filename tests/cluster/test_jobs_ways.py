# SPDX-License-Identifier: GPL-2.0-or-later
"""The ways in which a job and its steps can start. Each step has an entry, and slurmctld gets few requests."""
import time
from collections import namedtuple

import pytest

import conftest
import jobs
import slurm
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_patient")]

# options: of sbatch. entries: in the AdminComment at the end. writes: highest number of requests to slurmctld
Batch = namedtuple("Batch", "options script entries writes")
BATCHES = {
    "option, two inner sruns": Batch([OPTION], "srun -n1 true; srun -n1 true", "batch 0 1", 2),
    "option with words": Batch([OPTION + "=quiet"], "srun -n1 true", "batch 0", 2),
    "no option, one inner srun with it": Batch([], f"srun -n1 {OPTION} true", "0", 1),
    "no option, the second of two": Batch([], f"srun -n1 true; srun -n1 {OPTION} true", "1", 1),
    "option, switched off inside": Batch([OPTION], f"srun -n1 {OPTION}=off true", "batch", 1),
    "steps that fail": Batch([OPTION], "srun -n1 false; srun -n1 sh -c 'kill -SEGV $$'; true", "batch 0 1", 2),
    "overlapping steps": Batch([OPTION], "for i in 1 2 3; do srun -n1 --overlap true & done; wait", "batch 0 1 2", 2),
    "overlapping steps alone": Batch([], f"for i in 1 2 3; do srun -n1 --overlap {OPTION} true & done; wait",
                                     "0 1 2", 3 + 2),
    "all tasks on the node": Batch([OPTION, "-n4"], "srun true", "batch 0", 2),
    "no step": Batch([OPTION], "true", "batch", 1),
    "script that fails": Batch([OPTION], "srun -n1 true; exit 3", "batch 0", 2),
}


@pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES.keys())
def test_batch(batch):
    job = slurm.sbatch(batch.script, "--mem=100", "-n1", *batch.options).job
    slurm.wait_job(job)
    assert set(jobs.entries(job)) == set(batch.entries.split()), slurm.job_output(job)
    assert set(jobs.reported(job).values()) == {(1, 1)}
    assert jobs.updates_of(job) <= batch.writes
    assert "(null)" not in slurm.admin_comment(job) + slurm.job_output(job)
    assert not jobs.publish(job).out
    assert set(jobs.entries(job)) == set(batch.entries.split())


@pytest.mark.parametrize("options, inner", [([], [OPTION]), ([OPTION], [])], ids=["of srun", "of salloc"])
def test_salloc(options, inner):
    run = slurm.start("salloc", "-n1", "--mem=100", *options, "sh", "-c", f"srun -n1 {' '.join(inner)} true").wait()
    assert run.rc == 0, run.err
    slurm.wait_job(run.job)
    assert set(jobs.entries(run.job)) == {"0"}


def test_interactive_step():
    run = slurm.start("salloc", "-n1", "--mem=100", OPTION, text="srun -n1 --overlap true\nexit\n").wait()
    assert run.rc == 0, run.err
    slurm.wait_job(run.job)
    jobs.publish(run.job)
    assert set(jobs.entries(run.job)) == {"interactive", "0"}, run.err


def test_step_in_another_job_than_the_batch_step_around_it():
    """The batch step speaks for its own job only, so the step in the other job is published at once."""
    with slurm.allocation("-n1", "--mem=50") as other:
        job = slurm.sbatch(f"srun -n1 --overlap --jobid={other} true", OPTION, "-n1", "--mem=50").job
        assert slurm.wait_job(job) == "COMPLETED", slurm.job_output(job)
        assert set(jobs.entries(other, "scontrol")) == {"0"}
    assert set(jobs.entries(job)) == {"batch"}


def test_thirty_in_a_row():
    missing = []
    for _ in range(30):
        run = slurm.srun("-n1", "--mem=50", OPTION, "true")
        assert run.rc == 0, run.err
        if set(jobs.entries(run.job)) != {"0"}:
            missing.append(run.job)
    assert not missing


@pytest.mark.parametrize("command, rc", [(["false"], 1), (["sh", "-c", "kill -SEGV $$"], 139), (["/nonexistent"], 2)],
                         ids=["false", "SIGSEGV", "no such program"])
def test_srun_that_fails(command, rc):
    run = slurm.srun("-n1", "--mem=50", OPTION, *command)
    assert run.rc == rc
    assert set(jobs.entries(run.job)) == {"0"}
    assert jobs.entries(run.job)["0"]["oom"] == "none"


# The rule for steps outside an accounted batch step: so many writes at once, then one a minute.
AT_ONCE, REFILL_SECONDS = 8, 60


def bare_step(job):
    run = slurm.srun("-n1", "--overlap", f"--jobid={job}", OPTION, "true", job=job)
    assert run.rc == 0, run.err


@pytest.fixture(scope="session", autouse=True)
def busy():
    """A job without a batch step, and the time at which its steps had used up their writes. Other scenarios run meanwhile."""
    with slurm.plugstack(conftest.plugstack_line("deadline=5s")), slurm.allocation("-n1", "--mem=50") as job:
        for _ in range(AT_ONCE + 2):
            bare_step(job)
        yield job, time.monotonic()


@pytest.mark.late
def test_bare_steps_write_once_a_minute(busy):
    job, since = busy
    assert jobs.updates_of(job) == AT_ONCE
    slurm.wait_for(lambda: time.monotonic() > since + REFILL_SECONDS, REFILL_SECONDS + 1, "a minute to pass")
    for _ in range(3):
        bare_step(job)
    # One more write is allowed if more than another minute passed.
    allowed = AT_ONCE + int(time.monotonic() - since + 5) // REFILL_SECONDS
    assert AT_ONCE + 1 <= jobs.updates_of(job) <= allowed
    assert set(jobs.entries(job, "scontrol")) >= {str(step) for step in range(AT_ONCE)}


@pytest.mark.late
def test_many_steps_are_few_writes():
    """Two hundred steps of 2 s: one write when the rate allows it, which is once a minute, and one at the end."""
    before, begin = jobs.updates(), time.monotonic()
    job = slurm.sbatch("seq 200 | xargs -P 20 -I {} srun -n1 --overlap sleep 2", OPTION, "-n1", "--mem=400").job
    assert slurm.wait_job(job, 300) == "COMPLETED", slurm.job_output(job)
    assert jobs.updates() - before <= 2 + int(time.monotonic() - begin) // REFILL_SECONDS
    assert len(slurm.records(job)) == 201
    ours = slurm.ray_pss(job)
    assert ours["totals"]["steps"] == 201 and len(ours["steps"]) == 10
    assert jobs.report(job)["total"]["nodes"] == 1 and len(jobs.report(job)["steps"]) == 201
    assert len(slurm.admin_comment(job)) < 2300


def test_array_of_three():
    """The last task has the array's own number. Its entries and those of the other tasks must not mix."""
    script = "for i in $(seq $SLURM_ARRAY_TASK_ID); do srun -n1 true; done"
    array = slurm.sbatch(script, OPTION, "-n1", "--mem=50", "--array=1-3").job
    expected = {f"{array}_{i}": {"batch", *map(str, range(i))} for i in (1, 2, 3)}
    for task in expected:
        slurm.wait_job(task)
    numbers = {task: slurm.query("squeue", "-h", "-t", "all", "-j", task, "-o", "%A").strip() for task in expected}
    assert array in numbers.values()
    assert {task: set(jobs.entries(task)) for task in expected} == expected
    for task, number in numbers.items():
        assert {step for step, _ in jobs.ends(number)} == expected[task]
    # Start as if nothing had been published while the job ran.
    for task in expected:
        slurm.query("sacctmgr", "-i", "modify", "job", "set", "admincomment=", "where", f"jobid={task}")
    assert {task: set(jobs.entries(task)) for task in expected} == {task: set() for task in expected}
    for task, number in numbers.items():
        jobs.publish(number)
    assert {task: set(jobs.entries(task)) for task in expected} == expected
