# SPDX-License-Identifier: GPL-2.0-or-later
"""Real Ray in a step: one server and six clients with arrays of 40 MB in Ray's object store."""
import contextlib
import json
import os
import sys
import time

import pytest

import slurm
from conftest import HAVE_PLUGIN

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../workloads"))
from truth import truth  # noqa: E402

RAY_PYTHON = os.environ.get("RAY_PYTHON", "")
POLL_SECONDS = int(os.environ["RAY_POLL_SECONDS"])
ROUNDS = os.path.join(HERE, "../../contrib/quickstart/ray_rounds.py")
READY, UNTIL = (os.path.join(slurm.OUTPUT, "ray." + name) for name in ("ready", "until"))
LIMIT_MIB = 4400  # between footprint and RSS sum: stock Slurm kills such a step

pytestmark = pytest.mark.skipif(not RAY_PYTHON, reason="pip could not get Ray")


def descendants(pid):
    """The process and all its descendants: the whole step, whatever Ray started."""
    family = [pid]
    processes = slurm.processes()
    for parent in family:
        family += [process.pid for process in processes if process.ppid == parent and process.state != "Z"]
    return family


def slurm_polls():
    """How often Slurm has compared a step with its limit."""
    return slurm.slurmd_log().count(" memory used:")


class Step:
    """Figures of the step while it held still, and its result."""

    def __init__(self):
        options = [f"--mem={LIMIT_MIB}", "--ray-pss-accounting"] if HAVE_PLUGIN else ["--mem=0"]
        # All arrays stay alive, so that the store's file has nothing that Ray freed.
        running = slurm.start("srun", "-n1", "--nodelist=n1", *options, RAY_PYTHON, ROUNDS, "--clients=6", "--array-size=40M",
                              "--rounds=2", "--keep=2", f"--ready={READY}", f"--until={UNTIL}",
                              f"--temp-dir={slurm.STATE}/ray")
        try:
            slurm.wait_for(lambda: os.path.exists(READY) or running.process.poll() is not None, 120, "Ray's rounds")
            assert os.path.exists(READY), running.stderr()
            with open(READY, encoding="utf-8") as file:
                self.ray = json.load(file)
            self.pids = self.ray["pids"]
            self.truth = truth(descendants(self.pids["driver"]))
            # Two samples of raypssd, and a poll of Slurm that begins now or later: on a busy machine the first one
            # saw a Ray that was still starting.
            still = time.monotonic() + 2.5
            polls = slurm_polls()
            slurm.wait_for(lambda: time.monotonic() > still and (not HAVE_PLUGIN or slurm_polls() > polls), 2 * POLL_SECONDS,
                           "a poll of Slurm")
            with open(UNTIL, "w", encoding="utf-8"):
                pass
            self.run = running.wait(60)
        finally:
            running.end()


@pytest.fixture(scope="module")
def step(request):
    if HAVE_PLUGIN:
        request.getfixturevalue("installed")
    yield Step()
    for path in (READY, UNTIL):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


@pytest.fixture(scope="module")
def record(step):
    return slurm.record(step.run.job)


def test_sum_of_rss_is_a_multiple_of_the_footprint(step):
    assert step.truth["unreadable"] == [] and step.truth["unseen"] == 0
    assert step.truth["rss"] > 2 * step.truth["footprint"]


def test_store_is_what_ray_says(step):
    # Ray counts the bytes of its objects, the truth counts the blocks of the store's file. They differ
    # by the rest of each last page, and by memory that was freed for reuse, which is nothing here.
    assert step.truth["shared"] == pytest.approx(step.ray["store_used"], rel=0.005)
    assert step.ray["store_used"] >= 24 * 40e6


@pytest.mark.plugin
def test_step_survives_a_limit_below_its_sum_of_rss(step):
    assert step.truth["rss"] > LIMIT_MIB * slurm.MIB
    assert step.run.rc == 0, step.run.err


@pytest.mark.plugin
def test_max_rss_is_pss(step):
    def given():
        return slurm.size(slurm.sacct_step(step.run.job, 0, "MaxRSS")["MaxRSS"])
    assert slurm.wait_for(given, 20, "MaxRSS") == pytest.approx(step.truth["pss"], rel=0.05)


@pytest.mark.plugin
def test_private_is_the_anonymous_memory_of_all_processes(step, record):
    assert record["unreadable"] == 0
    assert record["peak"]["private"] == pytest.approx(step.truth["pss_anon"], rel=0.05)


@pytest.mark.plugin
def test_shared_is_the_blocks_of_the_store(step, record):
    assert record["peak"]["shared"] == pytest.approx(step.truth["shared"], rel=0.02)
    assert sum(one["bytes"] for one in record["objects"]) == pytest.approx(step.truth["shared"], rel=0.02)


@pytest.mark.plugin
def test_record_has_the_store_as_ray_reports_it(step, record):
    # The plugin counts blocks, Ray bytes: about one page per array lies between.
    assert record["peak"]["store"] == pytest.approx(step.ray["store_used"], rel=0.005)
    assert not record["peak"]["fallback"]


@pytest.mark.plugin
def test_inflation(step, record):
    assert record["peak"]["footprint"] == pytest.approx(step.truth["footprint"], rel=0.05)
    assert record["peak"]["rss"] == pytest.approx(step.truth["rss"], rel=0.05)
    assert record["inflation"] == pytest.approx(record["peak"]["rss"] / record["peak"]["footprint"], rel=0.01)
    assert record["inflation"] > 2


@pytest.mark.plugin
def test_biggest_processes_are_named_by_their_part_in_ray(step, record):
    names = {one["pid"]: one["name"] for one in record["top"]}
    for pid, name in [(step.pids["server"], "Server")] + [(pid, "Client") for pid in step.pids["clients"]]:
        assert name in names.get(pid, ""), (pid, record["top"])


@pytest.mark.plugin
def test_tasks_are_ray_s(record):
    processes = {}
    for task in record["tasks"]:
        for name in ("Server", "Client"):
            if name in task["name"]:
                processes[name] = max(processes.get(name, 0), task["processes"])
    assert processes == {"Server": 1, "Client": 6}, record["tasks"]


@pytest.mark.plugin
def test_verdict(record):
    # Slurm's own figure was corrected, so it stayed below the limit too.
    assert record["oom"]["verdict"] == "rss-only"
    assert record["limit"] == LIMIT_MIB * slurm.MIB
