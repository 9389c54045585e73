# SPDX-License-Identifier: GPL-2.0-or-later
"""maxrss=exact on two nodes, and in two components of a job."""
import pytest

import exact
import slurm
import workload
from exact import EXACT, POLLS

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]


def test_two_nodes():
    script = f"exec {workload.STORE} --processes=1 --shared=0 --private=$((20 + 60 * SLURM_NODEID)) --hold={2 * POLLS}"
    run = slurm.srun("-N2", "-w", "n1,n2", "--mem=200", EXACT, "sh", "-c", script)
    assert run.rc == 0, run.err
    seen = exact.figures(run.job)
    peaks = [slurm.record(run.job, node=node)["peak"]["footprint"] for node in ("n1", "n2")]
    assert (seen["node"], seen["task"]) == ("n2", "1")
    assert 0 <= seen["max"] - peaks[1] < exact.KIB
    assert seen["total"] == pytest.approx(sum(peaks), rel=0.02)


def test_het_components():
    store = f"{workload.STORE} --processes=4 --shared=100 --private=10 --hold={POLLS}"
    run = slurm.srun("-n1", "--mem=900", EXACT, *store.split(), ":", "-n1", "--mem=900", EXACT, *store.split())
    assert run.rc == 0, run.err
    records = slurm.wait_for(lambda: len(slurm.records(run.job)) + len(slurm.records(int(run.job) + 1)) == 2 and (
        slurm.records(run.job) + slurm.records(int(run.job) + 1)), 10, "both records")
    for component, record in enumerate(records):
        assert record["corrected"] == "exact"
        shown = slurm.wait_for(lambda: [row for row in slurm.sacct(run.job, "MaxRSS")
                                        if row["JobID"] == f"{run.job}+{component}.0" and row["MaxRSS"]], 20, "MaxRSS")
        assert slurm.size(shown[0]["MaxRSS"]) == pytest.approx(record["peak"]["footprint"], rel=0.01)
