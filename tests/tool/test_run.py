# SPDX-License-Identifier: GPL-2.0-or-later
"""raypss run: the accountant without Slurm."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import pytest
from run_looks import LINKED, looks, wait_for

RAYPSS = os.path.join(os.environ["RAYPSS_PREFIX"], "bin/raypss")
STORE, STALL, CHASE = (os.path.join(os.environ["RIG_WORKLOADS"], name) for name in ("store", "stall", "chase"))
MIB = 1024 * 1024


def run(*command, options=(), **how):
    return subprocess.run([RAYPSS, "run", *options, "--", *command], capture_output=True, text=True, timeout=60,
                          check=False, **how)


def held(folder, *command, options=(), seconds=0, **how):
    """Runs a command that says in the file "ready" that its memory is in place, and waits for the file "go". That comes after
    so many seconds and some looks. Returns what raypss said."""
    line = [RAYPSS, "run", "--interval=100ms", "--json", folder / "record.json", *options, "--", "sh", "-c", LINKED, folder, *command]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, cwd="/tmp", **how) as process:
        wait_for(lambda: (folder / "ready").exists() or process.poll() is not None)
        begin, first = time.monotonic(), looks(folder)
        wait_for(lambda: process.poll() is not None or
                 (looks(folder) >= first + 5 and time.monotonic() > begin + seconds))
        (folder / "go").touch()
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 0, said
    return said


@pytest.fixture
def account():
    """Runs the workload and returns its record and what raypss said."""
    # pytest's own directories are not readable for other users.
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o777)

        def of(*store_options, **how):
            said = held(folder, STORE, *store_options, f"--ready={folder}/ready", f"--until={folder}/go", **how)
            return json.loads((folder / "record.json").read_text(encoding="utf-8")), said
        yield of


@pytest.mark.parametrize("code", [0, 1, 3, 125])
def test_exit_status_is_the_command_s(code):
    assert run("sh", "-c", f"exit {code}").returncode == code


@pytest.mark.parametrize("command, code", [("/nonexistent", 127), ("/etc/passwd", 126)])
def test_a_command_that_cannot_be_executed(command, code):
    result = run(command)
    assert result.returncode == code
    assert f'cannot execute "{command}"' in result.stderr


def test_exit_status_is_the_command_s_where_nobody_reads_the_summary(tmp_path):
    """Neither a pipe that nobody reads nor a file that may not grow (SIGPIPE, SIGXFSZ) ends raypss run."""
    command = [RAYPSS, "run", "--", "sh", "-c", "exit 7"]
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as pipe:
        assert subprocess.run(command, stderr=pipe, timeout=60, check=False).returncode == 7
    with open(tmp_path / "stderr", "wb") as file:
        assert subprocess.run(["prlimit", "--fsize=0", *command], stderr=file, timeout=60, check=False).returncode == 7


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_ends_by_the_signal_that_ended_the_command(number):
    assert run("sh", "-c", f"kill -{number.value} $$").returncode == -number


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_a_signal_reaches_the_command(tmp_path, number):
    ready = tmp_path / "ready"
    script = f"trap 'exit 42' {number.value}; touch {ready}; while :; do sleep 0.05; done"
    # Under nohup the signal would be ignored, and a shell cannot trap a signal that it was started to ignore.
    command = ["env", "--default-signal", RAYPSS, "run", "--", "sh", "-c", script]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            deadline = time.monotonic() + 20
            while not ready.exists():
                assert time.monotonic() < deadline
                time.sleep(0.01)
            process.send_signal(number)
            assert process.wait(20) == 42
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("options, word", [
    (["--interval=abc"], '"abc"'), (["--interval=-1s"], '"-1s"'), (["--limit=much"], '"much"'), (["--limit=0"], '"0"'),
    (["--nonsense"], "nonsense"), ([], "no command"),
])
def test_what_is_wrong_is_said(options, word):
    result = subprocess.run([RAYPSS, "run", *options], capture_output=True, text=True, check=False, timeout=20)
    assert result.returncode == 2
    assert word in result.stderr


def test_shared_memory_counts_once(account):
    record, err = account("--processes=6", "--shared=100", "--private=10", options=["--limit=300M"])
    peak = record["peak"]
    assert peak["shared"] == peak["store"] == pytest.approx(100 * MIB, rel=0.02)
    assert peak["private"] == pytest.approx(60 * MIB, rel=0.05)
    assert record["oom"]["verdict"] == "rss-only"
    assert "rss-only" in err.splitlines()[0]


def test_the_summary_has_one_unit(account):
    """Of the peak, also for what is much smaller, and for 0."""
    _, said = account("--processes", "2", "--shared", "64", "--private", "40")
    assert set(re.findall(r"^\t.* ([KMGT]?i?B)$", said, re.M)) == {"MiB"}, said


def test_a_daemon_is_followed(account):
    record, _ = account("--daemon", "--processes=1", "--shared=0", "--private=80")
    assert record["peak"]["private"] == pytest.approx(80 * MIB, rel=0.05)


# An ordinary user may not stat through map_files. Descriptors and the list of SysV segments are left.
@pytest.mark.parametrize("kind", ["plasma", "memfd", "sysv"])
def test_an_ordinary_user_sees_it_too(account, kind):
    record, _ = account("--processes=4", "--shared=100", "--private=5", f"--kind={kind}", user="nobody")
    assert record["uid"] != 0
    assert record["peak"]["shared"] == pytest.approx(100 * MIB, rel=0.02)
    assert record["peak"]["private"] == pytest.approx(20 * MIB, rel=0.1)


def test_what_an_ordinary_user_cannot_measure_is_said(account):
    record, err = account("--processes=4", "--shared=100", "--private=5", "--kind=anon", seconds=2, user="nobody")
    assert "only through PSS" in err
    assert record["peak"]["shared"] == pytest.approx(100 * MIB, rel=0.05)


def test_text_of_the_process_is_harmless(account):
    record, err = account("--processes=1", "--shared=1", "--private=5", "--title=a\"}\\n\\x1b[31m")
    names = [one["name"] for one in record["top"] + record["tasks"]]
    assert any('a"}' in name for name in names), names
    assert all(" " <= letter <= "~" for name in names for letter in name), names
    assert "\x1b" not in err


def test_a_record_that_cannot_be_written_is_told_before_the_command_runs(tmp_path):
    ran = tmp_path / "ran"
    result = run("touch", str(ran), options=["--json", "/nonexistent/record"])
    assert result.returncode == 1
    assert "/nonexistent/record" in result.stderr
    assert not ran.exists()


def test_a_record_on_standard_output(tmp_path):
    result = run("sh", "-c", "sleep 0.1", options=["--json", "-"], cwd=tmp_path)
    assert result.returncode == 0
    assert json.loads(result.stdout)["cost"]["samples"] > 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", [["true"], ["sh", "-c", "exit 3"]])
def test_a_short_command_is_told_in_words(command):
    err = run(*command).stderr
    assert "EiB" not in err and "raypss: " in err, err
    times = [float(word) for word in re.findall(r"is ([\d.]+) times", err)]
    assert all(number < 100 for number in times), err


@pytest.mark.parametrize("command", ["run", "report", "explain", "advise", "publish"])
def test_messages_name_the_command(command):
    result = subprocess.run([RAYPSS, command, "--nonsense"], capture_output=True, text=True, check=False, timeout=20)
    assert result.returncode == 2
    assert result.stderr.startswith(f"raypss {command}: "), result.stderr


@pytest.mark.parametrize("job, word", [("x", "a job is written"), ("1.0.0", "step"), ("0", "a job is written"),
                                       ("-1", '"-1" is not known'), ("7.x", "step")])
def test_what_is_no_job_is_said(job, word):
    result = subprocess.run([RAYPSS, "report", job], capture_output=True, text=True, check=False, timeout=20)
    assert result.returncode == 2
    assert word in result.stderr, result.stderr


def report(*arguments):
    return subprocess.run([RAYPSS, "report", *arguments], capture_output=True, text=True, check=False, timeout=20)


def spool_with(tmp_path, *places):
    """A spool with a record of job 7 in each of the places below it."""
    for number, place in enumerate(places):
        folder = tmp_path / place / "7"
        folder.mkdir(parents=True)
        peak = {"footprint": (number + 1) * MIB, "shared": 0}
        (folder / "0.n1.json").write_text(json.dumps({"job": 7, "restart": 0, "step": "0", "node": "n1", "nodes": 1,
                                                      "peak": peak, "end": {"how": "completed"}}))
    return str(tmp_path)


def test_the_cluster_is_chosen(tmp_path):
    spool = spool_with(tmp_path, "alpha", "beta")
    either = report("--spool", spool, "7")
    assert either.returncode == 1 and not either.stdout
    assert all(word in either.stderr for word in ("alpha", "beta", "--cluster")), either.stderr
    for number, cluster in enumerate(["alpha", "beta"]):
        one = report("--json", "--spool", spool, "--cluster", cluster, "7")
        assert json.loads(one.stdout)["total"]["peak_of_nodes"] == (number + 1) * MIB, one


def test_one_cluster_needs_no_choice(tmp_path):
    assert "at most 1.00 MiB" in report("--spool", spool_with(tmp_path, "alpha"), "7").stdout


def test_records_of_the_old_layout_are_found(tmp_path):
    assert "at most 1.00 MiB" in report("--spool", spool_with(tmp_path, "."), "7").stdout


def test_each_spool_has_its_reason(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    result = report("--spool", "/nonexistent", "--spool", str(empty), "--spool", "/etc/passwd", "7")
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 4 and "/nonexistent" in lines[0] and str(empty) in lines[1] and "/etc/passwd" in lines[2], lines
    assert "No such file" in lines[0] and "no record of job 7" in lines[1] and "Not a directory" in lines[2]


@pytest.mark.parametrize("word", ["help", "--help", "-h", "version", "--version", "-V"])
def test_help_and_version(word):
    result = subprocess.run([RAYPSS, word], capture_output=True, text=True, check=False, timeout=20)
    assert result.returncode == 0 and result.stdout


def test_commands_are_listed():
    result = subprocess.run([RAYPSS, "--help"], capture_output=True, text=True, check=False, timeout=20)
    assert result.returncode == 0
    assert all(f"  {word} " in result.stdout for word in ("run", "report", "explain", "advise", "publish"))


@pytest.mark.skipif(os.getuid() or not os.path.exists("/dev/fuse"), reason="FUSE only for root")
def test_a_file_whose_server_does_not_answer(tmp_path):
    """The command maps the file and has it open. Whoever touches the file hangs."""
    path = tmp_path / "record.json"
    begin = time.monotonic()
    result = run(STALL, "--open", "--private=50", "--seconds=1.5", options=["--interval=100ms", "--json", path])
    assert result.returncode == 0, result.stderr
    assert time.monotonic() - begin < 20
    record = json.loads(path.read_text())
    assert record["peak"]["private"] > 50 * MIB
    assert record["complete"] and record["cost"]["samples"] > 3


@pytest.mark.skipif(os.getuid() or not os.path.exists("/dev/fuse"), reason="FUSE only for root")
def test_a_process_whose_files_nobody_can_read(tmp_path):
    """Its mappings are held until the command ends. What another process of the command takes then is counted."""
    path = tmp_path / "record.json"
    result = run(STALL, "--private=50", "--seconds=3", options=["--interval=100ms", "--json", path])
    assert result.returncode == 0, result.stderr
    assert re.match(r"raypss run: process \d+ let nobody read its files in /proc: not all of it is counted\n",
                    result.stderr), result.stderr
    record = json.loads(path.read_text())
    assert 50 * MIB <= record["peak"]["private"] < 60 * MIB
    # The next accountant leaves the process out, and so goes on.
    assert record["cost"]["samples"] > 5


def test_the_accountant_is_killed(tmp_path):
    """Another one goes on with its figures; the command notices nothing."""
    path, state, seen, ended, go = (tmp_path / name for name in ("record.json", "state", "seen", "ended", "go"))
    script = (f"ln -s $RAYPSS_STATE {state}; {STORE} --processes=1 --shared=0 --private=60 --until={seen}; touch {ended}; "
              f"until [ -e {go} ]; do sleep 0.05; done; exit 7")
    command = [RAYPSS, "run", "--interval=100ms", "--json", path, "--", "sh", "-c", script]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        wait_for(state.exists)
        wait_for(lambda: int((re.findall(r"^peak +(\d+)", state.read_text(), re.MULTILINE) or "0")[0]) > 60 * MIB)
        seen.touch()
        wait_for(ended.exists)
        readers = subprocess.check_output(["pgrep", "-P", str(process.pid), "-x", "raypss-reader"], text=True).split()
        assert len(readers) == 1
        os.kill(int(readers[0]), signal.SIGKILL)
        go.touch()
        stderr = process.communicate(timeout=20)[1]
        assert process.returncode == 7
    assert stderr.startswith("raypss run: the accountant was killed, and another one was started\n"), stderr
    record = json.loads(path.read_text())
    assert record["peak"]["private"] > 60 * MIB and record["end"]["code"] == 7


def test_memory_behind_mappings_that_never_end(tmp_path):
    """Whatever is left out of the scans, the record has as much as statm says, in bounded time."""
    path = tmp_path / "record.json"
    result = run(CHASE, "--shared=200", "--seconds=4", options=["--json", path])
    assert result.returncode == 0, result.stderr
    record = json.loads(path.read_text())
    assert 200 * MIB <= record["peak"]["shared"] < 500 * MIB
    assert record["cost"]["samples"] >= 4
    assert record["cost"]["cpu_seconds"] < 2


@pytest.mark.parametrize("raylets, seconds, capacity", [(1, 0, 100 * MIB), (2, 5, None)])
def test_figures_of_one_of_several_raylets_are_left_out(tmp_path, raylets, seconds, capacity):
    """A shell with a raylet's name and command line, once and twice; the second counts after two seconds."""
    raylet = str(tmp_path / "raylet")
    shutil.copy("/bin/sh", raylet)
    one = f"{raylet} -c 'until [ -e {tmp_path}/go ]; do sleep 0.05; done' raylet --object_store_memory={100 * MIB} &"
    held(tmp_path, "sh", "-c", f"{one * raylets} touch {tmp_path}/ready; wait", seconds=seconds)
    assert json.loads((tmp_path / "record.json").read_text())["ray"]["capacity"] == capacity
