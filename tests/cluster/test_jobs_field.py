# SPDX-License-Identifier: GPL-2.0-or-later
"""Other programs use the job's field too: text that is there before, text that comes later, and the choice of field."""
import base64
import contextlib
import json
import subprocess

import pytest

import conftest
import jobs
import slurm
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_patient")]


def set_comment(job, text):
    subprocess.run(["scontrol", "update", f"jobid={job}", f"admincomment={text}"], check=True)


@contextlib.contextmanager
def step_under_way(*options):
    """A job whose only step waits for the scenario to go on."""
    with slurm.allocation("-n1", "--mem=100") as job:
        gate = f"{slurm.OUTPUT}/field-{job}"
        step = slurm.start("srun", "-n1", f"--jobid={job}", OPTION, *options, "sh", "-c",
                           f"until [ -e {gate} ]; do sleep 0.02; done", job=job)

        def finish():
            with open(gate, "w"):
                pass
            run = step.wait()
            slurm.wait_for(lambda: not slurm.processes_named("raypss-publisher"), 10, "the publisher to end")
            return run
        yield job, finish


def jobstats(padding):
    """The text of Princeton's jobstats: JS1: and base64 of compressed JSON, with 0, 1 or 2 characters of padding."""
    data = b"\x1f\x8b" + bytes(range(10 + (3 - padding) % 3 - 1 + 2))
    while base64.b64encode(data).count(b"=") != padding:
        data += b"x"
    return "JS1:" + base64.b64encode(data).decode(), data


@pytest.mark.parametrize("padding", [0, 1, 2])
def test_jobstats_text_stays(padding):
    text, data = jobstats(padding)
    before = slurm.slurmd_log_size()
    with step_under_way() as (job, finish):
        set_comment(job, text)
        assert finish().rc == 0
        assert slurm.admin_comment(job, "scontrol") == text
    assert base64.b64decode(slurm.admin_comment(job)[4:], validate=True) == data
    lines = [line for line in slurm.our_lines(slurm.slurmd_log(since=before)) if "publish=" in line]
    assert len(lines) == 1, "the log does not say which field to choose"
    run = jobs.raypss("publish", job)
    assert run.rc != 0 and run.err.count("\n") == 1 and "--field" in run.err
    assert slurm.admin_comment(job) == text


@pytest.mark.parametrize("text", ["plain text", "123", "[1]", '{"a": 1', "null"])
def test_other_text_stays(text):
    before = slurm.slurmd_log_size()
    with step_under_way() as (job, finish):
        set_comment(job, text)
        assert finish().rc == 0
    assert slurm.admin_comment(job) == text
    told, = [line for line in slurm.our_lines(slurm.slurmd_log(since=before)) if "not in sacct" in line]
    assert "not in sacct: the field holds text that is not a JSON object" in told and "--field" in told
    assert "does it later" not in told


def test_json_object_is_merged():
    with step_under_way() as (job, finish):
        set_comment(job, '{"site": {"a": [1, "two"]}, "ray_pss": "not ours"}')
        finish()
    field = json.loads(slurm.admin_comment(job))
    assert field["site"] == {"a": [1, "two"]}
    assert set(field["ray_pss"]["steps"]) == {"0"}


def test_jobstats_writes_afterwards():
    """The other text replaces ours. The records can still be published in another field."""
    text, _ = jobstats(1)
    with step_under_way() as (job, finish):
        finish()
        assert set(jobs.entries(job, "scontrol")) == {"0"}
        set_comment(job, text)
    assert slurm.admin_comment(job) == text
    jobs.publish("--field", "comment", job)
    assert set(json.loads(slurm.sacct(job, "Comment")[0]["Comment"])["ray_pss"]["steps"]) == {"0"}
    assert slurm.admin_comment(job) == text


def test_json_writer_in_between():
    """Another program reads, merges and writes. Our part is there again after the next step."""
    with slurm.allocation("-n1", "--mem=100") as job:
        for i in range(2):
            assert slurm.srun("-n1", f"--jobid={job}", OPTION, "true", job=job).rc == 0
            slurm.wait_for(lambda: not slurm.processes_named("raypss-publisher"), 10, "the publisher to end")
            if i == 0:
                set_comment(job, '{"site":1}')
    assert json.loads(slurm.admin_comment(job))["site"] == 1
    assert set(jobs.entries(job)) == {"0", "1"}


@pytest.mark.parametrize("field, column", [("comment", "Comment"), ("extra", "Extra"), ("none", "AdminComment")])
def test_publish_chooses_the_field(field, column):
    if field == "extra" and "Extra" not in slurm.query("sacct", "-e").split():
        pytest.skip("this Slurm has no field Extra (23.02 and later)")
    with slurm.plugstack(conftest.plugstack_line("deadline=5s", f"publish={field}")):
        run = slurm.srun("-n1", "--mem=50", OPTION, "true")
    assert run.rc == 0
    text = slurm.sacct(run.job, column)[0][column]
    assert bool(text) == (field != "none")
    assert slurm.admin_comment(run.job) == ""
    assert not text or set(json.loads(text)["ray_pss"]["steps"]) == {"0"}


def test_publish_may_be_repeated():
    run = slurm.srun("-n1", "--mem=50", OPTION, "true")
    texts = set()
    for _ in range(3):
        jobs.publish(run.job)
        texts.add(slurm.admin_comment(run.job))
    assert len(texts) == 1
    assert set(jobs.entries(run.job)) == {"0"}


def test_publish_says_what_is_wrong():
    run = jobs.raypss("publish", "4000000")
    assert run.rc != 0 and run.err.count("\n") == 1 and "4000000" in run.err
