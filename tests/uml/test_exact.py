# SPDX-License-Identifier: GPL-2.0-or-later
"""maxrss=exact with jobacct_gather/cgroup: MaxRSS is the footprint, without page cache, with all of the store."""
import pytest

import machine
import slurm
import workload
from machine import MIB, OPTION, about

SHAPES = {
    "page cache": ("--processes=1 --shared=0 --private=10 --cache=64", 10),
    "store with 4 readers": ("--processes=4 --shared=64 --private=4", 64 + 16),
    "store that nobody maps": ("--processes=2 --shared=64 --private=8 --unmap", 64 + 16),
    "daemonised": ("--processes=1 --shared=16 --private=16 --daemon", 32),
}


@pytest.mark.parametrize("options, mib", SHAPES.values(), ids=SHAPES)
def test_maxrss_is_the_footprint(options, mib, record_property):
    with workload.held(["--mem=800", f"{OPTION}=maxrss=exact"], options.split()) as step:
        step.seen_for(0.5)
        # The first poll may have come while the workload was being made.
        slurm.wait_for(lambda: machine.maxrss(step.job) > (mib - 1) * MIB, 40, "a poll of the whole memory")
        maxrss = machine.maxrss(step.job)
        run = step.release()
    assert run.rc == 0, run.err
    record = slurm.record(run.job)
    record_property("MaxRSS", maxrss)
    assert record["corrected"] == "exact" and record["source"] == "cgroup"
    assert maxrss == about(mib)
    assert maxrss == pytest.approx(record["peak"]["footprint"], rel=0.02)


def test_tasks_side_by_side():
    """Two tasks of 8 and 40 MiB: each has its own figure, so MaxRSS is that of the second and AveRSS is the mean."""
    script = f"exec {workload.STORE} --processes=1 --shared=0 --private=$((8 + 32 * SLURM_PROCID)) --hold=20"
    step = slurm.start("srun", "-n2", "--mem=400", f"{OPTION}=maxrss=exact", "sh", "-c", script)
    try:
        slurm.wait_for(lambda: machine.maxrss(step.job) > 39 * MIB, 40, "a poll of the whole memory")
        largest, task, mean = machine.polled(step.job, "MaxRSS", "MaxRSSTask", "AveRSS")
        assert slurm.size(largest) == about(40) and task == "1"
        assert slurm.size(mean) == about(24)
    finally:
        step.end()
