# SPDX-License-Identifier: GPL-2.0-or-later
"""What the workers of a raylet run, by their titles, read every 5 ms: titles_truth.py RAYLET-PID, until standard input ends.

Prints for each title its averages: bytes of one worker, and of all together while there is one. It shares no code with lib/.
"""
import collections
import json
import os
import resource
import select
import sys
import time

PERIOD, NEW_WORKERS = 0.005, 0.1
PAGE = resource.getpagesize()


class Worker:
    def __init__(self, pid):
        # pread from the beginning reads anew.
        self._files = [os.open(f"/proc/{pid}/{name}", os.O_RDONLY) for name in ("cmdline", "statm")]

    def look(self):
        title, statm = (os.pread(file, 4096, 0) for file in self._files)
        _, resident, shared = statm.split()[:3]
        return title.split(b"\0")[0].rstrip().decode(), (int(resident) - int(shared)) * PAGE


def children(parent):
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                if int(file.read().rpartition(")")[2].split()[1]) == parent:
                    yield int(name)
        except OSError:
            continue


def main():
    raylet = int(sys.argv[1])
    workers, looked = {}, 0.0
    one, together = (collections.defaultdict(lambda: [0.0, 0.0]) for _ in range(2))
    before = time.monotonic()
    while not select.select([sys.stdin], [], [], PERIOD)[0]:
        now = time.monotonic()
        if now - looked > NEW_WORKERS:
            looked = now
            found = set(children(raylet))
            workers = {pid: workers.get(pid) or Worker(pid) for pid in found}
        sums = collections.Counter()
        for worker in workers.values():
            try:
                title, size = worker.look()
            except (OSError, ValueError):
                continue
            one[title][0] += size * (now - before)
            one[title][1] += now - before
            sums[title] += size
        for title, size in sums.items():
            together[title][0] += size * (now - before)
            together[title][1] += now - before
        before = now
    print(json.dumps({title: {"one": one[title][0] / one[title][1], "together": together[title][0] / together[title][1]}
                      for title in one}))


main()
