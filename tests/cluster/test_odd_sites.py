# SPDX-License-Identifier: GPL-2.0-or-later
"""Sites and commands that are not the usual ones. The step runs as without the plugin, and its figures are right."""
import os
import shutil
import subprocess
from collections import namedtuple

import pytest

import conftest
import jobs
import slurm
from jobs import OPTION

pytestmark = [pytest.mark.plugin]
OURS = ("RAYPSS_STATE", "RAYPSS_MEMORY_LIMIT")


def plugin_of_a_backup():
    path = os.path.join(slurm.STATE, "etc/ray_pss.bak.so")
    shutil.copy(conftest.PLUGIN, path)
    return conftest.plugstack_line("interval=100ms", "mode=always").replace(conftest.PLUGIN, path)


@pytest.mark.parametrize("second", [lambda: conftest.plugstack_line("interval=100ms", "mode=always"), plugin_of_a_backup],
                         ids=["the same file", "a copy of the file"])
def test_plugin_listed_twice(second):
    before = slurm.slurmd_log_size()
    with slurm.plugstack(conftest.plugstack_line("interval=100ms") + "\n" + second()):
        run = slurm.srun("-n2", "--mem=50", OPTION, "sleep", "0.3")
        not_asked = slurm.srun("-n1", "--mem=50", "true")
    assert run.rc == 0
    told = slurm.our_lines(run.err)
    assert len(told) == 1 and ": peak " in told[0], run.err
    # Slurm says so itself where two plugins have the same option.
    assert "provided by both" not in run.err
    assert slurm.record(run.job)["end"]["how"] == "completed"
    jobs.wait_reported(run.job, {"0": (1, 1)})
    # The first line holds, and it accounts only whom asks for it.
    assert not slurm.records(not_asked.job) and not slurm.our_lines(not_asked.err)
    logged = slurm.our_lines(slurm.slurmd_log(since=before))
    assert len([line for line in logged if "only the first line holds" in line]) == 2, logged


# first: which of the two lines is first. ended: how the record says that the step ended, None: there is no record
Failing = namedtuple("Failing", "hook first ended")
FAILING = [
    Failing("init_post_opt", "other", None),
    Failing("init_post_opt", "ours", "lost None"),
    Failing("user_init", "other", "untold None"),
    Failing("task_init", "other", "failed 1"),
    Failing("task_post_fork", "other", "untold None"),
    Failing("task_exit", "other", "failed 3"),
    Failing("task_exit", "ours", "failed 3"),
    Failing("exit", "other", "failed 3"),
]


@pytest.mark.parametrize("failing", FAILING, ids=lambda failing: f"{failing.hook}, {failing.first} first")
def test_required_plugin_fails(failing):
    """Slurm then does not call that hook of the plugins behind it."""
    path = os.path.join(slurm.STATE, "etc", "hookfails.so")
    shutil.copy(os.path.join(os.environ["RIG_WORKLOADS"], ".libs/hookfails.so"), path)
    other = f"required {path} {failing.hook}"
    lines = [other, conftest.plugstack_line("interval=100ms", "deadline=5s")]
    step = ["-n2", "--mem=50", "sh", "-c", "exit $((SLURM_PROCID * 3))"]
    with slurm.plugstack(other):
        usual = slurm.srun(*step)
    with slurm.plugstack("\n".join(lines if failing.first == "other" else reversed(lines))):
        run = slurm.srun(OPTION, *step)
    assert run.rc == usual.rc
    slurm.wait_for(lambda: not slurm.processes_named("raypssd"), 10, "raypssd to be gone")
    assert [f"{one['end']['how']} {one['end']['code']}" for one in slurm.records(run.job)] == [failing.ended] * bool(failing.ended)
    if failing.hook == "task_exit":
        slurm.sacct(run.job)
        jobs.publish(run.job)
        jobs.wait_reported(run.job, {"0": (1, 1)})


def shown(text):
    """The plugin's variables in the output of env."""
    return {line.partition("=")[0] for line in text.splitlines()} & set(OURS)


def test_step_that_is_not_accounted_has_no_variables_of_the_step_around_it(installed):
    job = slurm.sbatch(f"env > {slurm.OUTPUT}/around; srun -n1 {OPTION}=off env", OPTION, "-n1", "--mem=50").job
    assert slurm.wait_job(job) == "COMPLETED"
    with open(f"{slurm.OUTPUT}/around", encoding="utf-8") as file:
        assert shown(file.read()) == set(OURS)
    assert shown(slurm.job_output(job)) == set()


