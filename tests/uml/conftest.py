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


# One slow CPU serves everything here, and a page fault takes 0.2 ms. So the default deadline of 300 ms is too short: the
# hooks of a step took so many ms, by tests/workloads/hooktimes.c on a busy machine:
#                            init_post_opt   task_exit    all hooks
#   one step                     25 - 160     160 - 370    210 - 450
#   two steps side by side       30 - 670     310 - 880    400 - 1230
# tests/unit/plugin/test_publish_loop.c shows that no request waits for the check of an earlier one.
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
