# SPDX-License-Identifier: GPL-2.0-or-later
"""A Slurm daemon is away when a step ends. The step ends in time, the record is kept, and sacct has the figures later."""
from collections import namedtuple

import pytest

import conftest
import daemons
import jobs
import slurm
import workload
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_timed")]
SMALL = ["--processes=1", "--shared=20", "--private=10"]

# told: whether the log must say that the figures are not in sacct yet
# last: the last hook that is measured; without munge slurmstepd itself waits before the next hook
Fault = namedtuple("Fault", "how daemon told last")
FAULTS = {
    "slurmctld stopped": Fault(daemons.stopped, "slurmctld", True, "exit"),
    "slurmctld gone": Fault(daemons.gone, "slurmctld", True, "exit"),
    "munged stopped": Fault(daemons.stopped, "munged", True, "task_exit"),
    "munged gone": Fault(daemons.gone, "munged", True, "task_exit"),
    "slurmdbd stopped": Fault(daemons.stopped, "slurmdbd", False, "exit"),
    "slurmdbd gone": Fault(daemons.gone, "slurmdbd", False, "exit"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_daemon_away_at_the_end(fault):
    before = slurm.slurmd_log_size()
    with slurm.allocation("-n1", "--mem=200") as job:
        with workload.held([f"--jobid={job}", OPTION], SMALL, job=job) as step:
            step.seen_for(0.3)
            with fault.how(fault.daemon):
                step.let_go()
                seconds = daemons.hooks_seconds(job, last=fault.last)
                record = slurm.record(job)
            if fault.daemon != "munged":
                # Without munge, Slurm itself tries again after a minute.
                assert step.running.wait(60).rc == 0
            daemons.end_slurmstepd()
        logged = slurm.our_lines(slurm.slurmd_log(since=before))
    assert seconds < jobs.DELAY
    assert record["end"]["how"] == "completed" and record["peak"]["footprint"] > 30 * slurm.MIB
    not_yet = [line for line in logged if ": peak " not in line]
    assert len(not_yet) == (1 if fault.told else 0), logged
    assert not fault.told or "not in sacct yet" in not_yet[0]
    slurm.sacct(job)
    jobs.publish("--pending")
    jobs.wait_reported(job, {"0": (1, 1)})


def test_publish_without_slurmdbd():
    """Where slurmctld has no entry that it would hand on."""
    with slurm.plugstack(conftest.plugstack_line("publish=none")):
        run = slurm.srun("-n1", "--mem=50", OPTION, "true")
    slurm.sacct(run.job)
    with daemons.gone("slurmdbd"):
        failed = jobs.raypss("publish", run.job)
    assert failed.rc != 0 and run.job in failed.err and "slurmdbd" in failed.err
    assert len(failed.err.splitlines()) == 1, failed.err
    jobs.publish(run.job)
    jobs.wait_reported(run.job, {"0": (1, 1)})


def test_pending_leaves_nothing_and_does_nothing_twice():
    jobs.publish("--pending")
    before = jobs.updates()
    jobs.publish("--pending")
    assert jobs.updates() == before
