# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps that are over in a moment, on a busy node, and tasks that have not executed their programs yet."""
import concurrent.futures
import contextlib
import os
import subprocess
import sys

import pytest

import slurm

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_for_short_steps")]
OPTION = "--ray-pss-accounting"
AT_ONCE = 5
FILLED_MIB = 80
FILL = f"b'x' * ({FILLED_MIB} << 20)"


@contextlib.contextmanager
def busy():
    """Two programs on each CPU that never wait."""
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * os.cpu_count())]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


def runs(count, *command):
    """So many steps of a command, some at a time, each in a job of its own."""
    with busy(), concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        ended = list(pool.map(lambda _: slurm.srun("--mem=300", OPTION, *command), range(count)))
    for run in ended:
        assert run.rc == 0, run.err
    return [(slurm.record(run.job), run.err) for run in ended]


@pytest.mark.parametrize("command", [["true"], ["sleep", "0.1"]], ids=" ".join)
def test_each_short_step_is_seen(command):
    for record, line in runs(10, *command):
        assert record["peak"]["processes"] == 1, record
        assert 0 < record["peak"]["footprint"] <= record["bound"] < 64 * slurm.MIB, record
        assert record["oom"]["verdict"] == "none"
        assert "first sample" not in line


def test_memory_of_a_step_too_short_for_a_sample_is_in_the_bound():
    for record, line in runs(3, sys.executable, "-c", FILL):
        assert FILLED_MIB * slurm.MIB <= record["bound"] < (FILLED_MIB + 40) * slurm.MIB, record
        assert "peak" in line or "at most" in line
