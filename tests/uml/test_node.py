# SPDX-License-Identifier: GPL-2.0-or-later
"""A step without a limit on a node that runs out of memory."""
import machine
import slurm
import workload
from machine import MIB, OPTION


def test_node_runs_out():
    mark = machine.mark_kernel_log()
    with workload.held([OPTION], ["--processes=0", "--shared=0", "--grow=100", "--grow-to=280"]) as step:
        run = step.running.wait()
    assert run.rc != 0
    kills = machine.kernel_kills(mark)
    assert [kill.everywhere for kill in kills] == [True]
    record = slurm.record(run.job)
    oom = record["oom"]
    assert (oom["verdict"], oom["scope"]) == ("kernel", "node")
    # In the bed pidspace the log's number is not the one that raypssd knows the process by.
    assert oom["kills"] >= 1 and (oom["victims"][0]["pid"], oom["victims"][0]["name"]) == (kills[0].pid, "store")
    assert record["peak"]["footprint"] > 50 * MIB
    assert record["limit"] is None
