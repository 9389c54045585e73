# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios in User Mode Linux, with the helpers of tests/cluster. tests/uml/run starts the machine and pytest."""
import importlib.util
import os
import sys

import pytest

CLUSTER = os.path.join(os.path.dirname(__file__), "../cluster")
sys.path.insert(0, CLUSTER)

import slurm  # noqa: E402

# The other conftest.py has the same name as this file, so load it by its path.
_spec = importlib.util.spec_from_file_location("cluster_conftest", os.path.join(CLUSTER, "conftest.py"))
cluster = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(cluster)
pytest_configure = cluster.pytest_configure
pytest_runtest_makereport = cluster.pytest_runtest_makereport


# One slow CPU serves everything here, and a page fault takes 0.2 ms. Milliseconds that the hooks of a step took on a busy
# machine, by tests/workloads/hooktimes.c (the deadline is 300 by default):
#   one step                 210 .. 450, of that 160 .. 370 until slurmctld had the figures
#   two steps side by side   400 .. 1230
# So the scenarios wait longer, but for those of test_oom.py: a kernel kill is published before the step's end.
PATIENT = "deadline=3s"


@pytest.fixture
def looks_only_at_the_end():
    with slurm.plugstack(cluster.plugstack_line("interval=60s", "min_interval=60s", PATIENT)):
        yield


@pytest.fixture(scope="session", autouse=True)
def installed():
    """The plugin with ten samples a second, so that steps can be short."""
    with slurm.plugstack(cluster.plugstack_line("interval=100ms", PATIENT)):
        yield


@pytest.fixture(scope="module")
def installed_at_the_usual_deadline():
    with slurm.plugstack(cluster.plugstack_line("interval=100ms")):
        yield
