# SPDX-License-Identifier: GPL-2.0-or-later
"""The main case: 8 processes share 300 MiB and have 20 MiB each, with --mem=1000 under OverMemoryKill."""
from types import SimpleNamespace

import pytest

import slurm
import workload

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed")]
OPTION = "--ray-pss-accounting"


@pytest.fixture(scope="module")
def job(installed):
    """The job runs once; all scenarios below read its results."""
    with workload.held(["--mem=1000", OPTION], workload.SEED, before_poll=True) as step:
        truth = step.seen_for(workload.ONE_POLL_SECONDS).truth()
        run = step.release(between_polls=True)
    return SimpleNamespace(run=run, truth=truth, record=slurm.record(run.job))


def test_runs_to_its_end(job):
    assert job.run.rc == 0, job.run.err


def test_maxrss_is_the_truth(job):
    assert slurm.max_rss(job.run.job) == pytest.approx(job.truth["pss"], rel=0.05)


@pytest.mark.parametrize("word, known_as", [("private", "pss_anon"), ("shared", "shared"), ("kernel", "kernel")])
def test_record_has_the_true(job, word, known_as):
    assert job.record["peak"][word] == pytest.approx(job.truth[known_as], rel=0.02)


def test_footprint_is_the_sum_of_its_parts(job):
    peak = job.record["peak"]
    assert peak["footprint"] == peak["private"] + peak["shared"] + peak["kernel"] + (peak["swap"] or 0)


def test_record_says_what_stock_slurm_would(job):
    assert job.record["peak"]["rss"] == pytest.approx(job.truth["rss"], rel=0.02)
    assert job.record["inflation"] == pytest.approx(job.truth["rss"] / job.truth["footprint"], rel=0.05)
    assert job.record["limit"] == 1000 * slurm.MIB
    assert job.record["peak"]["processes"] == 9


def test_verdict_is_that_only_rss_passed_the_limit(job):
    assert job.record["oom"]["verdict"] == "rss-only"


def test_admin_comment_says_so(job):
    ours = slurm.ray_pss(job.run.job)
    assert ours is not None, slurm.admin_comment(job.run.job)
    step = ours["steps"]["0"]
    assert step["oom"] == "rss-only"
    assert step["peak"] == pytest.approx(job.truth["footprint"], rel=0.02)
    assert (step["nodes"], step["reported"], step["limit"]) == (1, 1, 1000 * slurm.MIB)


def test_srun_says_so_in_one_line(job):
    lines = slurm.our_lines(job.run.err)
    assert len(lines) == 1 and "rss-only" in lines[0], job.run.err


def test_only_the_step_that_asked_is_corrected(installed):
    """Two steps of one job at the same time. The second is not accounted and is killed, as without the plugin."""
    with slurm.allocation("-n2", "--mem=2500") as job:
        common = [f"--jobid={job}", "--exact", "--mem=1000"]
        with workload.held([*common, OPTION], workload.SEED, job=job) as first:
            second = slurm.srun("-n1", *common, workload.STORE, *workload.SEED, "--hold=30", job=job)
            truth = first.seen_for(workload.ONE_POLL_SECONDS).truth()
            assert first.release(between_polls=True).rc == 0
    assert second.rc != 0 and "exceeded memory limit" in second.err
    sizes = [slurm.max_rss(job, step) for step in (0, 1)]
    assert sizes[0] == pytest.approx(truth["pss"], rel=0.05)
    assert sizes[1] > 2500 * slurm.MIB
    assert slurm.record(job, 0) and not [one for one in slurm.records(job) if str(one["step"]) == "1"]
    assert list(slurm.ray_pss(job)["steps"]) == ["0"]
