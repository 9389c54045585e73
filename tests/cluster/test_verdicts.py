# SPDX-License-Identifier: GPL-2.0-or-later
"""What OverMemoryKill does to steps without cgroups, and the verdict in their records. Sizes in MiB."""
import pytest

import slurm
import workload

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]
OPTION = "--ray-pss-accounting"
MIB = slurm.MIB


def killed(srun_options, store_options):
    """The record of a step that Slurm kills."""
    with workload.held(srun_options, store_options) as step:
        run = step.running.wait()
    assert run.rc != 0 and "exceeded memory limit" in run.err, run.err
    return slurm.record(run.job)


def test_true_overuse_is_a_true_flag():
    record = killed(["--mem=200", OPTION], ["--processes=0", "--shared=0", "--grow=200", "--grow-to=300"])
    assert record["oom"]["verdict"] == "limit"
    assert record["oom"]["kills"] == 0
    assert record["peak"]["footprint"] == pytest.approx(300 * MIB, rel=0.02)
    assert record["peak"]["footprint"] > record["limit"] == 200 * MIB


def test_rss_sum_is_a_false_flag():
    record = killed(["--mem=200", OPTION + "=maxrss=leave"], ["--processes=4", "--shared=64", "--private=8"])
    assert record["oom"]["verdict"] == "rss-only"
    assert record["peak"]["footprint"] == pytest.approx(96 * MIB, abs=4 * MIB)
    assert record["peak"]["rss"] > 200 * MIB


def test_mapped_file_is_a_false_flag_even_when_corrected():
    """PSS includes pages of mapped files, and Slurm compares PSS with the limit. The plugin cannot change that."""
    record = killed(["--mem=100", OPTION], ["--processes=2", "--shared=0", "--private=10", "--map-file=100"])
    assert record["corrected"]
    assert record["oom"]["verdict"] == "rss-only"
    assert record["peak"]["footprint"] == pytest.approx(20 * MIB, abs=4 * MIB)
    assert record["peak"]["file"] >= 100 * MIB


def test_copy_on_write_is_counted_once():
    with workload.held(["--mem=2000", OPTION],
                       ["--processes=4", "--shared=0", "--private=0", "--heap=64"]) as step:
        truth = step.seen_for(3).truth()
        run = step.release()
    assert run.rc == 0, run.err
    assert truth["rss_anon"] > 300 * MIB
    record = slurm.record(run.job)
    assert record["source"] == "procfs"
    assert record["peak"]["private"] == pytest.approx(truth["pss_anon"], rel=0.05)
    assert record["peak"]["footprint"] == pytest.approx(truth["footprint"], rel=0.05)
    assert record["oom"]["verdict"] == "none"
