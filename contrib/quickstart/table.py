#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Print the results of experiment.py: what the processes used, what Slurm accounted with and without
the plugin, and how the runs with a memory limit ended."""
import argparse
import json

COLUMNS = ("rss", "uss", "pss", "shr")


def mb(value):
    return "-" if value is None else f"{value / 1e6:.1f} MB"


def heading(text):
    print(f"\n{text}\n{'-' * len(text)}")


def grouped(processes):
    """Role -> sums. Processes that are neither Ray's core nor an actor share one row."""
    rows = {}
    for process in processes:
        role = rows.setdefault(process["role"], dict.fromkeys(COLUMNS + ("count",), 0))
        role["count"] += 1
        for column in COLUMNS:
            role[column] += process[column]
    order = {"server": 0, "driver": 2, "raylet": 3, "gcs_server": 3, "other": 4}
    return sorted(rows.items(), key=lambda row: (order.get(row[0], 1), row[0]))


def processes_table(rounds):
    """A table of RSS, USS, PSS and SHR by role."""
    heading("The processes at their peak, as psutil sees them (MB)")
    print(f"{'':24}" + "".join(f"{column.upper():>10}" for column in COLUMNS))

    def line(label, values):
        print(f"{label:24}" + "".join(f"{values[column] / 1e6:10.1f}" for column in COLUMNS))

    for role, values in grouped(rounds["psutil"]["processes"]):
        line(f"other ({values['count']})" if values["count"] > 1 else role, values)
    line("total", rounds["psutil"]["total"])
    print(f"Ray itself reports {mb(rounds['store_used'])} in use in its object store: "
          f"{rounds['arrays']} arrays of {mb(rounds['array_size'])}.")


def stand_in(ready):
    """What the C program made, so what is known beforehand."""
    shared, private = ready["shared_bytes"], ready["private_bytes"]
    print(f"\nNOT Ray: a C program whose {len(ready['pids']) + 1} processes share {mb(shared)} and have {mb(private)} "
          f"of their own,\n{mb(shared + private)} in all.")


def entry(result):
    """The entry that the plugin published for the step."""
    return ((result["ray_pss"] or {}).get("steps") or {}).get("0") or {}


def ending(result):
    if any("exceeded memory limit" in line for line in result["said"]):
        return "killed for its memory"
    return "ran to the end" if result["state"] == "COMPLETED" else f"ended {result['state']}"


def comparison(stock, accounted, stock_limited, accounted_limited):
    published = entry(accounted)
    heading("What Slurm says of the same program")
    for row in (
        ("", "stock", "with the plugin"),
        ("sacct MaxRSS", mb(stock["max_rss"]), mb(accounted["max_rss"])),
        ("ray_pss: footprint", "", mb(published.get("peak"))),
        ("ray_pss: sum of RSS", "", mb(published.get("rss"))),
        ("ray_pss: object store", "", mb(published.get("store"))),
        ("ray_pss: OOM verdict", "", published.get("oom") or "-"),
        (f"with --mem={stock_limited['limit_mib']}", ending(stock_limited), ending(accounted_limited)),
        ("ray_pss: OOM verdict", "", entry(accounted_limited).get("oom") or "-"),
    ):
        print(f"{row[0]:24}{row[1]:>24}{row[2]:>24}")
    for result in (accounted, stock_limited, accounted_limited):
        # Slurm prints the line once for each of its ways to notice.
        for line in dict.fromkeys(result["said"]):
            print(f"job {result['job']}: {line}")


def new_fields(result):
    heading(f"sacct -j {result['job']} -o AdminComment")
    print(json.dumps({"ray_pss": result["ray_pss"]}) if result["ray_pss"] else "no entry of ray_pss")
    if result["raypss"]:
        heading(f"raypss report {result['job']}")
        print(result["raypss"].rstrip())


def in_short(stock, accounted, stock_limited, accounted_limited):
    high, low = stock["max_rss"], accounted["max_rss"]
    print(f"""
In short: stock Slurm counts the shared store once for every process that maps it: {mb(high)},
{high / low:.1f} times the {mb(low)} it counts with the plugin. With --mem={stock_limited['limit_mib']}, which the
program fits into: {ending(stock_limited)} by stock Slurm, {ending(accounted_limited)} with the plugin.""")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("results", help="the file that experiment.py wrote")
    with open(parser.parse_args().results, encoding="utf-8") as file:
        results = json.load(file)
    runs = [results[name] for name in ("stock", "accounted", "stock-limited", "accounted-limited")]
    if "psutil" in runs[0]["told"]:
        processes_table(runs[0]["told"])
    else:
        stand_in(runs[0]["told"])
    comparison(*runs)
    new_fields(runs[1])
    in_short(*runs)


if __name__ == "__main__":
    main()
