# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios below User Mode Linux, with the words of tests/cluster; tests/uml/run starts both."""
import importlib.util
import os
import sys

import pytest

CLUSTER = os.path.join(os.path.dirname(__file__), "../cluster")
sys.path.insert(0, CLUSTER)

import slurm  # noqa: E402

# It has this file's name, so it cannot be imported by it.
_spec = importlib.util.spec_from_file_location("cluster_conftest", os.path.join(CLUSTER, "conftest.py"))
cluster = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(cluster)
pytest_configure = cluster.pytest_configure
pytest_runtest_makereport = cluster.pytest_runtest_makereport


@pytest.fixture
def looks_only_at_the_end():
    with slurm.plugstack(cluster.plugstack_line("interval=60s", "min_interval=60s")):
        yield


@pytest.fixture(scope="session", autouse=True)
def installed():
    """It looks ten times a second, so that steps can be short. The deadline is the default, as on real machines."""
    with slurm.plugstack(cluster.plugstack_line("interval=100ms")):
        yield
