# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios on a private Slurm cluster; tests/cluster/run starts both."""
import contextlib
import os
import shutil

import pytest

import slurm
import stalls

PREFIX = os.environ.get("RAYPSS_PREFIX", "")
PLUGIN = os.path.join(PREFIX, "lib/slurm/ray_pss.so")
HOOK_TIMES = os.path.join(slurm.STATE, "log/hooks")
HAVE_PLUGIN = bool(PREFIX) and os.path.exists(PLUGIN)


def pytest_configure(config):
    config.addinivalue_line("markers", "late: waits for something that takes long; comes last in its rig")
    config.addinivalue_line("markers", "plugin: needs the plugin, installed in $RAYPSS_PREFIX")
    if config.option.collectonly:
        return
    if not slurm.STATE:
        raise pytest.UsageError("these scenarios need a cluster: run them with tests/cluster/run")
    stalls.watch()
    os.makedirs(slurm.OUTPUT, exist_ok=True)
    # Other users submit jobs too.
    os.chmod(slurm.OUTPUT, 0o1777)
    os.chmod(os.path.join(slurm.STATE, "spool"), 0o755)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: bool(item.get_closest_marker("late")))
    if HAVE_PLUGIN:
        return
    why = f"{PLUGIN} is missing" if PREFIX else "RAYPSS_PREFIX is not set"
    for item in items:
        if item.get_closest_marker("plugin"):
            item.add_marker(pytest.mark.skip(reason=why))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        report.sections.append(("the end of slurmd's log", slurm.slurmd_log()[-4000:]))


def plugstack_line(*arguments):
    """The plugin's line of plugstack.conf. slurm.record() looks in that spool."""
    return " ".join(["optional", PLUGIN, f"spool={slurm.STATE}/spool", *arguments])


@pytest.fixture(scope="module")
def installed():
    """The plugin with its defaults, for all scenarios of a file."""
    with slurm.plugstack(plugstack_line()):
        yield


@pytest.fixture(scope="module")
def installed_fast():
    """The plugin with ten samples a second, so that steps can be short."""
    with slurm.plugstack(plugstack_line("interval=100ms")):
        yield


@contextlib.contextmanager
def timed(*arguments):
    """The plugin between two copies of a plugin that measures how long hooks take."""
    lines = [plugstack_line(*arguments)]
    for where, name in (0, "before"), (2, "after"):
        path = os.path.join(slurm.STATE, "etc", f"{name}.so")
        shutil.copy(os.path.join(os.environ["RIG_WORKLOADS"], ".libs/hooktimes.so"), path)
        lines.insert(where, f"required {path} {name} {HOOK_TIMES}")
    with slurm.plugstack("\n".join(lines)):
        yield


@pytest.fixture(scope="module")
def installed_timed():
    with timed("interval=100ms"):
        yield


@pytest.fixture(scope="module")
def installed_timed_patient():
    """For scenarios in which raypssd does its work, however busy the machine is."""
    with timed("interval=100ms", "deadline=5s"):
        yield


@pytest.fixture(scope="module")
def installed_patient():
    """The plugin with a long deadline, for scenarios about what is published and not how soon."""
    with slurm.plugstack(plugstack_line("interval=100ms", "deadline=5s")):
        yield


@pytest.fixture(scope="module")
def installed_for_short_steps():
    """Hooks wait for the first sample, a third of deadline= at most. The interval is the usual one."""
    with slurm.plugstack(plugstack_line("deadline=10s")):
        yield
