# SPDX-License-Identifier: GPL-2.0-or-later
"""What raypss says of jobs on several nodes, of one node's spool and of none."""
import json
import subprocess

import pytest

import jobs
import slurm
import workload
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_patient")]
SHARED = len(jobs.spools()) == 1
ALL = ["n1", "n2", "n3"]


def raypss(command, *arguments, spool):
    line = [jobs.RAYPSS, command, "--spool", spool, *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def on_three(installed_patient):
    run = slurm.srun("-w", ",".join(ALL), "-N3", "--mem=200", OPTION, workload.STORE, "--processes=1", "--shared=20",
                     "--private=10", "--hold=1")
    assert run.rc == 0, run.err
    for node in ALL:
        slurm.record(run.job, node=node)
    slurm.sacct(run.job)
    return run.job


def test_all_nodes(on_three):
    result = jobs.raypss("report", on_three)
    assert result.rc == 0 and all(f" {node} " in result.out for node in ALL), result
    assert "would say more" not in result.out


@pytest.mark.skipif(SHARED, reason="each node sees all records")
def test_one_node_names_the_others(on_three):
    """n1's spool has n1's record alone."""
    result = raypss("report", on_three, spool=jobs.spools()[0])
    assert result.returncode == 0
    assert "1 of its 3 nodes have reported" in result.stdout
    assert "in the spools of n2, n3: run this command there" in result.stdout, result.stdout


def test_a_login_node_names_all(on_three):
    result = raypss("explain", on_three, spool="/nonexistent")
    assert result.returncode == 0, result
    assert f"Step {on_three}.0 was not out of memory" in result.stdout
    assert "in the spools of n1, n2, n3:" in result.stdout


@pytest.mark.skipif(not SHARED, reason="the rig's scheduler is slower")
def test_a_part_of_a_het_job():
    job = slurm.sbatch("srun -n1 true : -n1 true", OPTION, "-n1", "--mem=50", "--time=5", ":", "-n1", "--mem=60").job
    slurm.wait_job(job, 120)
    slurm.wait_for(lambda: slurm.records(int(job) + 1), 30, "the record of the second component")
    slurm.sacct(job)
    result = jobs.raypss("report", "--json", f"{job}+1")
    assert result.rc == 0, result
    part = json.loads(result.out)
    assert part["id"] == f"{job}+1" and part["job"] == int(job) + 1 and set(part["steps"]) == {"0"}, part
