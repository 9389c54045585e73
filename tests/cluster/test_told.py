# SPDX-License-Identifier: GPL-2.0-or-later
"""Nobody asks in vain: who asks for accounting and does not get it reads why, in one line."""
import contextlib
import os
import subprocess

import pytest

import conftest
import slurm
import workload

pytestmark = pytest.mark.plugin
OPTION = "--ray-pss-accounting"
RAYPSSD = os.path.join(conftest.PREFIX, "libexec/raypss/raypssd")


@contextlib.contextmanager
def in_place_of_raypssd(program):
    """Only the rig's mount namespace sees it."""
    subprocess.run(["mount", "--bind", program, RAYPSSD], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", RAYPSSD], check=True)


# what the site has             what the user reads
WHY = [
    (["mode=off"], None, "not accounted: the site has switched that off"),
    (["interval=abc"], None, 'plugstack.conf is wrong: interval="abc" is not a number'),
    ([], "/dev/null", "raypssd cannot start on this node: Permission denied"),
    ([], "/bin/false", "of another build than ray_pss.so"),
    (["spool=/proc/none"], None, "/proc/none: No such file or directory"),
]


@pytest.mark.parametrize("arguments, raypssd, told", WHY, ids=[row[2] for row in WHY])
def test_who_asks_reads_why_there_is_no_record(arguments, raypssd, told):
    with slurm.plugstack(conftest.plugstack_line(*arguments)), contextlib.ExitStack() as stack:
        if raypssd:
            stack.enter_context(in_place_of_raypssd(raypssd))
        asked = slurm.srun("-n1", "--mem=50", OPTION, "true")
        plain = slurm.srun("-n1", "--mem=50", "true")
    assert asked.rc == plain.rc == 0, asked.err
    assert [told in line for line in slurm.our_lines(asked.err)].count(True) == 1, asked.err
    assert not slurm.our_lines(plain.err)
    assert not slurm.records(asked.job)


def test_the_first_step_of_a_version_says_so(installed):
    for mark in os.listdir("/run/raypss"):
        if mark.startswith("version-"):
            os.unlink(f"/run/raypss/{mark}")
    before = slurm.slurmd_log_size()
    for _ in range(2):
        assert slurm.srun("-n1", "--mem=50", OPTION, "true").rc == 0
    assert slurm.slurmd_log(since=before).count(slurm.FIRST_STEP) == 1


@pytest.mark.parametrize("options, store, said", [
    (["--mem=200"], ["--processes=1", "--shared=0", "--private=10"], False),
    (["--mem=100"], ["--processes=8", "--shared=40", "--private=2"], True),
], ids=["nothing to say", "flagged by the sum of RSS"])
def test_flagged_steps_alone_have_a_line(options, store, said):
    with slurm.plugstack(conftest.plugstack_line("interval=100ms", "deadline=5s", "summary=flagged")):
        with workload.held([*options, OPTION], store) as step:
            run = step.seen_for(0.5).release()
        asked = slurm.srun("-n1", "--mem=100", f"{OPTION}=summary", "sleep", "0.3")
    assert run.rc == 0, run.err
    lines = slurm.our_lines(run.err)
    assert bool(lines) == said, run.err
    assert not said or "not out of memory (Slurm's RSS sum would be)" in lines[0]
    assert ": peak " in asked.err


def test_a_line_among_several_names_its_step(installed):
    job = slurm.sbatch("srun -n1 sleep 0.3", "-n1", "--mem=100", OPTION).job
    assert slurm.wait_job(job) == "COMPLETED"
    assert f"step {job}.0: peak " in slurm.job_output(job)
