#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run one workload four times under srun: without and with the plugin, each without and with a memory limit.

The script runs inside private-slurm with OverMemoryKill, and writes the results to a file for table.py.
The limit of the last two runs lies between the MaxRSS of the first run (without the plugin) and of the
second (with it).
"""
import argparse
import json
import math
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/cluster"))
import slurm  # noqa: E402

RUNS = (
    ("stock", False, "as it is"),
    ("accounted", True, "with --ray-pss-accounting"),
    ("stock-limited", False, "as it is, --mem=%d"),
    ("accounted-limited", True, "with --ray-pss-accounting, --mem=%d"),
)


def read_json(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None  # a killed step leaves no report


def max_rss(job):
    """MaxRSS of the step in sacct, which may appear up to 0.2 s after the step's end."""
    found = slurm.wait_for(lambda: slurm.sacct_step(job, 0, "MaxRSS")["MaxRSS"], 20, "MaxRSS of job " + job)
    return slurm.size(found)


def raypss_report(job):
    """The output of `raypss report`; None if raypss is not installed or has no record of the job."""
    try:
        done = subprocess.run(["raypss", "report", job], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, timeout=60, check=False)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def run(name, accounted, limit, command, state):
    report = os.path.join(state, name + ".json")
    # --mem=0 means all memory of the node; the private Slurm's node has 64 GB on paper.
    options = ["--mem=%d" % (limit or 0)] + ["--ray-pss-accounting"] * accounted
    done = slurm.srun(*options, *(word.replace("{report}", report) for word in command), deadline=600)
    with open(os.path.join(state, name + ".log"), "w", encoding="utf-8", errors="surrogateescape") as log:
        log.write(done.out + done.err)
    assert done.job, "there was no job: " + done.err
    assert limit or done.rc == 0, "the run without a limit failed: " + done.err
    return {
        "job": done.job,
        "limit_mib": limit,
        "state": slurm.sacct_step(done.job, 0)["State"].split()[0],
        # If the kill also ends the job, slurmctld may drop the step's figures.
        "max_rss": max_rss(done.job) if done.rc == 0 else None,
        "ray_pss": slurm.ray_pss(done.job),
        "said": [line for line in done.err.splitlines() if "exceeded memory limit" in line] + slurm.our_lines(done.err),
        "told": read_json(report),
        "raypss": raypss_report(done.job) if accounted else None,
    }


def limit_between(stock, accounted):
    """The geometric mean, in MiB, of MaxRSS with the plugin and without it."""
    low, high = accounted["max_rss"], stock["max_rss"]
    assert high > 1.5 * low, f"MaxRSS was {high} without the plugin and {low} with it: no room for a limit"
    return int(math.sqrt(low * high) / slurm.MIB)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--state", required=True, help="directory for logs and reports")
    parser.add_argument("--results", required=True, help="file for the results (JSON)")
    parser.add_argument("command", nargs="+", help="the workload; {report} is the file it writes")
    args = parser.parse_args()
    os.makedirs(slurm.OUTPUT, exist_ok=True)
    results = {}
    limit = None
    try:
        for name, accounted, what in RUNS:
            if name.endswith("-limited"):
                limit = limit or limit_between(results["stock"], results["accounted"])
                what %= limit
            print(f"      {what} ...", end=" ", flush=True)
            results[name] = run(name, accounted, limit, args.command, args.state)
            print(results[name]["state"].lower(), flush=True)
    except AssertionError as error:
        print()
        sys.exit(f"experiment: {error}")
    with open(args.results, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