@pytest.mark.parametrize("inner, accounted", [("", True), (OPTION + "=off", False)])
def test_job_submitted_from_an_accounted_job(installed, inner, accounted):
    """Slurm hands the option down in the environment, as ray_pss(8) says."""
    script = f"sbatch -n1 --mem=50 --wait --output={slurm.OUTPUT}/%j.inner {inner} --wrap 'sleep 0.3'"
    job = slurm.sbatch(script, OPTION, "-n1", "--mem=50").job
    assert slurm.wait_job(job) == "COMPLETED"
    submitted = slurm.job_output(job).split("Submitted batch job ")[1].split()[0]
    assert bool(slurm.records(submitted)) == accounted
    assert not accounted or slurm.record(submitted, "batch")


def noisy_prolog():
    path = f"{slurm.OUTPUT}/noisy"
    with open(path, "w", encoding="ascii") as file:
        file.write("#!/bin/sh\necho export NOISE=1\necho print noise\necho noise >&2\n")
    os.chmod(path, 0o755)
    return [f"--task-prolog={path}", f"--task-epilog={path}", "sh", "-c", "exit $((NOISE + 2))"]


def several_programs():
    path = f"{slurm.OUTPUT}/several"
    with open(path, "w", encoding="ascii") as file:
        file.write("0 true\n1 sh -c 'exit 4'\n2 echo two\n")
    return ["-n3", "--multi-prog", path]


# Arguments of srun, and "HOW CODE" of the record's end.
WAYS = {
    "--multi-prog": (several_programs, "failed 4"),
    "--label": (lambda: ["-n2", "--label", "--unbuffered", "echo", "x"], "completed 0"),
    "--input": (lambda: ["--input=/etc/hostname", "cat"], "completed 0"),
    "--output": (lambda: [f"--output={slurm.OUTPUT}/of-%t", "--error=none", "echo", "x"], "completed 0"),
    "--bcast": (lambda: [f"--bcast={slurm.OUTPUT}/bcast", "/bin/echo", "x"], "completed 0"),
    "--task-prolog": (noisy_prolog, "failed 3"),
}


@pytest.mark.parametrize("way", WAYS)
def test_ways_of_srun(installed_fast, way):
    arguments, end = WAYS[way]
    usual = slurm.srun("-n1", "--mem=50", *arguments(), env={"SLURM_RAY_PSS_ACCOUNTING": "off"})
    run = slurm.srun("-n1", "--mem=50", OPTION, *arguments())
    assert (run.rc, sorted(run.out.splitlines())) == (usual.rc, sorted(usual.out.splitlines()))
    assert len(slurm.our_lines(run.err)) == (way != "--output"), run.err
    record = slurm.record(run.job)
    assert f"{record['end']['how']} {record['end']['code']}" == end


def test_step_without_an_allocation(installed_patient):
    """srun -Z makes up a job number. Nothing can be published, and nobody is told that."""
    before, line = slurm.slurmd_log_size(), [OPTION, "--no-allocate", "--nodelist=n1", "-n1", "sleep", "0.3"]
    run = subprocess.run(["srun", *line], capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
    assert run.returncode == 0
    told = slurm.our_lines(run.stderr)
    assert len(told) == 1 and ": peak " in told[0], run.stderr
    assert not [text for text in slurm.our_lines(slurm.slurmd_log(since=before)) if "not in sacct" in text]
    made_up = [name for name in os.listdir(f"{slurm.STATE}/spool/rig") if name.isdigit() and int(name) >= 0xffff0000]
    assert len(made_up) == 1 and slurm.records(made_up[0])
    for _ in range(2):
        assert made_up[0] not in jobs.publish("--pending").out


def test_allocation_without_a_shell(installed):
    """salloc --no-shell has no step of its own to account; steps that join take the option themselves."""
    with slurm.allocation("-n1", "--mem=50", OPTION) as job:
        plain = slurm.srun("-n1", f"--jobid={job}", "true", job=job)
        asked = slurm.srun("-n1", f"--jobid={job}", OPTION, "true", job=job)
    assert (plain.rc, asked.rc) == (0, 0)
    assert {str(one["step"]) for one in slurm.records(job)} == {"1"}
