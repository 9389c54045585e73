# SPDX-License-Identifier: GPL-2.0-or-later
"""contrib/python/raypss.py, without Ray: live figures, and how many tasks run at once."""
import os
import subprocess
import sys
import types

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
MODULE = os.path.join(HERE, "../../contrib/python")
sys.path.insert(0, MODULE)
import raypss  # noqa: E402

MIB = 1 << 20


def text_of(sequence=7, **figures):
    lines = [("sequence", sequence), *figures.items(), ("sequence", sequence)]
    return "".join(f"{key} {'-' if value is None else value:>20}\n" for key, value in lines)


@pytest.fixture(autouse=True)
def no_step(monkeypatch, tmp_path):
    """No step around the tests, and a directory of live figures of their own."""
    for name in ("RAYPSS_STATE", "SLURM_JOB_ID", "SLURM_STEP_ID", "SLURMD_NODENAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(raypss, "DIRECTORY", str(tmp_path))


@pytest.fixture
def state(monkeypatch, tmp_path):
    path = tmp_path / "state"
    monkeypatch.setenv("RAYPSS_STATE", str(path))
    return path


def test_usage_has_numbers_and_none(state):
    state.write_text(text_of(limit=100, footprint=60, headroom=40, level=0, store=None))
    assert raypss.usage() == {"sequence": 7, "limit": 100, "footprint": 60, "headroom": 40, "level": 0, "store": None}


def test_usage_waits_for_a_whole_text(state, monkeypatch):
    whole = text_of(limit=100)
    state.write_text(whole.replace("7", "8", 1))
    monkeypatch.setattr(raypss.time, "sleep", lambda _: state.write_text(whole))
    assert raypss.usage()["limit"] == 100


@pytest.mark.parametrize("text", ["", "sequence 1\n", "\xff\n"])
def test_usage_gives_up_on_what_never_becomes_whole(state, monkeypatch, text):
    state.write_text(text)
    clock = iter(range(1000))
    monkeypatch.setattr(raypss.time, "monotonic", lambda: next(clock))
    with pytest.raises(raypss.NotAccounted):
        raypss.usage()


@pytest.mark.parametrize("environment, name", [
    ({"SLURM_JOB_ID": "7", "SLURM_STEP_ID": "3", "SLURMD_NODENAME": "n1"}, "7.3.n1"),
    ({"SLURM_JOB_ID": "7", "SLURMD_NODENAME": "n1"}, "7.batch.n1"),
    ({"SLURM_JOB_ID": "7"}, "7.0.other"),
])
def test_usage_finds_the_step_by_the_job(monkeypatch, tmp_path, environment, name):
    (tmp_path / name).write_text(text_of(limit=5))
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    assert raypss.usage()["limit"] == 5


def test_usage_of_another_job_of_the_user(state, tmp_path):
    state.write_text(text_of(limit=1))
    (tmp_path / "9.interactive.n1").write_text(text_of(limit=2))
    assert (raypss.usage()["limit"], raypss.usage(job=9)["limit"]) == (1, 2)


@pytest.mark.parametrize("environment, job, words", [
    ({}, None, "in no step of Slurm"),
    ({"RAYPSS_STATE": "/nonexistent/state"}, None, "in no step of Slurm"),
    ({"SLURM_JOB_ID": "7"}, None, "of job 7 on .*ray-pss-accounting"),
    ({"SLURM_JOB_ID": "7"}, 9, "of job 9 on .*has ended"),
    # The file is a directory, which root cannot read either.
    ({"RAYPSS_STATE": "/"}, None, "cannot be read: .*'/'"),
])
def test_why_there_are_no_figures_is_said(monkeypatch, environment, job, words):
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    with pytest.raises(raypss.NotAccounted, match=words):
        raypss.usage(job)


@pytest.mark.parametrize("job", ["", "7.0", "7_1", "../7", -1, "\u0667", 1.5])
def test_what_is_no_job_is_refused(job):
    with pytest.raises(ValueError, match="is not a job's number"):
        raypss.usage(job)


def test_wait_below_returns_when_memory_is_given_back(state, monkeypatch):
    state.write_text(text_of(limit=100, headroom=5))
    monkeypatch.setattr(raypss.time, "sleep", lambda _: state.write_text(text_of(limit=100, headroom=50)))
    assert raypss.wait_below(0.8)


def test_wait_below_has_a_timeout(state):
    state.write_text(text_of(limit=100, headroom=5))
    assert not raypss.wait_below(0.9, timeout=0)


def test_wait_below_without_a_limit_does_not_wait(state):
    state.write_text(text_of(limit=None, headroom=None))
    assert raypss.wait_below(0.5)


@pytest.mark.parametrize("fraction", [0, -1, 1.5, "0.9", None, True, float("nan")])
def test_wrong_fractions_are_refused(fraction):
    with pytest.raises(ValueError, match="fraction=.* at most 1"):
        raypss.wait_below(fraction)
    with pytest.raises(ValueError, match="high=.* at most 1"):
        raypss.run(types.SimpleNamespace(remote=None), [], high=fraction)


@pytest.mark.parametrize("timeout", [-1, "5", float("nan")])
def test_wrong_timeouts_are_refused(timeout):
    with pytest.raises(ValueError, match="timeout=.* seconds"):
        raypss.wait_below(0.5, timeout)


@pytest.mark.parametrize("arguments, error, words", [
    ({"at_once": 0}, ValueError, "at_once=0 .* at least 1"),
    ({"at_once": -1}, ValueError, "at_once=-1 .* at least 1"),
    ({"at_once": 1.5}, ValueError, "at_once=1.5 .* at least 1"),
    ({"task": print}, TypeError, "@ray.remote"),
    ({"items": 7}, TypeError, "not iterable"),
])
def test_run_refuses_wrong_arguments_at_once(arguments, error, words):
    """Not when the first result is asked for."""
    with pytest.raises(error, match=words):
        raypss.run(**{"task": types.SimpleNamespace(remote=None), "items": [], **arguments})


def test_every_public_name_has_a_doc_string():
    assert all(getattr(raypss, name).__doc__ for name in raypss.__all__)


def test_run_in_the_environment_of_raypss_run():
    """The figures of the real command."""
    script = ("import raypss, time\nend = time.monotonic() + 20\n"
              "while not raypss.usage()['footprint'] and time.monotonic() < end: time.sleep(0.02)\n"
              "u = raypss.usage(); print(u['limit'], u['footprint'] > 0, u['headroom'] == u['limit'] - u['footprint'])")
    run = subprocess.run([os.path.join(os.environ["RAYPSS_PREFIX"], "bin/raypss"), "run", "--limit=2G", "--", sys.executable,
                          "-c", script], env={**os.environ, "PYTHONPATH": MODULE}, capture_output=True, text=True,
                         timeout=60, check=True)
    assert run.stdout.split() == [str(2048 * MIB), "True", "True"], run


class Step:
    """A step with Ray in it, simulated: a task needs its memory from half a second after its start until its end."""

    def __init__(self, limit, base, each, seconds, cpus):
        self.limit, self.base, self.each, self.seconds, self.cpus = limit, base, each, seconds, cpus
        self.now = 0.0
        self.growth = 0
        self.started = {}  # task -> time
        self.most_used = self.most_running = self.peak = 0

    def running(self):
        return [ref for ref, since in self.started.items() if self.now < since + self.seconds]

    def used(self):
        return self.base + sum(self.each for ref in self.running() if self.now >= self.started[ref] + 0.5)

    def usage(self):
        if self.limit is None:
            raise raypss.NotAccounted
        return {"limit": self.limit, "headroom": max(0, self.limit - self.used()), "peak": self.peak, "growth": self.growth}

    # What run() uses of Ray.
    def cluster_resources(self):
        return {"CPU": self.cpus}

    def remote(self, item):
        self.started[item] = self.now
        self.most_running = max(self.most_running, len(self.running()))
        return item

    def wait(self, refs, num_returns, timeout, fetch_local):
        assert (num_returns, fetch_local) == (1, False)
        before = self.used()
        self.now += timeout
        self.growth = max(0, (self.used() - before) / timeout)
        self.peak = max(self.peak, self.used())
        self.most_used = max(self.most_used, self.used())
        done = [ref for ref in refs if ref not in self.running()][:1]
        return done, [ref for ref in refs if ref not in done]

    def get(self, ref):
        return f"result {ref}"


def simulate(monkeypatch, items, **settings):
    step = Step(**settings)
    monkeypatch.setitem(sys.modules, "ray", types.SimpleNamespace(
        cluster_resources=step.cluster_resources, wait=step.wait, get=step.get))
    monkeypatch.setattr(raypss, "_Governor", lambda high, governor=raypss._Governor: governor(
        high, step.usage, lambda: step.now))
    assert list(raypss.run(step, range(items))) == [f"result {item}" for item in range(items)]
    return step


def test_as_many_tasks_run_as_fit(monkeypatch):
    step = simulate(monkeypatch, 12, limit=2200 * MIB, base=600 * MIB, each=500 * MIB, seconds=3, cpus=6)
    assert step.most_running == 2
    assert step.most_used <= 0.9 * step.limit


def test_long_tasks_do_not_wait_for_the_first_one_s_end(monkeypatch):
    step = simulate(monkeypatch, 4, limit=2200 * MIB, base=200 * MIB, each=300 * MIB, seconds=600, cpus=8)
    assert step.most_running == 4
    assert step.now < 700 and step.most_used <= 0.9 * step.limit


def test_small_tasks_use_every_cpu(monkeypatch):
    assert simulate(monkeypatch, 40, limit=2200 * MIB, base=200 * MIB, each=1, seconds=1, cpus=8).most_running == 8


def test_a_task_too_large_runs_alone(monkeypatch):
    assert simulate(monkeypatch, 3, limit=1000 * MIB, base=600 * MIB, each=500 * MIB, seconds=3, cpus=6).most_running == 1


def test_without_accounting_the_cpus_decide(monkeypatch):
    assert simulate(monkeypatch, 20, limit=None, base=0, each=1, seconds=1, cpus=6).most_running == 6


def test_no_items_no_results(monkeypatch):
    simulate(monkeypatch, 0, limit=1000 * MIB, base=0, each=1, seconds=1, cpus=6)


def test_a_task_that_fails_ends_the_results(monkeypatch):
    monkeypatch.setattr(Step, "get", lambda _, ref: 1 // (2 - ref))
    with pytest.raises(ZeroDivisionError):
        simulate(monkeypatch, 4, limit=None, base=0, each=1, seconds=1, cpus=2)
