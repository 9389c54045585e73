# SPDX-License-Identifier: GPL-2.0-or-later
"""Kinds of memory (shared, hidden, cached), each in a step of its own."""
import pytest

import slurm
import workload

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]


def account(*store_options, seconds=0.5):
    """The truth about a step that held still, and the peak in its record."""
    with workload.held(["--mem=4000", "--ray-pss-accounting"], store_options) as step:
        truth = step.seen_for(seconds).truth()
        run = step.release()
    assert run.rc == 0, run.err
    return truth, slurm.record(run.job)["peak"]


@pytest.mark.parametrize("kind", ["plasma", "memfd", "sysv", "anon"])
def test_shared_object_is_counted_once(kind):
    truth, peak = account(f"--kind={kind}", "--processes=6", "--shared=100", "--private=10")
    assert truth["rss_shmem"] > 600 * slurm.MIB
    assert peak["shared"] == pytest.approx(100 * slurm.MIB, rel=0.02)
    assert peak["private"] == pytest.approx(truth["pss_anon"], rel=0.02)


def test_daemonised_child_is_counted():
    with workload.held(["--mem=1000", "--ray-pss-accounting"],
                       ["--processes=1", "--shared=0", "--private=200", "--daemon"]) as step:
        step.seen_for(workload.ONE_POLL_SECONDS)
        run = step.release()
    assert run.rc == 0
    assert slurm.record(run.job)["peak"]["private"] == pytest.approx(200 * slurm.MIB, rel=0.05)
    assert slurm.max_rss(run.job) < 50 * slurm.MIB


def test_store_that_nobody_maps_is_counted_once():
    # raypssd reads the descriptors again at a bounded interval: at first half the age of the process.
    truth, peak = account("--unmap", "--processes=2", "--shared=100", "--private=10", seconds=2.5)
    assert truth["pss_shmem"] < slurm.MIB
    assert peak["shared"] == pytest.approx(100 * slurm.MIB, rel=0.02)


def test_mapped_file_is_file_and_not_footprint():
    truth, peak = account("--map-file=300", "--processes=4", "--shared=0", "--private=5")
    assert truth["rss_file"] > 1200 * slurm.MIB
    assert peak["file"] >= 300 * slurm.MIB
    assert peak["footprint"] < 60 * slurm.MIB

