# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps on cgroup v2 with memory in the shapes of real programs; tests/workloads/shapes_truth.py has the truth."""
import contextlib
import glob
import json
import os
import re
import subprocess
import time

import pytest

import machine
import slurm
import workload  # noqa: F401 makes tests/workloads importable
from machine import MIB, OPTION
from shapes_truth import SHAPES, judge, parameters

PROGRAM = os.path.join(os.environ.get("RIG_WORKLOADS", ""), "shapes/shapes")

# What is wrong with a cgroup. Whoever mends a field removes it: a check that passes unexpectedly fails.
NOT_YET: dict[str, str] = {}

# Each stage stays in place for this long, since members and objects are looked at once a second, and for so many looks then,
# since a slow machine makes the next one wait.
STAGE_SECONDS, STAGE_LOOKS = 1.2, 2


class Step:
    """A shape under srun. It reads its stages' ends from a pipe with a name, so that stdin of srun is not needed."""

    def __init__(self, name):
        self.shape = SHAPES[name]
        base = f"{slurm.OUTPUT}/shape-{slurm.Running.count}"
        self._facts, self._pid, fifo = base + ".facts", base + ".pid", base + ".fifo"
        os.mkfifo(fifo)
        # Opened for both directions, so that neither end waits for the other.
        self._end_of_stage = os.fdopen(os.open(fifo, os.O_RDWR), "wb", buffering=0)
        script = f'echo $$ >{self._pid}; exec "$0" "$1" <{fifo} >{self._facts}'
        self.running = slurm.start("srun", "-n1", "--mem=800", OPTION, "sh", "-c", script, PROGRAM,
                                   self.shape.program or name)
        self.facts = {}

    def _lines(self):
        with contextlib.suppress(FileNotFoundError), open(self._facts, encoding="ascii") as file:
            return [line for line in file if line.endswith("\n")]
        return []

    def in_place(self, stage):
        """Whether the stage was reached; False where the shape has fewer."""
        def reached():
            return len(self._lines()) > stage or self.running.process.poll() is not None
        slurm.wait_for(reached, 60, f"stage {stage}")
        lines = self._lines()
        for line in lines:
            self.facts.update(json.loads(line))
        return len(lines) > stage and "skip" not in self.facts

    def _seen_whole(self):
        return machine.live(self.running.job, "complete")

    def next_stage(self):
        began = time.monotonic()
        slurm.wait_for(lambda: time.monotonic() - began > STAGE_SECONDS, STAGE_SECONDS + 1, "time to pass")
        looks = machine.live(self.running.job, "sequence")
        slurm.wait_for(lambda: machine.live(self.running.job, "sequence") >= looks + STAGE_LOOKS, 60, "some looks")
        if "complete" in self.shape.truth:
            # To scan thousands of objects takes more looks here than the duty allows in a short time.
            slurm.wait_for(self._seen_whole, 60, "a look that has seen all objects")
        self._end_of_stage.write(b"\n")

    def job_group(self):
        with open(self._pid, encoding="ascii") as file:
            return machine.CGROUP + re.match(r".*/job_[^/]*", machine.group_of(int(file.read())))[0]

    def end(self):
        self.running.end()
        self._end_of_stage.close()


def shell(commands):
    if commands:
        subprocess.run(["sh", "-c", commands], check=True)


@contextlib.contextmanager
def step(name):
    shell(SHAPES[name].before)
    one = Step(name)
    try:
        yield one
    finally:
        one.end()
        for path in glob.glob("/dev/shm/vllm-*") + glob.glob("/dev/shm/found"):
            os.unlink(path)
        shell("ipcrm --all=shm" if name == "left-behind" else "")


RESULTS = {}


def run(name):
    """The record of a shape's step and the shape's facts."""
    with step(name) as one:
        stage = 0
        while one.in_place(stage):
            if not stage:
                shell(one.shape.during)
            one.next_stage()
            stage += 1
        ended = one.running.wait()
    assert ended.rc == 0 or "skip" in one.facts, ended.err
    return slurm.record(ended.job), one.facts


def result(name):
    """What run() gives; each shape is run once."""
    if name not in RESULTS:
        try:
            RESULTS[name] = run(name)
        except AssertionError as error:
            # What is not yet right must not hide it.
            RESULTS[name] = RuntimeError(str(error))
    if isinstance(RESULTS[name], RuntimeError):
        raise RESULTS[name]
    return RESULTS[name]


@pytest.mark.parametrize("name, word", parameters(NOT_YET, source="cgroup"))
def test_shape(name, word):
    record, facts = result(name)
    if "skip" in facts:
        pytest.skip(facts["skip"])
    assert record["source"] == "cgroup"
    judge(record, facts, name, word, "cgroup")


def test_falling_limit():
    """Who cuts a running step's limit writes the cgroup's memory.max, as Slurm does."""
    with step("plain") as one:
        assert one.in_place(0)
        with open(f"{one.job_group()}/memory.max", "w", encoding="ascii") as file:
            file.write(str(164 * MIB))
        one.next_stage()
        ended = one.running.wait()
    assert ended.rc == 0, ended.err
    record = slurm.record(ended.job)
    assert record["limit"] == 164 * MIB
    assert record["oom"]["verdict"] == "near"
