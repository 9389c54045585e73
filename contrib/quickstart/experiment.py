#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run one workload four times under srun, as it is and accounted, without and with a memory limit.

Runs inside a Slurm with slurmdbd and OverMemoryKill (see private-slurm) and writes what each run
left behind to a file, for table.py. The limit of the last two runs is taken from the first two:
between what Slurm counts with the plugin and what it counts without.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time

MIB = 1024 * 1024
# Without a limit of their own, jobs get a node's memory; private-slurm is told of this much.
PLENTY_MIB = 64000
RUNS = (
    ("stock", False, "as it is"),
    ("accounted", True, "with --ray-pss-accounting"),
    ("stock-limited", False, "as it is, with a limit"),
    ("accounted-limited", True, "with --ray-pss-accounting, with the same limit"),
)
FIELDS = ("JobID", "State", "ExitCode", "MaxRSS", "AdminComment")


class Failed(Exception):
    pass


def wait_for(condition, deadline, what):
    """The first true value of condition(); an error when there is none within deadline seconds."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed("%s: not within %g s" % (what, deadline))
        time.sleep(0.2)


def read_json(path):
    try:
        with open(path) as source:
            return json.load(source)
    except (OSError, ValueError):
        return None  # a step that was killed leaves no report


def slurm_bytes(text):
    """A figure of sacct's, which may end in K even with --noconvert."""
    if not text:
        return None
    factor = {"K": 1024, "M": MIB, "G": 1024 * MIB}.get(text[-1])
    return int(float(text[:-1]) * factor) if factor else int(float(text))


def sacct(name):
    """The rows of the job of that name and of its step 0, once it has ended."""
    command = ["sacct", "--noheader", "--parsable2", "--noconvert", "--delimiter=\x1f"]
    command += ["--starttime=now-1hour", "--name=" + name, "--format=" + ",".join(FIELDS)]

    def ended():
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        rows = [dict(zip(FIELDS, line.split("\x1f"))) for line in output.splitlines()]
        job = next((row for row in rows if "." not in row["JobID"]), None)
        step = next((row for row in rows if row["JobID"].endswith(".0")), None)
        if not job or not step or job["State"] in ("PENDING", "RUNNING", "COMPLETING"):
            return None
        # The end of the job can reach the database before what the step used (seen: 0.2 s).
        return (job, step) if step["MaxRSS"] else None

    return wait_for(ended, 60, "sacct's rows of job %s" % name)


def entry_of(comment):
    """The plugin's entry in AdminComment."""
    try:
        return json.loads(comment).get("ray_pss")
    except (ValueError, AttributeError):
        return None


def raypss_report(job):
    """What `raypss report` has to say; None where it is not installed or knows nothing."""
    try:
        done = subprocess.run(["raypss", "report", job], stdout=subprocess.PIPE, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 and done.stdout.strip() else None


def run(name, accounted, limit_mib, command, state):
    report = os.path.join(state, name + ".json")
    srun = ["srun", "--quiet", "--job-name=" + name, "--mem=%d" % (limit_mib or PLENTY_MIB)]
    if accounted:
        srun.append("--ray-pss-accounting")
    command = [word.replace("{report}", report) for word in command]
    log = os.path.join(state, name + ".log")
    started = time.monotonic()
    with open(log, "w") as out:
        done = subprocess.run(srun + command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=600)
    seconds = time.monotonic() - started
    job, step = sacct(name)
    with open(log, errors="replace") as lines:
        said = [line.strip() for line in lines if "slurmstepd" in line or "ray_pss" in line]
    return {
        "job": job["JobID"],
        "accounted": accounted,
        "limit": limit_mib * MIB if limit_mib else None,
        "status": done.returncode,
        "state": step["State"],
        "seconds": round(seconds, 1),
        "max_rss": slurm_bytes(step["MaxRSS"]),
        "ray_pss": entry_of(job["AdminComment"]),
        "said": said,
        "rounds": read_json(report),
        "raypss": raypss_report(job["JobID"]) if accounted else None,
        "log": log,
    }


def limit_between(stock, accounted):
    """MiB between what Slurm counts with the plugin and without, far from both."""
    low, high = accounted["max_rss"], stock["max_rss"]
    if not low or not high or high < 1.5 * low:
        raise Failed("MaxRSS was %s without the plugin and %s with it" % (high, low))
    return int(math.sqrt(low * high) / MIB)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--state", required=True, help="directory for logs and reports")
    parser.add_argument("--results", required=True, help="file for the results (JSON)")
    parser.add_argument("command", nargs="+", help="the workload; {report} is a file it may write")
    args = parser.parse_args()
    results = {}
    limit = None
    try:
        for name, accounted, what in RUNS:
            if name.endswith("-limited"):
                limit = limit or limit_between(results["stock"], results["accounted"])
                what += " of %d MiB" % limit
            print("      %s ..." % what, end="", flush=True)
            result = results[name] = run(name, accounted, limit, args.command, args.state)
            print(" %s after %.0f s" % (result["state"].lower(), result["seconds"]), flush=True)
            if not limit and result["status"] != 0:
                raise Failed("the run without a limit failed; see %s" % result["log"])
    except (Failed, OSError, subprocess.SubprocessError) as error:
        print()
        sys.exit("experiment: %s" % error)
    with open(args.results, "w") as out:
        json.dump(results, out, indent=1)


if __name__ == "__main__":
    main()
