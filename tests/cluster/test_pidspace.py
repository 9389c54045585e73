# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs with a PID namespace of their own: slurmstepd and raypssd are in it, and see the job's processes under its numbers."""
import os

import pytest

import jobs
import slurm
import workload
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_patient")]


def namespaces(name):
    return {os.readlink(f"/proc/{process.pid}/ns/pid") for process in slurm.processes_named(name)}


def test_figures_are_those_of_the_step():
    with workload.held(["--mem=300", OPTION], ["--processes=2", "--shared=100", "--private=20", "--exit=5"]) as step:
        step.seen_for(0.5)
        made, inside, accountant = step.made(), namespaces("store"), namespaces("raypssd")
        run = step.release()
    assert run.rc == 5, run.err
    assert accountant == inside != {os.readlink("/proc/self/ns/pid")}
    record = slurm.record(run.job)
    peak = record["peak"]
    assert (peak["processes"], record["unreadable"], record["end"]["code"]) == (3, 0, 5)
    assert peak["shared"] == pytest.approx(made["shared_bytes"], rel=0.02)
    assert peak["private"] == pytest.approx(made["private_bytes"], rel=0.05)
    assert {one["pid"] for one in record["top"]} >= set(made["pids"])
    jobs.wait_reported(run.job, {"0": (1, 1)})
    # The job's namespace ends with the job, and takes nothing along that is still needed.
    slurm.wait_for(lambda: not slurm.processes_named("raypssd"), 10, "raypssd to end")
