# SPDX-License-Identifier: GPL-2.0-or-later
"""maxrss=exact in an interactive step of salloc. Sizes in MiB."""
import pytest

import exact
import slurm
import workload

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_timed")]


def test_interactive_step():
    store = f"{workload.STORE} --processes=4 --shared=100 --private=20 --hold={workload.ONE_POLL_SECONDS}"
    run = slurm.start("salloc", "-n1", "--mem=1000", exact.EXACT, text=f"{store}\nexit\n").wait()
    assert run.rc == 0, run.err
    slurm.wait_job(run.job)
    record, _ = exact.check_peak(run.job, "interactive")
    assert record["peak"]["footprint"] == pytest.approx(181 * slurm.MIB, rel=0.02)
