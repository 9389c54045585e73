# SPDX-License-Identifier: GPL-2.0-or-later
"""Real Ray: each task and actor has its name and its memory, and what the store does has a verdict."""
import json
import os

import pytest

import slurm

HERE = os.path.dirname(os.path.abspath(__file__))
RAY_PYTHON = os.environ.get("RAY_PYTHON", "")

pytestmark = [pytest.mark.plugin,
              pytest.mark.skipif(not RAY_PYTHON, reason="pip could not get Ray"),
              pytest.mark.usefixtures("installed")]


class Step:
    """A program of programs.py as a step: its record, and what the program itself says."""

    def __init__(self, program, *before):
        output = os.path.join(slurm.OUTPUT, f"{program}.json")
        self.run = slurm.srun("-n1", "--mem=3000", "--ray-pss-accounting=interval=100ms", *before, RAY_PYTHON,
                              os.path.join(HERE, "programs.py"), program, f"{slurm.STATE}/{program}", output,
                              deadline=120)
        assert self.run.rc == 0, self.run.err
        with open(output, encoding="utf-8") as file:
            self.said = json.load(file)
        self.record = slurm.record(self.run.job)
        self.ray = self.record["ray"]

    def task(self, name):
        found = [task for task in self.record["tasks"] if task["name"] == name]
        assert len(found) == 1, (name, [(task["name"], task["kind"]) for task in self.record["tasks"]])
        return found[0]


@pytest.fixture(scope="module")
def names():
    return Step("names")


@pytest.mark.parametrize("name, kind", [("stage1.load", "task"), ("my task", "task"), ("fit(alpha=0.5)", "task"),
                                        ("Small", "actor"), ("Great", "actor")])
def test_a_name_has_the_memory_of_one_process(names, name, kind):
    task, truth = names.task(name), names.said[name]
    assert task["kind"] == kind
    assert task["processes"] == len(truth)
    assert task["private"]["peak"] == pytest.approx(max(truth), rel=0.05, abs=5 * slurm.MIB)


def test_names_stand_in_the_order_of_their_sums(names):
    order = [task["name"] for task in names.record["tasks"] if task["name"] in names.said]
    assert order[0] == "Great", order


def test_the_parts_of_ray_have_their_roles(names):
    kinds = {task["name"]: task["kind"] for task in names.record["tasks"]}
    assert kinds["programs.py"] == "driver"
    assert kinds["raylet"] == kinds["gcs_server"] == kinds["log_monitor.py"] == "system"


def test_the_store_is_what_ray_made_it(names):
    assert names.ray["capacity"] == 280 * slurm.MIB
    assert names.ray["cpus"] == 7
    assert names.ray["store_on"] == "tmpfs"
    assert names.ray["store"]["peak"] == pytest.approx(200 * slurm.MIB, rel=0.02)
    assert names.ray["verdict"] == "none"


def test_ray_that_does_not_see_the_limit_is_told(names):
    told = "Ray believes that it has" in names.run.err
    assert told == (names.ray["memory"] > names.record["limit"]), names.run.err


@pytest.fixture(scope="module")
def many():
    return Step("many")


@pytest.mark.parametrize("name", ["alpha", "beta", "gamma"])
def test_short_tasks_on_workers_used_again_are_seen(many, name):
    assert many.task(name)["kind"] == "task"
    assert many.task(name)["seconds"] > 0.5


def test_a_great_name_has_its_place_after_many_small_ones(many):
    assert many.task("fold-#")["kind"] == "task"
    assert many.task("big")["private"]["peak"] > 150 * slurm.MIB


@pytest.mark.parametrize("program, verdict", [("healthy", "none"), ("references", "references-held"),
                                              ("arguments", "arguments-held")])
def test_why_a_store_only_grows_is_told(program, verdict):
    step = Step(program)
    assert step.ray["verdict"] == verdict, step.ray
    assert ("store only grew" in step.run.err) == (verdict != "none"), step.run.err
    if verdict == "references-held":
        # All 20 objects of 20 MB are in the store or spilled; a spilled one may still lie in the store, too.
        assert step.ray["store"]["peak"] + step.ray["spilled"] >= 0.98 * 20 * 20e6


def test_a_store_on_disk_is_no_fallback():
    shell = "mount -t tmpfs -o size=64m none /dev/shm && exec \"$@\""
    step = Step("held", "unshare", "-m", "sh", "-c", shell, "sh")
    assert step.ray["store_on"] == "disk"
    assert step.ray["verdict"] == "store-on-disk"
    assert not step.ray["fallback"]
    assert step.ray["store"]["peak"] == pytest.approx(step.said, rel=0.02)
    assert step.ray["spill_on"] == "disk"
