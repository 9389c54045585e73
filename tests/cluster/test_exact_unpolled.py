# SPDX-License-Identifier: GPL-2.0-or-later
"""maxrss=exact where Slurm polls at no interval, only when a task ends. Sizes in MiB."""
import pytest

import exact
import workload
from slurm import MIB

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]


def test_the_last_poll_has_the_peak():
    # Elsewhere Slurm refuses this option for steps with a memory limit.
    with workload.held([exact.EXACT, "--mem=1000", "--acctg-freq=0"], ["--processes=4", "--shared=100", "--private=20"]) as step:
        run = step.seen_for(0.5).release()
    assert run.rc == 0, run.err
    record, _ = exact.check_peak(run.job)
    assert record["peak"]["footprint"] == pytest.approx(181 * MIB, rel=0.02)
