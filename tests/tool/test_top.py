# SPDX-License-Identifier: GPL-2.0-or-later
"""raypss top: a step's live file with its record, and trees of processes. Live files of the tests lie where raypssd's do."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest

import records
from records import MIB
from run_looks import wait_for
from test_run import STALL, STORE
from test_words import RAYPSS, compare, raypss

STATE = pathlib.Path("/run/raypss")
NODE = "raypss-top-test"
FIGURES = {"elapsed_ms": 3723000, "limit": 1000 * MIB, "footprint": 850 * MIB, "private": 100 * MIB, "shared": 700 * MIB,
           "kernel": 50 * MIB, "swap": 0, "file": 20 * MIB, "rss": 3000 * MIB, "store": 600 * MIB, "processes": 12,
           "peak": 900 * MIB, "growth": 12 * MIB, "headroom": 150 * MIB, "level": 1}
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may write where live files are")
needs_tmux = pytest.mark.skipif(not shutil.which("tmux"), reason="no tmux")


def live_text(**other):
    figures = {"sequence": 5, **FIGURES, **other}
    lines = [f"{key} {'-' if value is None else value:>20}" for key, value in figures.items()]
    return "\n".join([*lines, f"sequence {5:>20}"]) + "\n"


@pytest.fixture
def live():
    """Writes live files of job 7, and takes them away."""
    made = []
    STATE.mkdir(exist_ok=True)

    def write(step="0", **other):
        path = STATE / f"7.{step}.{NODE}"
        made.append(path)
        path.write_text(live_text(**other))
        return path
    yield write
    for path in made:
        path.unlink(missing_ok=True)


def steady(text):
    """Without what the clock and the machine decide."""
    text = re.sub(r"sample \d+\.\d s old", "sample 0.1 s old", text)
    return re.sub(r"record of \d\d:\d\d:\d\d", "record of 12:00:00", text)


def running(tmp_path, **other):
    record = json.loads(json.dumps(records.JOBS["healthy"][0]))
    return records.write(tmp_path, {**record, "node": NODE, **other})


@needs_root
def test_a_step_with_the_lists_of_its_record(tmp_path, live):
    live()
    result = raypss("top", "--once", "--spool", running(tmp_path), "7.0")
    assert result.returncode == 0, result.stderr
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    compare("step.top", steady(result.stdout))


@needs_root
def test_steps_without_a_record_or_limit(tmp_path, live):
    live(limit=None, headroom=None, level=None, growth=0)
    live("batch", footprint=990 * MIB, level=3, headroom=10 * MIB)
    result = raypss("top", "--once", "--spool", tmp_path, "7")
    assert result.returncode == 0, result.stderr
    compare("two-steps.top", steady(result.stdout))


@needs_root
def test_json(tmp_path, live):
    live()
    step, = json.loads(raypss("top", "--json", "--spool", running(tmp_path), "7.0").stdout)
    assert {key: step[key] for key in FIGURES} == FIGURES
    assert (step["job"], step["step"], step["node"], step["pid"]) == (7, "0", NODE, None)
    record = records.JOBS["healthy"][0]
    assert step["top"] == record["top"] and step["tasks"] == record["tasks"]
    assert step["lists_at"] == int(record["start"] + record["elapsed"])


@needs_root
def test_others_see_nothing(live):
    live().chmod(0o600)
    result = raypss("top", "--once", "7", user=65534)
    assert (result.returncode, result.stdout) == (1, "")
    assert "no accounted step of job 7 runs on this node; elsewhere: srun --jobid=7 --overlap --pty raypss top 7" in result.stderr
    assert "could not be read" in result.stderr


@pytest.mark.parametrize("arguments, words", [
    (("7x",), '"7x" is not a job'),
    (("--pid", "0"), '--pid: "0" is not the number of a process'),
    (("--pid", "5", "7"), '"7": give one JOB[.STEP], or --pid PID'),
    (("--interval", "1ms"), '--interval: "1ms" is out of range; allowed: a number with ms, s, m or h from 100ms'),
])
def test_wrong_use(arguments, words):
    result = raypss("top", "--once", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr and result.stderr.count("\n") == 1


def test_without_a_terminal():
    result = raypss("top", "--pid", os.getpid(), stdin=subprocess.DEVNULL)
    assert result.returncode == 1
    assert "use --once or --json" in result.stderr


def test_a_process_that_is_not_there():
    gone = subprocess.Popen(["true"])
    gone.wait()
    result = raypss("top", "--once", "--pid", gone.pid)
    assert (result.returncode, result.stderr) == (1, f"raypss top: --pid: there is no process {gone.pid}\n")


@contextlib.contextmanager
def store(tmp_path, *options):
    """A store of 64 MiB that four readers of 8 MiB share, all in place."""
    ready, until = tmp_path / "ready", tmp_path / "until"
    with subprocess.Popen([STORE, "--processes=4", "--shared=64", "--private=8", *options, f"--ready={ready}",
                           f"--until={until}"], cwd="/tmp") as process:
        try:
            deadline = time.monotonic() + 30
            while not ready.exists():
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.02)
            yield process
        finally:
            until.touch()
            process.wait(30)


def test_a_tree_counts_shared_memory_once(tmp_path):
    with store(tmp_path) as process:
        tree, = json.loads(raypss("top", "--json", "--pid", process.pid).stdout)
        text = raypss("top", "--once", "--pid", process.pid).stdout
    assert tree["processes"] == 5 == len(tree["top"])
    assert 64 * MIB <= tree["shared"] < 70 * MIB and tree["rss"] > 4 * 64 * MIB
    assert 96 * MIB <= tree["footprint"] < 112 * MIB
    assert sum(one["share"] for one in tree["top"]) <= tree["footprint"]
    assert sorted(one["share"] for one in tree["top"])[::-1] == [one["share"] for one in tree["top"]]
    assert text.startswith(f"Process {process.pid} and its descendants") and "Largest processes (MiB)\n" in text


@pytest.mark.skipif(os.getuid() or not os.path.exists("/dev/fuse"), reason="FUSE only for root")
def test_a_process_whose_files_nobody_can_read(tmp_path):
    """Its mappings are held as long as it lives. The memory of the other processes is shown, and what is not is said."""
    ready, until = tmp_path / "ready", tmp_path / "until"
    with subprocess.Popen([STALL, "--private=50", f"--ready={ready}", f"--until={until}"]) as process:
        try:
            wait_for(ready.exists)
            result = raypss("top", "--json", "--pid", process.pid)
            assert process.poll() is None
        finally:
            until.touch()
            process.wait(30)
    tree, = json.loads(result.stdout)
    assert result.returncode == 0 and result.stderr == (
        f"raypss top: process {process.pid} let nobody read its files in /proc: not all of it is counted\n")
    assert 50 * MIB <= tree["private"] < 60 * MIB and process.pid in [one["pid"] for one in tree["top"]]


def test_inside_raypss_run():
    """A command under raypss run looks at itself: the two accountants do not disturb each other."""
    result = raypss("run", "--", "sh", "-c", f"{RAYPSS} top --json --pid $$")
    tree, = json.loads(result.stdout)
    assert result.returncode == 0 and tree["processes"] == 2
    assert {one["name"] for one in tree["top"]} == {"sh", "raypss"}


class Screen:
    """raypss top in a terminal of its own."""

    def __init__(self, socket, *arguments, size=(80, 24), before=""):
        self.socket = socket
        # The shell keeps what stands on the terminal when raypss has ended.
        command = f"{before} {RAYPSS} top {' '.join(map(str, arguments))}; echo status $?; read -r _"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", size[0], "-y", size[1], command)

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-S", self.socket, *map(str, arguments)], capture_output=True, text=True, timeout=20,
                              check=True, env={**os.environ, "LC_ALL": "C", "TERM": "xterm"}).stdout

    def until(self, there):
        deadline = time.monotonic() + 20
        while True:
            text = self.tmux("capture-pane", "-p")
            if there(text):
                return text
            assert time.monotonic() < deadline, text
            time.sleep(0.05)


@pytest.fixture
def screen(tmp_path):
    socket = tmp_path / "tmux"
    yield lambda *arguments, **how: Screen(socket, *arguments, **how)
    subprocess.run(["tmux", "-S", socket, "kill-server"], check=False, capture_output=True)


@needs_tmux
def test_a_terminal_without_a_cursor_is_refused(screen):
    text = screen("--pid", os.getpid(), before="TERM=dumb").until(lambda text: "status" in text)
    assert 'TERM: "dumb" is no terminal for a live view: use --once or --json' in " ".join(text.split()) and "status 1" in text


@needs_root
@needs_tmux
def test_the_live_view(tmp_path, live, screen):
    path = live()
    live("1", footprint=100 * MIB, headroom=900 * MIB, level=0)
    view = screen("--interval", "100ms", "--spool", running(tmp_path), "7")
    text = view.until(lambda text: "q: quit" in text)
    assert len(text.splitlines()) == 24
    compare("live-view.top", steady(text))
    path.write_text(live_text(footprint=999 * MIB))
    view.until(lambda text: "Footprint  999 MiB of 1000 MiB" in text)
    view.tmux("send-keys", "Down")
    view.until(lambda text: "Footprint  100 MiB of 1000 MiB" in text)
    view.tmux("resize-window", "-x", 120, "-y", 40)
    view.until(lambda text: text.rstrip().endswith("choose a step") and len(text.splitlines()) == 40)
    view.tmux("resize-window", "-x", 40, "-y", 8)
    view.until(lambda text: len(text.splitlines()) == 8 and "Step 7.1" in text)
    view.tmux("send-keys", "q")
    view.until(lambda text: "status 0" in text)


@needs_tmux
def test_the_live_view_ends_with_the_processes(tmp_path, screen):
    with store(tmp_path) as process:
        view = screen("--interval", "100ms", "--pid", process.pid)
        view.until(lambda text: "Processes  5" in text)
        os.kill(process.pid, signal.SIGCONT)
    view.until(lambda text: "all that was shown has ended" in text and "status 0" in text)
