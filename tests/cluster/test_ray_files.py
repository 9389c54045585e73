# SPDX-License-Identifier: GPL-2.0-or-later
"""Titles, logs and files of Ray that mean harm: raypssd reads little of them, waits for none, and repeats nothing unclean."""
import os

import pytest

import jobs
import slurm
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]
LIKENESS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ray_likeness.py")
KINDS = ("great", "fifos", "links")
MEMORY_MIB = 16  # more than raypssd takes, and little of a file of 1 GiB


def accountants():
    """Pid -> the most memory that a raypssd has had, MiB."""
    found = {}
    for process in slurm.processes_named("raypssd"):
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
            found[process.pid] = next(int(line.split()[1]) >> 10 for line in file if line.startswith("VmHWM:"))
    return found


class Step:
    """A step with such processes, after some looks at all of them."""

    def __init__(self, kind):
        self._folder = f"{slurm.OUTPUT}/likeness-{kind}"
        self.running = slurm.start("srun", "-n1", "--mem=100", OPTION, "python3", LIKENESS, kind, self._folder)

    def looked_at(self):
        slurm.wait_for(lambda: os.path.exists(f"{self._folder}/ready"), 40, "the processes")
        looks = jobs.live(f"{self.running.job}.").get("sequence", 0)
        slurm.wait_for(lambda: jobs.live(f"{self.running.job}.").get("sequence", 0) > looks + 10, 40, "further looks")

    def release(self):
        with open(f"{self._folder}/until", "w", encoding="ascii"):
            pass
        self.run = self.running.wait()
        self.record = slurm.record(self.run.job)


@pytest.fixture(scope="module")
def steps():
    """All steps, at the same time."""
    before = slurm.slurmd_log_size()
    running = {kind: Step(kind) for kind in KINDS}
    try:
        for step in running.values():
            step.looked_at()
        memory = accountants()
        for step in running.values():
            step.release()
    finally:
        for step in running.values():
            step.running.end()
    assert memory and max(memory.values()) < MEMORY_MIB, memory
    # A raypssd that waited for a file would have been replaced, with a line in the log.
    assert not [line for line in slurm.our_lines(slurm.slurmd_log(since=before)) if "error: " in line]
    return running


@pytest.mark.parametrize("kind, pinned, objects, kills", [("great", 4096, 7, 1), ("fifos", None, None, None),
                                                          ("links", None, None, None)])
def test_files_of_a_raylet(steps, kind, pinned, objects, kills):
    """Only a regular file is read, and not much of it; no link is followed."""
    ray = steps[kind].record["ray"]
    assert (ray["pinned"], ray["objects"], ray["monitor_kills"]) == (pinned, objects, kills)
    # Figures that are none.
    assert (ray["capacity"], ray["memory"], ray["cpus"]) == (None, None, None)


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_workers(steps, kind):
    """They are printable and bounded. The log of a link has another name, so the title counts."""
    step = steps[kind]
    tasks = {task["name"]: task["kind"] for task in step.record["tasks"]}
    names = [*tasks, *(one["name"] for one in step.record["top"])]
    assert all(" " <= letter <= "~" for name in names for letter in name) and max(map(len, names)) < 128, names
    assert all(letter.isprintable() for line in slurm.our_lines(step.run.err) for letter in line), step.run.err
    assert tasks["linked"] == "task" and "Stolen" not in tasks
    assert tasks["f" + "?" * 126] == "task", tasks
    assert len([kind for name, kind in tasks.items() if "owned" in name and kind == "actor"]) == 1, tasks
