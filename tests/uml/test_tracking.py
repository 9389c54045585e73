# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps with several kinds of tracking and confinement. The record is right with each, and names its source."""
import os

import pytest

import machine
import slurm
import workload
from machine import OPTION, about

SOURCE = {"pgid": "procfs", "linuxproc": "procfs", "taskcgroup": "cgroup", "proctrack": "cgroup"}[os.environ["BED"]]
ROWS = {
    "store": ("--processes=3 --shared=32 --private=8", 24, 32),
    "daemonised": ("--processes=1 --shared=16 --private=16 --daemon", 16, 16),
}


@pytest.mark.parametrize("options, private, shared", ROWS.values(), ids=ROWS)
def test_footprint(options, private, shared):
    with workload.held(["--mem=400", OPTION], options.split()) as step:
        run = step.seen_for(0.5).release()
    assert run.rc == 0, run.err
    record = slurm.record(run.job)
    assert record["source"] == SOURCE
    assert record["peak"]["private"] == about(private)
    assert record["peak"]["shared"] == about(shared)
    assert record["oom"]["verdict"] == "none"
    machine.check_sum(record["peak"])
