# SPDX-License-Identifier: GPL-2.0-or-later
"""cgroup v1, as on EL8: the members come from Slurm's directories, the figures from procfs."""
import pytest

import machine
import slurm
import workload
from machine import OPTION

ROWS = {
    "4 readers of one store": "--processes=4 --shared=32 --private=8",
    "memfd": "--processes=3 --kind=memfd --shared=32 --private=4",
    "sysv": "--processes=3 --kind=sysv --shared=32 --private=4",
    "daemonised": "--processes=1 --shared=16 --private=16 --daemon",
}


@pytest.mark.parametrize("options", ROWS.values(), ids=ROWS)
def test_footprint(options):
    with workload.held(["--mem=800", OPTION], options.split()) as step:
        truth = step.seen_for(0.5).truth()
        group = machine.group_of(step.made()["parent"], "memory")
        run = step.release()
    assert run.rc == 0, run.err
    assert f"/job_{run.job}/step_0" in group
    record = slurm.record(run.job)
    peak = record["peak"]
    assert record["source"] == "procfs"
    assert peak["footprint"] == pytest.approx(truth["footprint"], rel=0.02)
    assert peak["shared"] == pytest.approx(truth["shared"], rel=0.02)
    assert peak["private"] == pytest.approx(truth["pss_anon"], rel=0.02)
    assert peak["rss"] == pytest.approx(truth["rss"], rel=0.02)
    assert record["oom"]["verdict"] == "none"
    machine.check_sum(peak)
