# SPDX-License-Identifier: GPL-2.0-or-later
"""What lies in a spool, and may be anybody's work: each tool ends soon, in little memory, and prints no control characters."""
import json
import os
import pathlib
import re
import subprocess
import tempfile

import pytest

import live_files
import records
from live_files import RAYPSS

# Terminals interpret these; a line's end is ours.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
EVIL = "a\u001b]0;title\u0007\u001b[31mred\nbroken\u009b31m\"'`$(id)<b>&{{|\\"
MIB = 1 << 20
pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="needs root: files of other users, a /run/raypss of its own")
TOOLS = {
    "report": ["report", "--all", "--tasks", "--top", "7"],
    "report --csv": ["report", "--csv", "7"],
    "report --json": ["report", "--json", "7"],
    "report --html": ["report", "--html", "{out}/page.html", "7"],
    "explain": ["explain", "7"],
    "advise": ["advise", "7"],
    "plot": ["plot", "-o", "{out}/plot.svg", "7"],
    "plot -": ["plot", "-o", "-", "7"],
    "top": ["top", "--once", "7"],
    "metrics": ["metrics"],
    "publish": ["publish", "7"],
}


SERIES = [{"seconds": i, "footprint": 300 * MIB, "private": 200 * MIB, "shared": 80 * MIB, "kernel": 20 * MIB, "store": None,
           "rss": 900 * MIB} for i in range(9)]


def record(**changes):
    return records.record(series=SERIES, **changes)


def evil(value):
    """The same with each text spoilt."""
    if isinstance(value, dict):
        return {key: evil(one) for key, one in value.items()}
    if isinstance(value, list):
        return [evil(one) for one in value]
    return value + EVIL if isinstance(value, str) else value


def writes(text):
    return lambda path: path.write_text(text, encoding="ascii")


def huge(path):
    with open(path, "wb") as file:
        file.write(b'{"job": 7, "step": "')
        file.truncate(1 << 30)


def linked(path):
    secret = path.parent.parent / "secret"
    secret.write_text(json.dumps(record(node="secret")), encoding="ascii")
    path.symlink_to(secret)


def owned(path):
    path.write_text(json.dumps(record()), encoding="ascii")
    os.chown(path, 1234, 1234)


# What is at the place of a record.
ENTRIES = {
    "huge": huge,
    "deep": writes('{"a":' * 10000 + "1" + "}" * 10000),
    "wide": writes(json.dumps(record(top=[records.USUAL["top"][0]] * 10000))),
    # The words that a tool looks for stay: otherwise it would read no further.
    "names": writes(json.dumps({**evil(record()), "step": "0", "end": records.KILLED, "oom": records.USUAL["oom"] | {
        "verdict": "kernel", "scope": "step", "kills": 1, "victims": [{"pid": 1, "name": EVIL, "anon": 1, "file": 0, "shmem": 0}]}})),
    "step's name": writes(json.dumps(evil(record()))),
    "other kinds": writes(json.dumps({key: [] for key in records.USUAL} | {"job": 7, "step": "0", "peak": {}, "series": [1]})),
    "fifo": os.mkfifo,
    "directory": os.mkdir,
    "link": linked,
    "of another user": owned,
}


def run(command, **options):
    """No tool here needs 600 MiB, or a minute of CPU time. What it prints it prints for a terminal."""
    limits = ["prlimit", f"--data={600 * MIB}", "--cpu=60", "--"]
    result = subprocess.run([*limits, *command], capture_output=True, text=True, errors="surrogateescape", timeout=60, check=False,
                            stdin=subprocess.DEVNULL, env={**os.environ, "SLURM_CONF": "/nonexistent"}, **options)
    assert result.returncode in (0, 1, 2, 10, 11, 12, 13), result
    for text in (result.stdout, result.stderr):
        assert not CONTROL.search(text), text
        assert "secret" not in text
    return result


def files_are_clean(folder):
    for path in folder.iterdir():
        assert not CONTROL.search(path.read_text(encoding="utf-8")), path
        assert "$(id)<b>" not in path.read_text(encoding="utf-8"), path


# Texts and kinds are tried one by one, since a tool that shows the worst record shows one of them.
TEXTS = ["names", "step's name", "other kinds"]


