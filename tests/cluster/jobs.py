# SPDX-License-Identifier: GPL-2.0-or-later
"""Helpers for scenarios about whole jobs: what is published, how often, and what raypss says."""
import contextlib
import glob
import json
import os
import re
import subprocess
from collections import namedtuple

import conftest
import slurm

OPTION = "--ray-pss-accounting"
# The directory of the live figures.
LIVE = "/run/raypss"
RAYPSS = os.path.join(conftest.PREFIX, "bin/raypss")
# The deadline of all our hooks together, and time for the rest of the step's end.
DELAY = 0.3 + 0.2

Result = namedtuple("Result", "rc out err")


def spools():
    """The spool, or the spools of all nodes with --separate-spools."""
    return sorted(glob.glob(f"{slurm.STATE}/spools/*")) or [f"{slurm.STATE}/spool"]


def raypss(command, *arguments, user=None):
    options = [word for spool in spools() for word in ("--spool", spool)]
    line = [RAYPSS, command, *options, *map(str, arguments)]
    if user:
        line = ["setpriv", f"--reuid={user}", "--clear-groups", *line]
    run = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    return Result(run.returncode, run.stdout, run.stderr)


def publish(*arguments):
    """Runs raypss publish JOB... or --pending after slurmdbd knows the ends of the jobs."""
    for argument in arguments:
        if str(argument).isdigit():
            slurm.sacct(argument)
    run = raypss("publish", *arguments)
    assert run.rc == 0 and not run.err, run
    return run


def report(job):
    run = raypss("report", "--json", job)
    assert run.rc == 0, run
    return json.loads(run.out)


def entries(job, source="sacct"):
    """Step -> its entry in the job's AdminComment."""
    return (slurm.ray_pss(job, source) or {}).get("steps", {})


def reported(job, source="sacct"):
    return {step: (entry["reported"], entry["nodes"]) for step, entry in entries(job, source).items()}


def wait_reported(job, expected):
    """A busy node brings its part some time after the step."""
    slurm.wait_for(lambda: reported(job) == expected, 10, "the parts of all nodes in sacct")


def ends(job):
    """(step, node) -> end of the record."""
    return {(str(one["step"]), one["node"]): one["end"] for one in slurm.records(job)}


def live(step):
    """The live figures of a step, given as "JOB.STEP.", or of any step, given as "JOB."; {} if there are none."""
    with contextlib.suppress(OSError, StopIteration, ValueError):
        name = next(name for name in os.listdir(LIVE) if name.startswith(step))
        with open(os.path.join(LIVE, name), encoding="ascii") as file:
            return {key: int(value) for key, value in (line.split() for line in file) if value != "-"}
    return {}


def updates():
    """Number of requests to change a job, from slurmctld's statistics."""
    found = re.search(r"REQUEST_UPDATE_JOB .*count:(\d+)", slurm.query("sdiag"))
    return int(found[1]) if found else 0


def updates_of(job):
    """Number of requests to change one job, from slurmctld's log."""
    with open(f"{slurm.STATE}/log/slurmctld.log", encoding="utf-8", errors="replace") as file:
        return len(re.findall(rf"_slurm_rpc_update_job: .*JobId={job}\b", file.read()))
