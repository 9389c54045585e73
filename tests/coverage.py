#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Show the coverage of a summary of gcovr (--json-summary) by folder, and the files that are reached least."""
import collections
import json
import os
import sys


def percent(part, whole):
    return f"{100 * part / whole:5.1f} %" if whole else "      -"


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        files = json.load(f)["files"]
    folders = collections.defaultdict(lambda: [0, 0, 0, 0])
    for entry in files:
        for name in (os.path.dirname(entry["filename"]), "all"):
            for i, key in enumerate(("line_covered", "line_total", "branch_covered", "branch_total")):
                folders[name][i] += entry[key]
    print(f"{'folder':28} {'lines':>7}  {'branches':>7}")
    for name, (lines, lines_all, branches, branches_all) in sorted(folders.items()):
        print(f"{name:28} {percent(lines, lines_all)}  {percent(branches, branches_all)}   {lines}/{lines_all} lines")
    print("\nreached least:")
    for entry in sorted(files, key=lambda e: e["line_covered"] / max(e["line_total"], 1))[:15]:
        print(f"  {percent(entry['line_covered'], entry['line_total'])}  {entry['filename']}")
    return 0 if files else 1


if __name__ == "__main__":
    sys.exit(main())
