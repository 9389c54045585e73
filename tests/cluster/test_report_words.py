# SPDX-License-Identifier: GPL-2.0-or-later
"""What raypss explain, advise and report say of real steps, also where no record can be read. Sizes in MiB."""
import json
import re
import subprocess

import pytest

import jobs
import slurm
import workload
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]
MIB = slurm.MIB
# Where a login node has no spool.
NOWHERE = ("--spool", "/nonexistent")


def raypss(command, *arguments, user=None):
    """Without the spool, as on a login node."""
    line = [jobs.RAYPSS, command, *map(str, arguments)]
    if user:
        line = ["setpriv", f"--reuid={user}", "--clear-groups", *line]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


def killed(srun_options, store_options):
    with workload.held(srun_options, store_options) as step:
        run = step.running.wait()
    assert run.rc != 0, run.err
    slurm.record(run.job)
    slurm.sacct(run.job)
    return run.job


@pytest.fixture(scope="module")
def false_flag(installed_fast):
    return killed(["--mem=200", OPTION + "=maxrss=leave"], ["--processes=4", "--shared=64", "--private=8"])


@pytest.fixture(scope="module")
def healthy(installed_fast):
    run = slurm.srun("--mem=200", OPTION, workload.STORE, "--processes=2", "--shared=20", "--private=10", "--hold=1")
    assert run.rc == 0, run.err
    slurm.record(run.job)
    slurm.sacct(run.job)
    return run.job


def test_a_false_flag_is_explained(false_flag):
    result = jobs.raypss("explain", false_flag)
    assert result.rc == 10, result
    assert f"Step {false_flag}.0 on n1 was not out of memory" in result.out
    assert "falsely" in result.out and "MaxRSS" in result.out and "the sum of RSS" in result.out, result.out
    assert "maxrss=exact" in result.out


def test_a_true_kill_is_explained():
    job = killed(["--mem=200", OPTION], ["--processes=0", "--shared=0", "--grow=200", "--grow-to=300"])
    result = jobs.raypss("explain", f"{job}.0")
    assert result.rc == 12, result
    assert "ran out of memory: Slurm killed it, and was right" in result.out
    assert "Too thin: the limit was 200 MiB" in result.out
    advice = json.loads(jobs.raypss("advise", "--json", job).out)
    assert advice["too_thin"] and advice["mem"] >= 300 * MIB * 1.15


def test_a_step_that_was_cancelled(healthy):
    with workload.held(["--mem=200", OPTION], ["--processes=1", "--shared=20", "--private=10"]) as step:
        job = step.job
        assert jobs.raypss("explain", job).rc == 0
        slurm.query("scancel", job)
        step.running.wait()
    slurm.record(job)
    slurm.sacct(job)
    result = jobs.raypss("explain", job)
    assert result.rc == 0 and "cancelled" in result.out, result


def test_the_exit_status_of_a_healthy_job(healthy):
    result = jobs.raypss("explain", healthy)
    assert result.rc == 0, result
    assert "was not out of memory" in result.out and "exit status 0" in result.out


def test_without_a_record_the_field_is_read(false_flag):
    for command in "report", "explain", "advise":
        result = raypss(command, *NOWHERE, false_flag)
        assert result.returncode == (10 if command == "explain" else 0), result
        assert "the spools of n1" in result.stdout, result.stdout
    assert "from admin_comment" in raypss("report", *NOWHERE, false_flag).stdout
    field = json.loads(raypss("report", "--json", *NOWHERE, false_flag).stdout)
    assert field["from"] == "admin_comment" and field["steps"]["0"]["oom"] == "rss-only"


def test_an_ordinary_user_on_a_login_node(installed_fast):
    run = slurm.srun("--mem=200", OPTION, workload.STORE, "--processes=2", "--shared=20", "--private=10", "--hold=1",
                     user="nobody")
    assert run.rc == 0, run.err
    slurm.sacct(run.job)
    for command in "report", "explain", "advise":
        result = raypss(command, *NOWHERE, run.job, user="nobody")
        assert result.returncode == 0 and result.stdout, result


