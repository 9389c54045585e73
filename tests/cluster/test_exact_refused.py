# SPDX-License-Identifier: GPL-2.0-or-later
"""maxrss=exact where it cannot be: one line says why, and the step runs as without it."""
import pytest

import exact
import slurm

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]


def test_without_a_gatherer():
    before = slurm.slurmd_log_size()
    run = slurm.srun("-n1", "--mem=50", exact.EXACT, "true")
    assert run.rc == 0, run.err
    assert slurm.record(run.job)["corrected"] is False
    told = exact.lines(before)
    assert len(told) == 1 and "maxrss=exact is refused: " in told[0] and "JobAcctGatherType is none" in told[0], told
