#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Print the experiment's results (experiment.py's file): what the processes used beside what Slurm
accounted, with and without the plugin, and how the runs with a memory limit ended."""

import argparse
import json

COLUMNS = ("rss", "uss", "pss", "shr")


def mb(value):
    return "-" if value is None else "%.0f MB" % (value / 1e6)


def heading(text):
    print("\n%s\n%s" % (text, "-" * len(text)))


def grouped(processes):
    """Role -> sums; what is neither Ray's core nor an actor makes one row."""
    rows = {}
    for process in processes:
        role = rows.setdefault(process["role"], dict.fromkeys(COLUMNS + ("count",), 0))
        role["count"] += 1
        for column in COLUMNS:
            role[column] += process[column]
    order = {"server": 0, "driver": 2, "raylet": 3, "gcs_server": 3, "other": 4}
    return sorted(rows.items(), key=lambda row: (order.get(row[0], 1), row[0]))


def processes_table(rounds):
    """The table that the project began with."""
    peak = rounds["psutil"]
    heading("The processes at their peak, as psutil sees them (MB)")
    print("%-24s%10s%10s%10s%10s" % (("",) + tuple(column.upper() for column in COLUMNS)))

    def line(label, values):
        print("%-24s" % label + "".join("%10.1f" % (values[column] / 1e6) for column in COLUMNS))

    for role, values in grouped(peak["processes"]):
        line("other (%d)" % values["count"] if values["count"] > 1 else role, values)
    line("total", peak["total"])
    print(
        "Ray itself reports %.1f MB in use in its object store, %d arrays of %.1f MB."
        % (rounds["store_used"] / 1e6, rounds["arrays"], rounds["array_size"] / 1e6)
    )


def step_entry(result):
    return ((result["ray_pss"] or {}).get("steps") or {}).get("0") or {}


def ending(result):
    state = result["state"].split()[0]
    return "ran to the end" if state == "COMPLETED" else "was killed (%s)" % state


def comparison(results):
    stock, accounted = results["stock"], results["accounted"]
    killed, kept = results["stock-limited"], results["accounted-limited"]
    entry = step_entry(accounted)
    heading("What Slurm says of the same program")
    rows = [
        ("", "stock", "with the plugin"),
        ("sacct MaxRSS", mb(stock["max_rss"]), mb(accounted["max_rss"])),
        ("peak footprint", "-", mb(entry.get("peak"))),
        ("RSS summed up", "-", mb(entry.get("rss"))),
        ("object store", "-", mb(entry.get("store"))),
        ("OOM verdict", "-", entry.get("oom") or "-"),
        ("with --mem=%d" % (kept["limit"] // 2**20), ending(killed), ending(kept)),
        ("  its OOM verdict", "-", step_entry(kept).get("oom") or "-"),
    ]
    for row in rows:
        print("%-24s%24s%24s" % row)
    for result in (killed, kept):
        for said in result["said"][:3]:
            print("  job %s: %s" % (result["job"], said))


def new_fields(result):
    heading("sacct -j %s -o AdminComment" % result["job"])
    if result["ray_pss"] is None:
        print("no entry of ray_pss")
    else:
        print(json.dumps({"ray_pss": result["ray_pss"]}))
    if result["raypss"]:
        heading("raypss report %s" % result["job"])
        print(result["raypss"].rstrip())


def in_short(results):
    stock, accounted = results["stock"], results["accounted"]
    killed, kept = (ending(results[name]) for name in ("stock-limited", "accounted-limited"))
    times = stock["max_rss"] / accounted["max_rss"]
    print(
        "\nIn short: Slurm counts the shared store once per process that maps it, and so reported\n"
        "%s, %.1f times the %s it reports when the store counts once.\nWith --mem=%d, which the "
        "program fits into, it %s under stock Slurm, and %s with the plugin."
        % (
            mb(stock["max_rss"]),
            times,
            mb(accounted["max_rss"]),
            results["stock-limited"]["limit"] // 2**20,
            killed,
            kept,
        )
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("results", help="the file that experiment.py wrote")
    with open(parser.parse_args().results) as source:
        results = json.load(source)
    rounds = results["stock"]["rounds"]
    if rounds and "psutil" in rounds:
        processes_table(rounds)
    comparison(results)
    new_fields(results["accounted"])
    in_short(results)


if __name__ == "__main__":
    main()
