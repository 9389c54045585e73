# SPDX-License-Identifier: GPL-2.0-or-later
"""Words for scenarios about whole jobs: what of them is published, how often, and what raypss says."""
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
# Where RAYPSS_STATE is.
LIVE = "/run/raypss"
RAYPSS = os.path.join(conftest.PREFIX, "bin/raypss")
# The hooks' deadline for all of us together, and what else may come in between.
DELAY = 0.3 + 0.2

Result = namedtuple("Result", "rc out err")


def spools():
    """One, or with --separate-spools those of the nodes."""
    return sorted(glob.glob(f"{slurm.STATE}/spools/*")) or [f"{slurm.STATE}/spool"]


def raypss(command, *arguments, user=None):
    options = [word for spool in spools() for word in ("--spool", spool)]
    line = [RAYPSS, command, *options, *map(str, arguments)]
    if user:
        line = ["setpriv", f"--reuid={user}", "--clear-groups", *line]
    run = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    return Result(run.returncode, run.stdout, run.stderr)


def publish(*arguments):
    """raypss publish JOB... or --pending, once slurmdbd knows the ends of the jobs."""
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


def ends(job):
    """(step, node) -> how the record says it ended."""
    return {(str(one["step"]), one["node"]): one["end"] for one in slurm.records(job)}


def live(step):
    """The live figures of a step of a job, "JOB.STEP." or "JOB." for any; {} where there are none."""
    with contextlib.suppress(OSError, StopIteration, ValueError):
        name = next(name for name in os.listdir(LIVE) if name.startswith(step))
        with open(os.path.join(LIVE, name), encoding="ascii") as file:
            return {key: int(value) for key, value in (line.split() for line in file) if value != "-"}
    return {}


def updates():
    """How many changes of jobs slurmctld was asked for, by its own statistics."""
    found = re.search(r"REQUEST_UPDATE_JOB .*count:(\d+)", slurm.query("sdiag"))
    return int(found[1]) if found else 0


def updates_of(job):
    """The same for one job, by slurmctld's log."""
    with open(f"{slurm.STATE}/log/slurmctld.log", encoding="utf-8", errors="replace") as file:
        return len(re.findall(rf"_slurm_rpc_update_job: .*JobId={job}\b", file.read()))
