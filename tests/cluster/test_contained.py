# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs in containers, with ContainSpank: some hooks run in a clone of slurmstepd, without its descriptors and mounts."""
import pytest

import daemons
import jobs
import slurm
import workload
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_timed")]


def test_container_of_the_job():
    with workload.held(["--mem=200", OPTION], ["--processes=2", "--shared=100", "--private=20"]) as step:
        truth = step.seen_for(0.5).truth()
        run = step.release()
    assert run.rc == 0, run.err
    peak = slurm.record(run.job)["peak"]
    assert peak["private"] == pytest.approx(truth["pss_anon"], rel=0.02)
    assert peak["shared"] == pytest.approx(100 * slurm.MIB, rel=0.02)
    jobs.wait_reported(run.job, {"0": (1, 1)})
    # Otherwise the scenario would prove nothing.
    hooks = {hook.name: hook for hook in daemons.hooks(run.job)}
    slurmstepd = hooks["init"]
    for name in ("task_post_fork", "task_exit"):
        assert hooks[name].pid != slurmstepd.pid and hooks[name].mounts != slurmstepd.mounts
    for name in ("init_post_opt", "exit"):
        assert (hooks[name].pid, hooks[name].mounts) == (slurmstepd.pid, slurmstepd.mounts)
