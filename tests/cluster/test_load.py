# SPDX-License-Identifier: GPL-2.0-or-later
"""Many steps: each ends well and has its record, the hooks of the last take as long as those of the first, and no raypssd
grows. RAYPSS_STEPS=2000 makes the long job longer."""
import contextlib
import os
import re
import statistics
import subprocess
import threading
import time

import pytest

import daemons
import slurm
from jobs import OPTION

pytestmark = pytest.mark.plugin
STEPS = int(os.environ.get("RAYPSS_STEPS", "40"))
# Of one raypssd: its own memory, and its descriptors while the step has one or two processes.
RSS_ANON_MIB, DESCRIPTORS = 4, 64


def watch(over, most):
    """Until over is set: notes the most memory and descriptors that a raypssd has."""
    while not over.is_set():
        for process in slurm.processes_named("raypssd"):
            with contextlib.suppress(OSError), open(f"/proc/{process.pid}/status", encoding="ascii") as file:
                anon = re.search(r"^RssAnon:\s*(\d+)", file.read(), re.M)
                most["anon"] = max(most["anon"], int(anon[1]) / 1024 if anon else 0)
                most["descriptors"] = max(most["descriptors"], len(os.listdir(f"/proc/{process.pid}/fd")))
        time.sleep(0.1)


@contextlib.contextmanager
def watched():
    over, most = threading.Event(), {"anon": 0, "descriptors": 0}
    thread = threading.Thread(target=watch, args=(over, most))
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def run_steps(nodes, number, at_once, seconds):
    """So many steps in one job, on all nodes in turn. Returns the job."""
    with slurm.allocation(f"-N{nodes}", "--mem=8000", "-n8") as job:
        step = f"srun --jobid={job} -N1 -n1 --overlap --mem=10 --nodelist=n$(({{}} % {nodes} + 1)) {OPTION} sleep {seconds}"
        run = subprocess.run(f"seq {number} | xargs -P {at_once} -I {{}} sh -c '{step}'", shell=True, capture_output=True,
                             text=True, timeout=120, check=False)
        assert run.returncode == 0, run.stderr[-2000:]
        return job


@pytest.mark.parametrize("number, at_once, seconds", [(200, 20, 0.5), (64, 64, 3)], ids=["200 steps", "64 steps at once"])
@pytest.mark.usefixtures("installed_patient")
def test_steps_on_four_nodes(number, at_once, seconds):
    before = {node: slurm.slurmd_log_size(node) for node in ("n1", "n2", "n3", "n4")}
    with watched() as most:
        job = run_steps(4, number, at_once, seconds)
    slurm.wait_for(lambda: len(slurm.records(job)) == number, 20, lambda: f"{number} records, not {len(slurm.records(job))}")
    assert {one["end"]["how"] for one in slurm.records(job)} == {"completed"}
    for node, size in before.items():
        logged = slurm.our_lines(slurm.slurmd_log(node, since=size))
        assert not [line for line in logged if "no accounting" in line or "raypssd" in line], logged
    assert 0 < most["anon"] < RSS_ANON_MIB and 0 < most["descriptors"] < DESCRIPTORS, most
    slurm.wait_for(lambda: not slurm.processes_named("raypssd"), 10, "all raypssd to be gone")


@pytest.mark.usefixtures("installed_timed")
def test_last_of_many_steps_is_as_quick_as_the_first():
    script = f"for i in $(seq {STEPS}); do srun -n1 --overlap true || exit 1; done"
    job = slurm.sbatch(script, OPTION + "=quiet", "-n1", "--mem=100").job
    assert slurm.wait_job(job, 60 + STEPS) == "COMPLETED", slurm.job_output(job)
    took = [daemons.hooks_seconds(job, step) for step in range(STEPS)]
    first, last = (statistics.median(part) for part in (took[:STEPS // 4], took[-STEPS // 4:]))
    print(f"hooks of {STEPS} steps: first quarter {first * 1000:.1f} ms, last quarter {last * 1000:.1f} ms")
    assert last < first * 1.2 + 0.02
    assert len(slurm.records(job)) == STEPS + 1
