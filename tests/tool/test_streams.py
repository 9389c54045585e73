# SPDX-License-Identifier: GPL-2.0-or-later
"""Output that is lost is told, closed streams harm no file, and a command that is not there has no figures."""
import json
import os
import subprocess

import pytest

import records

RAYPSS = os.path.join(os.environ["RAYPSS_PREFIX"], "bin/raypss")
FULL = "raypss: cannot write to standard output: No space left on device\n"
CLOSED = "raypss: cannot write to standard output: Bad file descriptor\n"


def shell(script, *arguments):
    """Runs a line of the shell, where "$@" is raypss with arguments."""
    env = {**os.environ, "SLURM_CONF": "/nonexistent"}
    return subprocess.run(["sh", "-c", script, "sh", RAYPSS, *map(str, arguments)], capture_output=True, text=True,
                          check=False, timeout=60, env=env)


COMMANDS = [["report"], ["report", "--json"], ["report", "--csv"], ["report", "--html", "-"], ["explain"], ["explain", "--json"],
            ["advise"], ["advise", "--json"], ["metrics"], ["metrics", "--output", "-"], ["--help"], ["--version"],
            ["report", "--help"], ["top", "--once", "--pid", "1"], ["run", "--json", "-"]]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_output_that_is_lost_is_told(tmp_path, arguments):
    spool = records.write(tmp_path, *records.JOBS["limit"])
    if arguments[0] in ("report", "explain", "advise") and "--help" not in arguments:
        arguments = [*arguments, "--spool", spool, 7]
    elif arguments[0] == "metrics":
        arguments = [*arguments, "--spool", spool]
    elif arguments[0] == "run":
        arguments = [*arguments, "true"]
    for where, told in (("/dev/full", FULL), ("&-", CLOSED)):
        result = shell(f'"$@" >{where}', *arguments)
        assert result.returncode == 1, result
        assert result.stderr.endswith(told) and result.stderr.count("cannot write") == 1, result.stderr


def test_files_do_not_get_the_place_of_closed_streams(tmp_path):
    path = tmp_path / "r.json"
    result = shell('"$@" <&- >&- 2>&-', "run", "--json", path, "sh", "-c", "echo lost; echo lost >&2; exit 3")
    assert result.returncode == 3
    assert json.loads(path.read_text())["end"]["code"] == 3


@pytest.mark.parametrize("command, status, reason", [
    ("nosuch-command", 127, "No such file or directory"), ("/", 126, "Permission denied"), ("", 127, "No such file or directory")])
def test_a_command_that_is_not_there_has_no_figures(command, status, reason):
    result = shell('"$@"', "run", "--json", "-", command)
    assert result.returncode == status
    assert result.stderr == f'raypss run: cannot execute "{command}": {reason}\n'
    record = json.loads(result.stdout)
    assert record["peak"]["footprint"] is None and record["end"]["code"] == status
