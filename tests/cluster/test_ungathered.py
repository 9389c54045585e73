# SPDX-License-Identifier: GPL-2.0-or-later
"""A site without JobAcctGatherType, and with slurm.conf in another place than Slurm's own. Before Slurm 23.11 the gatherer
is then jobacct_gather/none, since then it has no name."""
import pytest

import daemons
import jobs
import slurm
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_patient")]


def test_peak_is_published():
    run = slurm.srun("-n1", "--mem=50", OPTION, "sleep", "0.3")
    assert run.rc == 0 and slurm.record(run.job)["peak"]["footprint"] > 0
    jobs.wait_reported(run.job, {"0": (1, 1)})


def test_peak_is_published_where_only_slurmd_s_command_line_has_the_path():
    with daemons.gone("slurmd", "-f", f"{slurm.STATE}/etc/slurm.conf", without=["SLURM_CONF"]):
        pass
    test_peak_is_published()


def test_reason_is_the_true_one():
    before = slurm.slurmd_log_size()
    run = slurm.srun("-n1", "--mem=50", OPTION + "=maxrss=pss", "true")
    assert run.rc == 0
    told = [line for line in slurm.our_lines(slurm.slurmd_log(since=before)) if "MaxRSS" in line]
    assert len(told) == 1 and "only jobacct_gather/linux can be corrected" in told[0], told
