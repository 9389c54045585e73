# SPDX-License-Identifier: GPL-2.0-or-later
"""maxrss=exact with ContainSpank: some hooks run in a clone of slurmstepd, the polls in slurmstepd itself."""
import pytest

import exact
import slurm
import workload

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_timed")]


def test_step_in_a_container_of_the_job():
    with workload.held(["--mem=1000", exact.EXACT], ["--processes=4", "--shared=100", "--private=20"]) as step:
        run = step.seen_for(2 * workload.POLL_SECONDS).release()
    assert run.rc == 0, run.err
    record, _ = exact.check_peak(run.job)
    assert record["peak"]["footprint"] == pytest.approx(181 * slurm.MIB, rel=0.02)