@pytest.mark.parametrize("entries", [ENTRIES.keys() - set(TEXTS), *([text] for text in TEXTS)], ids=["files", *TEXTS])
@pytest.mark.parametrize("tool", TOOLS)
def test_entries_of_a_spool(tool, entries, tmp_path):
    spool, out = tmp_path / "spool", tmp_path / "out"
    out.mkdir()
    records.write(spool, record(step="1", node="n2"))
    for number, entry in enumerate(sorted(entries)):
        ENTRIES[entry](spool / f"c/7/0.n{number + 3}.json")
    arguments = [argument.format(out=out) for argument in TOOLS[tool]]
    run([RAYPSS, arguments[0], "--spool", str(spool), *arguments[1:]])
    files_are_clean(out)


@pytest.mark.parametrize("tool, entry", [("explain", entry) for entry in sorted(ENTRIES.keys() - {"link"})]
                         + [(tool, entry) for tool in ("plot", "plot -", "report --html") for entry in ("fifo", *TEXTS)])
def test_a_record_that_is_named(tool, entry, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    ENTRIES[entry](tmp_path / "record.json")
    *arguments, _ = [argument.format(out=out) for argument in TOOLS[tool]]
    result = run([RAYPSS, *arguments, str(tmp_path / "record.json")])
    files_are_clean(out)
    if entry in ("huge", "deep", "fifo", "directory"):
        assert result.returncode in (1, 2) and len(result.stderr.splitlines()) == 1 and "record.json" in result.stderr


# What is at the place of the live figures of a step.
LIVE = {
    "huge": huge,
    "fifo": os.mkfifo,
    "directory": os.mkdir,
    "link": linked,
    "no end of the sequence": writes("sequence 1\n" * 1000),
    "long numbers": writes(live_files.live_text(footprint="9" * 3000)),
}


@pytest.mark.parametrize("entry", LIVE)
def test_entries_of_the_live_figures(entry, tmp_path):
    """The step beside it is told."""
    live = tmp_path / "c/live"
    live.mkdir(parents=True)
    live_files.write(live, "65.1.n2", live_files.live_text())
    LIVE[entry](live / "65.0.n1")
    (live / f"65.0.n{EVIL.replace('/', '')}").write_text(live_files.live_text(), encoding="ascii")
    for words in (["metrics", "--no-spool"], ["top", "--once", "--spool", str(tmp_path)], ["top", "--json", "--spool", str(tmp_path)]):
        result = run(live_files.command(live, *words))
        assert result.returncode == 0 and "n2" in result.stdout, words


@pytest.fixture
def public():
    """A directory that every user can enter."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)
        yield pathlib.Path(folder)


@pytest.mark.parametrize("tool", TOOLS)
def test_an_ordinary_user_sees_his_own(tool, public):
    """Job 7 is the user's, job 8 is root's. Neither is listed, and no figure of job 8 is told."""
    spool, live, out = public / "spool", public / "live", public / "out"
    records.write(spool, record(), record(job=8, node="secret"))
    (spool / ".clusters").write_text("c\n", encoding="ascii")
    live.mkdir(mode=0o711)
    for job, node in ((7, "n1"), (8, "secret")):
        live_files.write(live, f"{job}.0.{node}", live_files.live_text())
    os.removexattr(live / "8.0.secret", "system.posix_acl_access")
    (live / "8.0.secret").chmod(0o600)
    out.mkdir()
    out.chmod(0o777)
    for folder in (spool, spool / "c"):
        folder.chmod(0o711)
    (spool / "c/8").chmod(0o700)
    for path in (live, spool / "c/7"):
        path.chmod(0o755)

    def ask(job):
        words = [job if word == "7" else word.format(out=out) for word in TOOLS[tool]]
        command = live_files.command(live, words[0], "--spool", str(spool), *words[1:])
        command[-1] = command[-1].replace("exec ", "exec setpriv --reuid=65534 --regid=65534 --clear-groups ")
        return run(command)
    own = ask("7")
    if tool == "metrics":
        assert 'job="7"' in own.stdout and 'job="8"' not in own.stdout
        return
    if tool != "publish": # which needs slurmctld
        assert own.returncode == 0 and (own.stdout or list(out.iterdir())), own
    for path in out.iterdir():
        path.unlink()
    other = ask("8")
    assert other.returncode in (1, 2) and other.stderr and not other.stdout and not list(out.iterdir()), other
