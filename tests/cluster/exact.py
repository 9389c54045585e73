# SPDX-License-Identifier: GPL-2.0-or-later
"""What sacct says of a step with maxrss=exact, and what it has to say."""
import re

import slurm

EXACT = "--ray-pss-accounting=maxrss=exact"
FIELDS = ("MaxRSS", "MaxRSSNode", "MaxRSSTask", "AveRSS", "TRESUsageInTot")
KIB = 1024
POLLS = 2.5  # seconds in which Slurm polls twice


def figures(job, step=0):
    """sacct's figures of a step in bytes, once slurmdbd has them."""
    def known():
        row = slurm.sacct_step(job, step, *FIELDS)
        return row["MaxRSS"] and row
    row = slurm.wait_for(known, 20, f"the figures of step {job}.{step}")
    total = re.search(r"mem=(\w+)", row["TRESUsageInTot"])
    return {"max": slurm.size(row["MaxRSS"]), "node": row["MaxRSSNode"], "task": row["MaxRSSTask"],
            "average": slurm.size(row["AveRSS"]), "total": slurm.size(total[1])}


def check_peak(job, step=0, node="n1"):
    """MaxRSS of a step with one task is the record's peak, in KiB. Returns both."""
    record, seen = slurm.record(job, step, node), figures(job, step)
    assert record["corrected"] == "exact"
    assert 0 <= seen["max"] - record["peak"]["footprint"] < KIB, (seen, record["peak"])
    assert seen["max"] % KIB == 0
    return record, seen


def lines(since):
    """What slurmstepd logged about Slurm's figures."""
    return [line for line in slurm.our_lines(slurm.slurmd_log(since=since))
            if "maxrss=exact" in line or "OverMemoryKill" in line]
