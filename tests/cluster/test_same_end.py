# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults of a site with the plugin and without it, by turns. The step's status is the same, and its user notices no delay.
RAYPSS_PAIRS=10 measures: the median of ten pairs is printed for each fault."""
import contextlib
import os
import signal
import statistics
import subprocess
import threading
import time

import pytest

import conftest
import daemons
import slurm
import test_faults_node
import test_faults_upgrade

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed")]
# Seconds that a user would notice. A busy machine may stall a step for longer, but not each of so many.
NOTICED, TRIES = 1, 6
PAIRS = int(os.environ.get("RAYPSS_PAIRS", "1"))
LIBEXEC = os.path.dirname(test_faults_upgrade.RAYPSSD)


@contextlib.contextmanager
def mounted_over(path):
    """An empty directory in the place of another. Other rigs do not see it."""
    subprocess.run(["mount", "-t", "tmpfs", "none", path], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)


@contextlib.contextmanager
def always_hit(number):
    """Each raypssd gets the signal, again and again."""
    over = threading.Event()

    def hit():
        while not over.wait(0.02):
            for process in slurm.processes_named("raypssd"):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, number)
    thread = threading.Thread(target=hit)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def other_line(text):
    """plugstack.conf with that line in the place of ours."""
    with slurm.plugstack(text):
        yield


FAULTS = {
    "nothing is wrong": contextlib.nullcontext,
    **{name: fault.how for name, fault in test_faults_node.FAULTS.items()},
    "raypssd is missing": lambda: mounted_over(LIBEXEC),
    "raypssd is of another build": lambda: test_faults_upgrade.replaced(test_faults_upgrade.RAYPSSD, test_faults_upgrade.OTHER_BUILD),
    "raypssd is killed": lambda: always_hit(signal.SIGKILL),
    "raypssd is stopped": lambda: always_hit(signal.SIGSTOP),
    "plugstack.conf has a wrong word": lambda: other_line(conftest.plugstack_line("mode=sometimes")),
    "ray_pss.so is missing": lambda: other_line("optional /nonexistent/ray_pss.so"),
    "ray_pss.so is damaged": lambda: test_faults_upgrade.replaced(conftest.PLUGIN, "no object"),
    "slurmdbd is gone": lambda: daemons.gone("slurmdbd"),
}


def timed_step():
    """(status, seconds) of a step."""
    begin = time.monotonic()
    run = slurm.srun("-n1", "--mem=50", "sh", "-c", "sleep 0.1; exit 3")
    return run.rc, time.monotonic() - begin


def pair():
    """A step without the plugin, and one with it."""
    with slurm.plugstack(""):
        without = timed_step()
    return without, timed_step()


def delay(pairs, of):
    """of: min or the like. How much later the steps with the plugin ended."""
    return of(with_it[1] for _, with_it in pairs) - of(without[1] for without, _ in pairs)


@pytest.mark.parametrize("fault", FAULTS)
def test_end_is_the_same(fault, monkeypatch):
    # Not the option, which srun would refuse where the plugin is missing.
    monkeypatch.setenv("SLURM_RAY_PSS_ACCOUNTING", "on")
    pairs = []
    with FAULTS[fault]():
        while len(pairs) < PAIRS or (delay(pairs, min) >= NOTICED and len(pairs) < TRIES):
            pairs.append(pair())
    print(f"{fault}: {delay(pairs, statistics.median):+.3f} s")
    assert {status for each in pairs for status, _ in each} == {3}
    assert delay(pairs, min) < NOTICED, pairs
