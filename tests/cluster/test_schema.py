# SPDX-License-Identifier: GPL-2.0-or-later
"""Real records match doc/record.schema.json."""
import json
import os
import subprocess

import pytest

import conftest
import slurm
import workload

jsonschema = pytest.importorskip("jsonschema", reason="on Debian: apt-get install python3-jsonschema")
pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_fast")]
SCHEMA = os.path.join(os.path.dirname(__file__), "../../doc/record.schema.json")
SMALL = ["--processes=2", "--shared=20", "--private=10"]


def errors(record):
    """The parts of a record that the schema forbids, as text."""
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    found = jsonschema.Draft202012Validator(schema).iter_errors(record)
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in found]


def run_record(tmp_path, *command):
    path = tmp_path / "record.json"
    run = subprocess.run([os.path.join(conftest.PREFIX, "bin/raypss"), "run", "--limit=1G", "--json", path, "--", *command],
                         capture_output=True, text=True, timeout=60, check=False)
    return run, json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("option", ["--ray-pss-accounting", "--ray-pss-accounting=series"])
def test_record_of_a_step(option):
    with workload.held(["--mem=200", option], SMALL) as step:
        running = slurm.record(step.job, running=True)
        run = step.seen_for(0.5).release()
    assert not errors(running)
    record = slurm.record(run.job)
    assert not errors(record)
    # An empty record would match too, so check some figures.
    assert record["cost"]["samples"] and record["top"] and record["objects"]
    assert bool(record["series"]) == ("series" in option)


def test_record_of_a_step_that_is_killed():
    with workload.held(["--mem=200", "--ray-pss-accounting"], SMALL) as step:
        step.seen_for(0.3)
        subprocess.run(["scancel", f"{step.job}.0", "--signal=KILL"], check=True)
        run = step.running.wait(30)
    record = slurm.record(run.job)
    assert not errors(record)
    assert (record["end"]["how"], record["end"]["signal"]) == ("signalled", "KILL")


def test_record_of_a_batch_step():
    job = slurm.sbatch("true", "--mem=100", "--ray-pss-accounting").job
    slurm.wait_job(job)
    assert not errors(slurm.record(job, "batch"))


def test_record_of_a_command(tmp_path):
    run, record = run_record(tmp_path, workload.STORE, *SMALL, "--hold=0.5")
    assert run.returncode == 0, run.stderr
    assert not errors(record)
    assert record["job"] is None and record["series"]


def test_record_of_a_command_that_is_not_there(tmp_path):
    run, record = run_record(tmp_path, "/nonexistent")
    assert run.returncode == 127
    assert not errors(record)


def test_schema_refuses_what_it_does_not_know(tmp_path):
    _, record = run_record(tmp_path, "true")
    assert errors({**record, "surprise": 1})
    assert errors({**record, "peak": {**record["peak"], "footprint": "1"}})
    del record["oom"]
    assert errors(record)
