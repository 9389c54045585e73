# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs on several nodes that share one spool."""
import pytest

import jobs
import slurm
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_patient")]


def test_het_job_of_two_components():
    job = slurm.sbatch("srun -n1 true : -n1 true; srun --het-group=1 -n1 true", OPTION, "-n1", "--mem=50", "--time=5",
                       ":", "-n1", "--mem=60").job
    second = str(int(job) + 1)
    components = [f"{job}+0", f"{job}+1"]
    slurm.wait_job(job)
    jobs.publish(job, second)
    assert [set(jobs.entries(one)) for one in components] == [{"batch", "0"}, {"0", "1"}], slurm.job_output(job)
    assert slurm.record(job)["limit"] == 50 * slurm.MIB
    assert slurm.record(second, node="n2")["limit"] == 60 * slurm.MIB
