# SPDX-License-Identifier: GPL-2.0-or-later
"""maxrss=exact where Slurm polls every 30 s and OverMemoryKill is off. Sizes in MiB."""
import pytest

import exact
import jobs
import slurm
import workload
from exact import EXACT
from slurm import MIB

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]


def held(options, store):
    return workload.held([EXACT, *options], store)


def test_spike_between_two_polls():
    with held(["--mem=1000"],
              ["--processes=1", "--shared=0", "--private=10", "--spike=200", "--spike-ms=600"]) as step:
        slurm.wait_for(lambda: jobs.live(f"{step.job}.").get("peak", 0) > 200 * MIB, 10, "a look at the spike")
        run = step.release()
    assert run.rc == 0, run.err
    record, _ = exact.check_peak(run.job)
    assert record["peak"]["footprint"] > 200 * MIB
