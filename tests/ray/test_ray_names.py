# SPDX-License-Identifier: GPL-2.0-or-later
"""Real Ray: each task and actor has its name and its memory, and what the store does has a verdict."""
import functools
import json
import os

import pytest

import slurm
from conftest import PREFIX

HERE = os.path.dirname(os.path.abspath(__file__))
RAY_PYTHON = os.environ.get("RAY_PYTHON", "")
NODE = "n1"  # where slurm.record looks; another one would do the step while this one still ends the last

pytestmark = [pytest.mark.plugin,
              pytest.mark.skipif(not RAY_PYTHON, reason="pip could not get Ray"),
              pytest.mark.usefixtures("installed")]


class Step:
    """A program of programs.py as a step: its record, and what the program itself says."""

    def __init__(self, program, *before):
        self.output = os.path.join(slurm.OUTPUT, f"{program}.json")
        self.running = slurm.start("srun", "-n1", f"--nodelist={NODE}", "--mem=3000",
                                   "--ray-pss-accounting=interval=100ms", *before, RAY_PYTHON,
                                   os.path.join(HERE, "programs.py"), program, f"{slurm.STATE}/{program}", self.output)

    def wait(self):
        self.run = self.running.wait(150)
        assert self.run.rc == 0, self.run.err
        with open(self.output, encoding="utf-8") as file:
            self.said = json.load(file)
        self.record = slurm.record(self.run.job)
        self.ray = self.record["ray"]
        return self

    def end(self):
        self.running.end()

    def task(self, name, record=None):
        tasks = (record or self.record)["tasks"]
        found = [task for task in tasks if task["name"] == name]
        assert len(found) == 1, (name, [(task["name"], task["kind"]) for task in tasks])
        return found[0]


def mounted(program, mount, *before):
    """The program with a mount in a namespace of its own."""
    return Step(program, "unshare", "-m", "sh", "-c", f"{mount} && exec \"$@\"", "sh", *before)


def in_memory(program, *before):
    """The program with a session's directory that is memory: what is spilled and what falls back, too."""
    return mounted(program, "mkdir -p {0} && mount -t tmpfs none {0}".format(f"{slurm.STATE}/{program}"), *before)


# Of a second accountant, which looks once a second at the workers of "many".
RARELY = f"{slurm.STATE}/many-rarely.json"
BEGIN = {program: functools.partial(Step, program) for program in ("names", "healthy", "references", "arguments")}
BEGIN["many"] = lambda: in_memory("many", os.path.join(PREFIX, "bin/raypss"), "run", "--interval=1s", "--json", RARELY, "--")
BEGIN["held"] = lambda: mounted("held", "mount -t tmpfs -o size=64m none /dev/shm")
BEGIN["overflow"] = lambda: in_memory("overflow")


@pytest.mark.step("names")
@pytest.mark.parametrize("name, kind", [("stage1.load", "task"), ("my task", "task"), ("fit(alpha=0.5)", "task"),
                                        ("Small", "actor"), ("Great", "actor")])
def test_a_name_has_the_memory_of_one_process(step, name, kind):
    task, truth = step.task(name), step.said[name]
    assert task["kind"] == kind
    assert task["processes"] == len(truth)
    assert task["private"]["peak"] == pytest.approx(max(truth), rel=0.05, abs=5 * slurm.MIB)


@pytest.mark.step("names")
def test_names_stand_in_the_order_of_their_sums(step):
    order = [task["name"] for task in step.record["tasks"] if task["name"] in step.said]
    assert order[0] == "Great", order


@pytest.mark.step("names")
def test_the_parts_of_ray_have_their_roles(step):
    kinds = {task["name"]: task["kind"] for task in step.record["tasks"]}
    assert kinds["programs.py"] == "driver"
    assert kinds["raylet"] == kinds["gcs_server"] == kinds["log_monitor.py"] == "system"


@pytest.mark.step("names")
def test_the_store_is_what_ray_made_it(step):
    assert step.ray["capacity"] == 280 * slurm.MIB
    assert step.ray["cpus"] == 7
    assert step.ray["store_on"] == "tmpfs"
    assert step.ray["store"]["peak"] == pytest.approx(200 * slurm.MIB, rel=0.02)
    assert step.ray["verdict"] == "none"


@pytest.mark.step("names")
def test_ray_that_does_not_see_the_limit_is_told(step):
    told = "Ray believes that it has" in step.run.err
    assert told == (step.ray["memory"] > step.record["limit"]), step.run.err


@pytest.mark.step("many")
@pytest.mark.parametrize("name", ["alpha", "beta", "gamma"])
def test_short_tasks_on_workers_used_again_have_their_averages(step, name):
    """Four of alpha run at a time, one of beta, one of gamma. The workers' memory stands still, so only titles tell the names
    apart."""
    with open(RARELY, encoding="utf-8") as file:
        rarely = json.load(file)
    truth = step.said[name]
    # How many of alpha run changes from sample to sample, so the average of all together is less sure.
    for record, one, together in (step.record, 0.1, 0.25), (rarely, 0.35, 0.5):
        task = step.task(name, record)
        assert task["kind"] == "task"
        assert task["private"]["avg"] == pytest.approx(truth["one"], rel=one), (one, truth)
        assert task["together"]["avg"] == pytest.approx(truth["together"], rel=together), (one, truth)


@pytest.mark.step("many")
def test_a_great_name_has_its_place_after_many_small_ones(step):
    assert step.task("fold-#")["kind"] == "task"
    assert step.task("big")["private"]["peak"] > 150 * slurm.MIB


@pytest.mark.step("many")
def test_objects_that_are_spilled_to_memory_are_told(step):
    assert step.ray["spill_on"] == "tmpfs"
    assert step.ray["spilled"] >= 20e6
    assert step.ray["verdict"] == "spill-in-memory", step.ray
    assert "was spilled to a tmpfs" in step.run.err


@pytest.mark.parametrize("program, verdict", [("healthy", "none"), ("references", "references-held"),
                                              ("arguments", "arguments-held")])
def test_why_a_store_only_grows_is_told(step, program, verdict):
    assert step.ray["verdict"] == verdict, step.ray
    assert ("store only grew" in step.run.err) == (verdict != "none"), step.run.err
    if verdict == "references-held":
        # All 20 objects of 20 MB are in the store or spilled; a spilled one may still lie in the store, too.
        assert step.ray["store"]["peak"] + step.ray["spilled"] >= 0.98 * 20 * 20e6


@pytest.mark.step("held")
def test_a_store_on_disk_is_no_fallback(step):
    assert step.ray["store_on"] == "disk"
    assert step.ray["verdict"] == "store-on-disk"
    assert not step.ray["fallback"]
    assert step.ray["store"]["peak"] == pytest.approx(step.said, rel=0.02)
    assert step.ray["spill_on"] == "disk"


@pytest.mark.step("overflow")
def test_what_does_not_fit_is_in_figures_of_its_own(step):
    assert step.ray["spilled"] == pytest.approx(step.said["spilled"], rel=0.02)
    assert step.ray["spill_on"] == "tmpfs"
    # Five values fit into the store. The files of the others came after the peak, and are no part of the store.
    assert step.ray["fallback"] == pytest.approx(step.said["outside"] - 5 * 20e6, rel=0.02)
    assert step.ray["store"]["peak"] == pytest.approx(5 * 20e6, rel=0.02)
    assert not step.record["peak"]["fallback"]
    assert step.ray["verdict"] == "fallback"
