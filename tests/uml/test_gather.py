# SPDX-License-Identifier: GPL-2.0-or-later
"""jobacct_gather/cgroup: the plugin leaves MaxRSS alone, and the record explains it."""
import pytest

import machine
import slurm
import workload
from machine import MIB, OPTION, about


def side_by_side(workload_options, record_property):
    with workload.held(["--mem=800", OPTION], workload_options.split()) as step:
        step.seen_for(2.5)
        maxrss = machine.maxrss(step.job)
        run = step.release()
    assert run.rc == 0, run.err
    record = slurm.record(run.job)
    assert record["corrected"] is False and record["source"] == "cgroup"
    figures = {"MaxRSS": maxrss, **{word: record["peak"][word] for word in ("footprint", "private", "shared", "file")}}
    record_property("side by side", str({word: round(size / MIB, 1) for word, size in figures.items()}))
    return maxrss, record["peak"]


def test_page_cache(record_property):
    maxrss, peak = side_by_side("--processes=1 --shared=0 --private=8 --cache=64", record_property)
    assert peak["footprint"] == about(8)
    assert peak["file"] >= 64 * MIB
    if machine.release() >= (23, 11):
        assert maxrss >= 64 * MIB, "MaxRSS without page cache: has Slurm changed?"
    else:
        assert maxrss == about(8)


def test_shared_memory(record_property):
    maxrss, peak = side_by_side("--processes=2 --shared=64 --private=8", record_property)
    assert peak["footprint"] == about(64 + 16)
    if machine.release() < (23, 11):
        assert maxrss == about(16), "MaxRSS with shared memory: has Slurm changed?"
    else:
        assert maxrss == pytest.approx(peak["footprint"], rel=0.1, abs=8 * MIB)
