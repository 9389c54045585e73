# SPDX-License-Identifier: GPL-2.0-or-later
"""What report, explain and advise say, word by word. GOLDEN_WRITE=1 writes golden/ anew; read the difference then."""
import csv
import io
import json
import os
import pathlib
import pty
import subprocess

import pytest

import records
from records import MIB

RAYPSS = os.path.join(os.environ["RAYPSS_PREFIX"], "bin/raypss")
GOLDEN = pathlib.Path(__file__).parent / "golden"
STATUS = {"rss-only": 10, "near": 11, "limit": 12, "kernel": 13, "64-nodes": 13}


def raypss(*arguments, **how):
    # Without a Slurm: the words are those of the records alone.
    env = {**os.environ, "SLURM_CONF": "/nonexistent", **how.pop("env", {})}
    return subprocess.run([RAYPSS, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=30,
                          env=env, **how)


def compare(name, text):
    path = GOLDEN / name
    if os.environ.get("GOLDEN_WRITE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("name", records.JOBS)
@pytest.mark.parametrize("command", ["report", "explain", "advise"])
def test_words(tmp_path, name, command):
    spool = records.write(tmp_path, *records.JOBS[name])
    result = raypss(command, "--spool", spool, 7)
    assert result.returncode == (STATUS.get(name, 0) if command == "explain" else 0), result
    assert not result.stderr
    assert all(len(line) <= 200 for line in result.stdout.splitlines())
    compare(f"{name}.{command}", result.stdout)


@pytest.mark.parametrize("command", ["report", "explain", "advise"])
def test_no_record(tmp_path, command):
    result = raypss(command, "--spool", tmp_path, 7)
    assert result.returncode == 1 and not result.stdout
    lines = result.stderr.splitlines()
    assert lines == [f'raypss {command}: no record of job 7 in "{tmp_path}"', f"raypss {command}: job 7: SLURM_CONF=/nonexistent: No such file or directory"]


@pytest.mark.parametrize("option", ["--tasks", "--top"])
def test_lists(tmp_path, option):
    spool = records.write(tmp_path, *records.JOBS["healthy"], records.record(node="n2"))
    result = raypss("report", option, "--spool", spool, 7)
    assert result.returncode == 0, result
    compare(f"lists{option}", result.stdout)


@pytest.mark.parametrize("name", records.JOBS)
def test_programs_get_the_same(tmp_path, name):
    spool = records.write(tmp_path, *records.JOBS[name])
    explained = raypss("explain", "--json", "--spool", spool, 7)
    told = json.loads(explained.stdout)
    assert told["status"] == explained.returncode
    worst = max(records.JOBS[name], key=lambda one: ["none", "rss-only", "near", "limit", "kernel"].index(one["oom"]["verdict"]))
    assert told["verdict"] == worst["oom"]["verdict"]
    report = json.loads(raypss("report", "--json", "--spool", spool, 7).stdout)
    assert len(report["steps"]) == len({one["step"] for one in records.JOBS[name]})
    advice = json.loads(raypss("advise", "--json", "--spool", spool, 7).stdout)
    assert report["advice"]["mem"] == advice["mem"] == told["advice"]["mem"]
    seen = [one["peak"]["footprint"] for one in records.JOBS[name] if one["peak"]["footprint"]]
    assert (advice["mem"] or 0) >= 1.15 * max(seen, default=0)


def test_a_record_in_a_file(tmp_path):
    path = tmp_path / "r.json"
    path.write_text(json.dumps(records.JOBS["limit"][0]))
    result = raypss("explain", path)
    assert result.returncode == 12
    assert result.stdout.startswith("Step 7.0 on n1 ran out of memory: Slurm killed it, and was right.")


@pytest.mark.parametrize("verdict, words", [
    ("none", ""), ("references-held", "only grew, to 300 MiB, because references"), ("arguments-held", "arguments of ended"),
    ("fallback", "50.0 MiB had no room in Ray's store of 400 MiB"), ("store-on-disk", "/dev/shm is too small"),
    ("spill-in-memory", "Ray spilled 20.0 MiB to a tmpfs")])
def test_the_store_of_ray(tmp_path, verdict, words):
    ray = {"verdict": verdict, "fallback": 50 * MIB, "spilled": 20 * MIB}
    spool = records.write(tmp_path, records.record(ray=ray))
    said = raypss("explain", "--spool", spool, 7).stdout.split("Next time")[0]
    assert words in said and ("store only" in said) == verdict.endswith("held"), said
    advice = json.loads(raypss("advise", "--json", "--spool", spool, 7).stdout)
    assert advice["object_store_memory"] == round(1.15 * 370 * MIB) and advice["store_too_thin"]


def test_comma_separated(tmp_path):
    spool = records.write(tmp_path, *records.JOBS["64-nodes"])
    rows = list(csv.DictReader(io.StringIO(raypss("report", "--csv", "--spool", spool, 7).stdout)))
    assert [row["node"] for row in rows] == sorted(f"n{number}" for number in range(1, 65))
    assert {row["node"]: row["oom.verdict"] for row in rows}["n64"] == "kernel"
    assert rows[0]["peak.footprint"] == str(201 * MIB) and rows[0]["bound"] == ""


def test_all_rows(tmp_path):
    spool = records.write(tmp_path, *records.JOBS["64-nodes"])
    lines = raypss("report", "--all", "--spool", spool, 7).stdout.splitlines()
    assert len([line for line in lines if line.startswith("0 ")]) == 64


def on_a_terminal(*arguments, **env):
    """What a command writes to a terminal."""
    leader, follower = pty.openpty()
    with subprocess.Popen([RAYPSS, *arguments], stdout=follower, stderr=follower, stdin=subprocess.DEVNULL,
                          env={**os.environ, "SLURM_CONF": "/nonexistent", **env}) as process:
        os.close(follower)
        text = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:
                break
            if not part:
                break
            text += part
        process.wait(20)
    os.close(leader)
    return text.decode()


def test_colour_is_for_terminals(tmp_path):
    spool = records.write(tmp_path, *records.JOBS["limit"])
    command = ["report", "--spool", spool, "7"]
    env = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    assert "\033" not in raypss(*command, env={"NO_COLOR": ""}).stdout
    assert "\033[31mlimit\033[0m" in on_a_terminal(*command, **{**env, "NO_COLOR": ""})
    assert "\033" not in on_a_terminal(*command, NO_COLOR="1")
    assert "\033" not in on_a_terminal(*command, **{**env, "NO_COLOR": "", "TERM": "dumb"})


def test_names_of_users_are_harmless(tmp_path):
    evil = records.record()
    for one in evil["top"] + evil["tasks"]:
        one["name"] = "\033[31m\nStep 9 was killed" + "x" * 500
    spool = records.write(tmp_path, evil)
    for command in (["explain"], ["advise"], ["report", "--tasks", "--top"]):
        result = raypss(*command, "--spool", spool, 7)
        assert "\033" not in result.stdout and "\nStep 9" not in result.stdout
        assert all(len(line) < 700 for line in result.stdout.splitlines()), result.stdout


# What is wrong, and a word of the answer: it names the word, the value and what is allowed.
WRONG = [
    (["report"], ["no job given", "65.0"]),
    (["report", "--spool", "7"], ["no job given"]),
    (["report", "--since", "1d"], ["--since needs --user"]),
    (["report", "x"], ['"x"', "65_1"]),
    (["report", "1.0.0"], ['"1.0.0"', "step", "65.0"]),
    (["report", "65_"], ['"65_"', "65_1"]),
    (["report", "0"], ['"0"', "65"]),
    (["report", "99999999999"], ['"99999999999"']),
    (["report", "7", "y"], ['"y"']),
    (["report", "--json", "--csv", "7"], ["--json", "--csv", "contradict"]),
    (["report", "--user", "root", "7"], ["--user", "JOB"]),
    (["report", "--since", "1d", "7"], ["--since", "--user"]),
    (["report", "--user", "root", "--since", "soon"], ["--since", '"soon"', "7d"]),
    (["report", "--user", "root", "--since", "2999-01-01"], ["--since", '"2999-01-01" is not in the past']),
    (["report", "--user", "nobody-of-that-name"], ["--user", '"nobody-of-that-name"']),
    (["report", "--csv", "--tasks", "7"], ["--tasks"]),
    (["explain"], ["no job given"]),
    (["advise", "7", "8"], ['"8"', "one job"]),
    (["plot"], ["no job given"]),
    (["plot", "7", "8"], ['"8"', "one job"]),
    (["explain", "7", "8"], ['"8"', "one job"]),
    (["explain", "7.x"], ['"7.x"', "batch"]),
    (["advise", "seven"], ['"seven"', "65"]),
    (["publish", "65_1"], ['"65_1"', "JobIDRaw"]),
    (["publish", "65.0"], ['"65.0"', "whole jobs"]),
    (["publish", "--field", "note", "65"], ["--field", '"note"', "admin_comment"]),
    (["publish"], ["no job given"]),
    (["publish", "--pending", "7"], ['"7"', "--pending takes no jobs"]),
    (["run", "-j"], ["raypss run: "]),
    (["run", "--limit", "4Q", "--", "true"], ["--limit", '"4Q"', "GiB"]),
    (["run", "--interval", "5", "--", "true"], ["--interval", '"5"', "not a time", "500ms"]),
    (["run", "--limit", "0", "--", "true"], ["--limit", '"0"']),
    (["run", "--interval", "0ms", "--", "true"], ["--interval", '"0ms"', "out of range", "1ms to 24h"]),
    (["run", "--interval", "99999h", "--", "true"], ["--interval", '"99999h"', "out of range", "24h"]),
    (["run"], ["no command given", "-- COMMAND"]),
    (["top", "--interval", "1ms"], ["--interval", '"1ms"', "100ms to 24h"]),
    (["top", "--pid", "-5"], ["--pid", '"-5"']),
    (["top", "--once", "--json"], ["--once", "--json", "contradict"]),
    (["metrics", "--spool", "/", "--no-spool"], ["--spool", "--no-spool", "contradict"]),
    (["metrics", "7"], ['"7"', "no arguments"]),
    (["report", "r.json"], ['"r.json"', "explain, plot and report --html"]),
    (["advise", "./r.json"], ['"./r.json"', "explain, plot and report --html"]),
    (["publish", "x"], ['"x"', "number", "65"]),
    (["nonsense"], ['"nonsense"', "commands: ", "explain"]),
    (["help", "nonsense"], ['"nonsense"', "commands: "]),
    (["--nonsense"], ['"--nonsense"', "commands: "]),
    ([""], ['""', "commands: "]),
    ([], ["usage:"]),
]
# Each command with a word that it does not know, and an option of it that wants a value.
OPTIONS = {"run": "--limit", "top": "--pid", "report": "--since", "plot": "--node", "metrics": "--output", "check": "--plugstack",
           "explain": "--cluster", "advise": "--spool", "publish": "--field"}
WRONG += [row for name, option in OPTIONS.items() for row in [
    ([name, "--nonsense"], [f"raypss {name}: ", '"--nonsense"', "allowed: --", f"{option}, ", "--help"]),
    ([name, "-x"], [f"raypss {name}: ", '"-x"', f"{option}, "]),
    ([name, "-\u00fc"], [f"raypss {name}: ", f"{option}, "]),
    ([name, "--help=x"], ['"--help=x"', "--help takes no value"]),
    ([name, option], [f"raypss {name}: {option} wants a value", f"raypss {name} --help"]),
    ([name, option, ""], [f"raypss {name}: {option}: \"\"", f"raypss {name} --help"])]]


@pytest.mark.parametrize("arguments, words", WRONG, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_wrong_use(arguments, words):
    result = raypss(*arguments, errors="replace")
    assert result.returncode == 2 and not result.stdout, result
    assert all(word in result.stderr for word in words), result.stderr
    if not any(word in result.stderr for word in ("usage:",)):
        assert len(result.stderr.splitlines()) == 1, result.stderr


@pytest.mark.parametrize("text", ["not json", "[]", "{}", '{"peak": 3}', '{"peak": {}, "top": [[[1]]], "tasks": {"a": 1}}'])
def test_files_that_are_no_records(tmp_path, text):
    path = tmp_path / "r.json"
    path.write_text(text)
    result = raypss("explain", path)
    assert result.returncode == (0 if "top" in text else 1)
    assert ("is not a record" in result.stderr or str(path) in result.stderr) != ("top" in text)


@pytest.mark.parametrize("command", ["report", "explain", "advise", "publish"])
def test_a_damaged_record_is_not_called_missing(tmp_path, command):
    spool = records.write(tmp_path, records.record())
    (tmp_path / "c/7/0.n1.json").write_text('{"schema":2,')
    result = raypss(command, "--spool", spool, 7)
    assert result.returncode == 1
    assert result.stderr.splitlines()[0] == f'raypss {command}: job 7 in "{spool}" has no record that can be read'


@pytest.mark.parametrize("command", [("explain",), ("plot",), ("report", "--html", "-")])
def test_a_directory_is_no_record(tmp_path, command):
    result = raypss(*command, f"{tmp_path}/")
    assert result.returncode == 1 and result.stderr == f'raypss {command[0]}: cannot read "{tmp_path}/": Is a directory\n'


def test_a_cluster_without_the_job_is_named(tmp_path):
    spool = records.write(tmp_path, records.record())
    for command in (["report"], ["plot"], ["publish"]):
        result = raypss(*command, "--cluster", "other", "--spool", spool, 7)
        assert result.returncode == 1
        assert f'raypss {command[0]}: no record of job 7 of cluster other in "{spool}"\n' in result.stderr


def test_help_of_a_command():
    assert raypss("help", "plot").stdout == raypss("plot", "--help").stdout != raypss("help").stdout


def test_what_has_no_slurm_conf_says_so_once(tmp_path):
    spool = records.write(tmp_path, records.record())
    result = raypss("publish", "--spool", spool, 7, 7)
    reason = "SLURM_CONF=/nonexistent: No such file or directory"
    assert result.stderr.splitlines() == [f"raypss publish: job 7: {reason}", f"raypss publish: 1 more jobs: {reason}"]
    checked = raypss("check", "--plugstack", tmp_path)
    assert f"no slurm.conf was read: {reason}\n" in checked.stdout
    assert f'cannot read "{tmp_path}": Is a directory\n' in checked.stdout


def test_a_file_that_is_not_there():
    result = raypss("explain", "/nonexistent/r.json")
    assert result.returncode == 1
    assert "/nonexistent/r.json" in result.stderr and "No such file" in result.stderr


@pytest.mark.parametrize("size", ["4G", "4GB", "4Gi", "4GiB", "4g"])
def test_spellings_of_a_size(size):
    result = raypss("run", "--limit", size, "--json", "-", "--", "sh", "-c", "sleep 0.1")
    assert json.loads(result.stdout)["limit"] == 4 * 1024 * MIB


def test_spools_that_cannot_be_read_are_one_line_each():
    result = raypss("publish", "--spool", "/nonexistent", "--pending")
    assert result.returncode == 1
    assert result.stderr.splitlines() == ['raypss publish: "/nonexistent": No such file or directory']


@pytest.mark.parametrize("line, folder", [("optional ray_pss.so spool={} mode=auto", "here"), ("include more", "here"), ("", None)])
def test_the_site_s_spool(tmp_path, line, folder):
    """plugstack.conf says where the records are, beside slurm.conf."""
    spool = records.write(tmp_path / "site", *records.JOBS["healthy"])
    (tmp_path / "plugstack.conf").write_text(line.format(spool) + "\n")
    (tmp_path / "more").write_text(f"required /usr/lib/slurm/ray_pss.so wrong=1 spool={spool}\n")
    result = raypss("report", 7, env={"SLURM_CONF": f"{tmp_path}/slurm.conf"})
    assert (result.returncode == 0) == bool(folder), result.stderr
    assert folder or "spool/raypss" in result.stderr


@pytest.mark.parametrize("conf", ["PlugStackConfig={0}/else/spank.conf\n", "Include {0}/part.conf\n",
                                  "plugstackconfig=else/spank.conf # ours\n"])
def test_the_site_s_spool_by_a_plugstack_conf_elsewhere(tmp_path, conf):
    """slurm.conf says where plugstack.conf is. A plugstack.conf beside slurm.conf is not read then, as by Slurm."""
    spool = records.write(tmp_path / "site", *records.JOBS["healthy"])
    (tmp_path / "slurm.conf").write_text(conf.format(tmp_path))
    (tmp_path / "part.conf").write_text(f"PlugStackConfig={tmp_path}/else/spank.conf\n")
    (tmp_path / "plugstack.conf").write_text("optional ray_pss.so spool=/nonexistent\n")
    (tmp_path / "else/d").mkdir(parents=True)
    (tmp_path / "else/spank.conf").write_text("include d/*.conf\n")
    (tmp_path / "else/d/ray_pss.conf").write_text(f"optional ray_pss.so spool={spool}\n")
    result = raypss("report", 7, env={"SLURM_CONF": f"{tmp_path}/slurm.conf"})
    assert result.returncode == 0, result.stderr


def test_versions():
    """All programs of a build name one version."""
    programs = [RAYPSS, os.path.join(os.environ["RAYPSS_PREFIX"], "libexec/raypss/raypssd")]
    said = {subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout for program in programs}
    assert len(said) == 1 and said.pop().startswith("spank-ray-pss ")


@pytest.mark.parametrize("command", [("plot",), ("top", "--once"), ("report", "--html", "-")])
def test_an_array_task_s_number_is_asked_of_slurm(command):
    result = raypss(*command, "65_1")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"raypss {command[0]}: job 65_1: SLURM_CONF=/nonexistent: No such file or directory\n"
