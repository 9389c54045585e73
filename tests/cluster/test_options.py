# SPDX-License-Identifier: GPL-2.0-or-later
"""Wrong options and arguments, and the messages about them."""
import re

import pytest

import conftest
import slurm

pytestmark = pytest.mark.plugin

WRONG = [
    # what was written           what the line must name
    ("interval=abc", ["interval", "abc", r"ms\b|second|duration"]),
    ("sumary", ["sumary", "summary", "interval", "maxrss"]),
    ("notify=KILL@80%", ["notify", "KILL", "can be caught"]),
    ("notify=FOO@80%", ["notify", "FOO", r"\b(SIG)?(USR1|TERM)\b"]),
]
PROGRAMS = {
    "srun": ["true"],
    "sbatch": ["--output=/dev/null", "--wrap=true"],
    "salloc": ["true"],
}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("written, named", WRONG, ids=[row[0] for row in WRONG])
def test_wrong_option_stops_before_launch(installed, program, written, named):
    run = slurm.start(program, "-n1", "--mem=50", f"--ray-pss-accounting={written}", *PROGRAMS[program]).wait()
    assert run.rc != 0
    assert run.job is None, "a job came to be"
    lines = slurm.our_lines(run.err)
    assert len(lines) == 1, run.err
    for name in named:
        assert re.search(name, lines[0]), lines[0]


@pytest.mark.parametrize("written", ["", "=on", "=interval=200ms", "=maxrss=leave", "=summary,series", "=quiet",
                                     "=notify=USR1@80%,interval=1s"])
def test_right_option_is_taken(installed, written):
    run = slurm.srun("-n1", "--mem=50", f"--ray-pss-accounting{written}", "true")
    assert run.rc == 0, run.err
    assert slurm.record(run.job)["job"]
    if "quiet" in written:
        assert not slurm.our_lines(run.err)


def test_off_means_off(installed):
    run = slurm.srun("-n1", "--mem=50", "--ray-pss-accounting=off", "true")
    assert run.rc == 0 and not slurm.our_lines(run.err)
    assert not slurm.records(run.job)


def test_wrong_environment_is_one_warning_and_ignored(installed):
    run = slurm.srun("-n1", "--mem=50", "true", env={"SLURM_RAY_PSS_ACCOUNTING": "interval=abc"})
    assert run.rc == 0, run.err
    assert len([line for line in slurm.our_lines(run.err) if "SLURM_RAY_PSS_ACCOUNTING" in line]) == 1, run.err


def test_option_of_sbatch_reaches_its_steps(installed):
    job = slurm.sbatch("srun -n1 --mem=50 true", "--mem=100", "--ray-pss-accounting").job
    assert slurm.wait_job(job) == "COMPLETED", slurm.job_output(job)
    assert "(null)" not in slurm.job_output(job)
    assert slurm.record(job, "batch") and slurm.record(job, 0)


@pytest.mark.parametrize("argument, named", [
    ("intervall=1s", ["intervall", "interval", "min_interval", "budget", "maxrss", "spool", "publish", "deadline"]),
    ("interval=abc", ["interval", "abc"]),
    ("mode=sometimes", ["mode", "sometimes", "opt-in", "auto", "always", "off"]),
    ("publish=nowhere", ["publish", "nowhere", "admin_comment", "none"]),
], ids=lambda value: value if isinstance(value, str) else "")
def test_wrong_plugstack_is_one_line_and_no_accounting(argument, named):
    with slurm.plugstack(conftest.plugstack_line("mode=always", argument)):
        before = slurm.slurmd_log_size()
        run = slurm.srun("-n1", "--mem=50", "true")
        logged = slurm.our_lines(slurm.slurmd_log(since=before))
    assert run.rc == 0, run.err
    # slurmstepd's errors reach srun too, so the line may come from either, but only once.
    said = slurm.our_lines(run.err)
    assert said or logged, "nobody was told"
    assert len(said) <= 1 and len(logged) <= 1, said + logged
    for line in said + logged:
        assert all(name in line for name in named), line
    assert not slurm.records(run.job)