def test_another_user_learns_nothing(healthy):
    for command in "report", "explain", "advise":
        result = raypss(command, *NOWHERE, healthy, user="nobody")
        assert result.returncode == 1 and not result.stdout, result
        assert "Slurm knows no such job of yours" in result.stderr
    result = raypss("report", "--user", "root", user="nobody")
    assert result.returncode == 1 and not result.stdout and "root may ask" in result.stderr, result


def test_a_job_that_nobody_knows():
    result = raypss("explain", *NOWHERE, 99999)
    assert result.returncode == 1
    assert result.stderr.splitlines() == ['raypss explain: cannot open "/nonexistent": No such file or directory',
                                          "raypss explain: job 99999: Slurm does not know it"]


def test_a_job_without_accounting():
    run = slurm.srun("true")
    slurm.sacct(run.job)
    result = raypss("report", *NOWHERE, run.job)
    assert result.returncode == 1
    assert "Slurm knows it (COMPLETED), but no figures of it were published: was it run with --ray-pss-accounting?" in result.stderr


def test_tasks_of_an_array():
    script = f"srun {workload.STORE} --processes=1 --shared=10 --private=5 --hold=1"
    array = slurm.sbatch(script, OPTION, "--array=3-4", "--mem=200").job
    slurm.wait_job(array)
    slurm.sacct(array)
    for name in f"{array}_3", f"{array}_4.0":
        result = jobs.raypss("report", name)
        assert result.rc == 0 and "10.0" in result.out and name.split(".")[0] in result.out, result
    result = jobs.raypss("explain", array)
    assert re.search(f"^Job {array} is {array}_[34]: the other tasks of the array are jobs of their own.$", result.out, re.M), result


def test_a_job_that_waits():
    job = slurm.sbatch("true", OPTION, "--hold").job
    result = raypss("explain", *NOWHERE, job)
    slurm.query("scancel", job)
    assert result.returncode == 1
    assert f"raypss explain: job {job}: Slurm knows it (PENDING): it has not begun" in result.stderr
    assert "None" not in result.stderr


def test_several_jobs_and_csv(false_flag, healthy):
    result = jobs.raypss("report", "--csv", false_flag, healthy)
    assert result.rc == 0, result
    head, *rows = [line.split(",") for line in result.out.splitlines()]
    assert [row[head.index("id")] for row in rows] == [false_flag, healthy]
    assert [row[head.index("oom.verdict")] for row in rows] == ["rss-only", "none"]
    assert all(int(row[head.index("peak.footprint")]) > MIB for row in rows)
    both = json.loads(jobs.raypss("report", "--json", false_flag, healthy).out)
    assert [one["id"] for one in both] == [false_flag, healthy]


def of_root():
    """What is told of root's jobs, by job."""
    return {one["id"]: one for one in json.loads(jobs.raypss("report", "--json", "--user", "root").out)}


def test_the_jobs_of_a_user(false_flag, healthy):
    # slurmdbd chooses jobs by a time that it learns some seconds after their end; sacct -S is as late.
    slurm.wait_for(lambda: {false_flag, healthy} <= of_root().keys(), 30, "slurmdbd to find the jobs by time")
    found = of_root()
    assert found[false_flag]["false_flag"] and not found[healthy]["false_flag"]
    assert found[healthy]["asked"] == 200 * MIB and found[healthy]["used"] > 30 * MIB
    result = jobs.raypss("report", "--user", "root", "--since", "1h")
    assert result.rc == 0, result
    rows = {line.split()[0]: line for line in result.out.split("\n\n", maxsplit=1)[0].splitlines()}
    assert "a false flag" in rows[false_flag] and "200" in rows[false_flag], result.out
    assert "a false flag" not in rows[healthy]


@pytest.mark.late
def test_what_was_advised_is_enough():
    options = ["--processes=2", "--shared=60", "--private=40", "--hold=1"]
    first = slurm.srun("--mem=400", OPTION, workload.STORE, *options)
    assert first.rc == 0, first.err
    advice = json.loads(jobs.raypss("advise", "--json", first.job).out)
    assert advice["from"]["footprint"] < advice["mem"] <= 1.3 * advice["from"]["footprint"]
    for _ in range(5):
        again = slurm.srun(f"--mem={advice['mem'] // MIB}", OPTION, workload.STORE, *options)
        assert again.rc == 0, again.err
