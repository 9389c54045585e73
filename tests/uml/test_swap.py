# SPDX-License-Identifier: GPL-2.0-or-later
"""A step whose memory is partly in swap space."""
import machine
import slurm
import workload
from machine import MIB, OPTION, about


def test_swapped_memory_is_in_the_footprint():
    with workload.held(["--mem=64", OPTION], ["--processes=1", "--shared=0", "--private=88"]) as step:
        truth = step.seen_for(0.5).truth()
        kernel = machine.kernel_truth(step.made()["parent"])
        run = step.release()
    assert run.rc == 0, run.err
    record = slurm.record(run.job)
    assert truth["swap"] > 16 * MIB
    assert record["peak"]["swap"] > 16 * MIB
    assert record["peak"]["footprint"] == about(88), (truth, kernel)
    machine.check_sum(record["peak"])
    if kernel["memory.swap.peak"]:
        assert record["bound"] >= record["peak"]["footprint"]
    else:
        assert record["bound"] is None
    assert record["oom"]["verdict"] != "kernel"
