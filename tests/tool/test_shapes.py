# SPDX-License-Identifier: GPL-2.0-or-later
"""raypss run on memory in the shapes of real programs; the truth stands in tests/workloads/shapes_truth.py."""
import concurrent.futures
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

import pytest
from run_looks import LINKED, looks, wait_for

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../workloads"))
from shapes_truth import MIB, SHAPES, checks, judge, parameters  # noqa: E402

RAYPSS = os.path.join(os.environ["RAYPSS_PREFIX"], "bin/raypss")
PROGRAM = os.path.join(os.environ["RIG_WORKLOADS"], "shapes/shapes")

# What raypss gets wrong. Whoever mends a field removes it: a check that passes unexpectedly fails.
NOT_YET = {}
# The same for what is wrong in some of the runs only.
NOT_ALWAYS = {}

AT_A_TIME = 8
DEADLINE_SECONDS = 90
# Each stage stays in place for this long and for so many looks: closely at new processes within a second.
STAGE_SECONDS, STAGE_LOOKS = 2, 3

# The shapes ask for huge pages and for merging; nothing else on the machine does.
SETTINGS = {
    "/proc/sys/vm/nr_overcommit_hugepages": "128",
    "/sys/kernel/mm/ksm/pages_to_scan": "20000",
    "/sys/kernel/mm/ksm/sleep_millisecs": "20",
    "/sys/kernel/mm/ksm/run": "1",
}


def _write(path, text):
    """Shapes that miss the setting skip themselves."""
    with contextlib.suppress(OSError), open(path, "w", encoding="ascii") as file:
        file.write(text)


@contextlib.contextmanager
def settings():
    old = {}
    for path in SETTINGS:
        with contextlib.suppress(OSError), open(path, encoding="ascii") as file:
            old[path] = file.read().strip()
    try:
        for path, text in SETTINGS.items():
            _write(path, text)
        yield
    finally:
        for path, text in old.items():
            _write(path, text)


class Run:
    """One shape under raypss run, with a /dev/shm, SysV segments and processes apart from those of other shapes."""

    def __init__(self, name, folder):
        self.shape = SHAPES[name]
        self.path = os.path.join(folder, f"{name}.json")
        self.folder = os.path.join(folder, name)
        os.mkdir(self.folder)
        os.chmod(self.folder, 0o777)
        setup = " && ".join(filter(None, ["mount -t tmpfs -o mode=1777 none /dev/shm", self.shape.before, '"$@"']))
        user = ["setpriv", f"--reuid={self.shape.user}", "--clear-groups"] if self.shape.user else []
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", setup, "sh",
             *user, RAYPSS, "run", "--json", self.path, *self.shape.options, "--",
             "sh", "-c", LINKED, self.folder, PROGRAM, self.shape.program or name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.facts = {}

    def _kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _during(self):
        enter = ["nsenter", f"--target={self.process.pid}", "--mount"]
        subprocess.run([*enter, "sh", "-c", self.shape.during], check=True)

    def _stages(self):
        """Whatever the shape prints is a stage that is in place."""
        for number, line in enumerate(self.process.stdout):
            self.facts.update(json.loads(line))
            if number == 0 and self.shape.during:
                self._during()
            begin, first = time.monotonic(), looks(self.folder)
            wait_for(lambda: self.process.poll() is not None or
                     (looks(self.folder) >= first + STAGE_LOOKS and time.monotonic() > begin + STAGE_SECONDS))
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.write("\n")
                self.process.stdin.flush()

    def finish(self):
        """The record and the shape's facts; a shape that cannot be had here has the fact "skip"."""
        alarm = threading.Timer(DEADLINE_SECONDS, self._kill)
        alarm.start()
        with self.process:
            try:
                self._stages()
                error = self.process.stderr.read()
                status = self.process.wait()
            except BaseException:
                self._kill()
                raise
            finally:
                alarm.cancel()
        # No AssertionError: what is not yet right must not hide it.
        if status and "skip" not in self.facts:
            raise RuntimeError(f"raypss run ended with {status}: {error}")
        with open(self.path, encoding="utf-8") as file:
            return json.load(file), self.facts


@pytest.fixture(scope="module")
def results(request):
    """Starts the shapes of all chosen checks, a few at a time; gives one future for each."""
    names = dict.fromkeys(item.callspec.params["name"] for item in request.session.items
                          if item.module is request.module and hasattr(item, "callspec"))
    with tempfile.TemporaryDirectory() as folder, settings(), \
            concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        os.chmod(folder, 0o777)
        yield {name: pool.submit(lambda name=name: Run(name, folder).finish()) for name in names}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: each shape has mounts of its own")
@pytest.mark.parametrize("name, word", parameters(NOT_YET, NOT_ALWAYS))
def test_shape(results, name, word):
    record, facts = results[name].result()
    if "skip" in facts:
        pytest.skip(facts["skip"])
    judge(record, facts, name, word)


def test_all_shapes_are_checked():
    listed = subprocess.run([PROGRAM, "--list"], capture_output=True, text=True, check=True).stdout.splitlines()
    assert {line.split()[0] for line in listed} == {shape.program or name for name, shape in SHAPES.items()}


def test_what_is_not_yet_right_is_in_the_table():
    known = [(name, word) for table in (NOT_YET, NOT_ALWAYS) for name, words in table.items() for word in words.split()]
    assert set(known) <= set(checks())


@pytest.mark.parametrize("name, peak, right", [
    ("left-behind", {"shared": 48}, True), ("left-behind", {"shared": 51.2}, True),
    ("left-behind", {"shared": 51.4}, False), ("left-behind", {"shared": 44.6}, False),
    ("page-tables", {"kernel": 6.9}, False), ("page-tables", {"kernel": 7.1}, True),
    ("page-tables", {"kernel": 15.1}, False),
    ("vforked", {"rss": 126}, False), ("vforked", {"rss": 500}, True),
    ("sparse-huge-pages", {"private": 64}, True), ("sparse-huge-pages", {"private": 1}, False),
])
def test_judge_tells_right_from_wrong(name, peak, right):
    word, = peak
    record = {"peak": {"processes": 1, word: peak[word] * MIB}}
    expected = contextlib.nullcontext() if right else pytest.raises(AssertionError, match=word)
    with expected:
        judge(record, {"huge": 64 * MIB}, name, word)
