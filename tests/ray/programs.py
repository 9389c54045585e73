# SPDX-License-Identifier: GPL-2.0-or-later
"""Ray programs of known memory, one for each scenario: programs.py NAME TEMP_DIR [OUTPUT]."""
import json
import os
import pickle
import sys
import time

import ray

MIB = 1 << 20


class View:
    """Bytes in the store that a reader maps and does not copy, as arrays are."""

    def __init__(self, data):
        self.data = data

    def __reduce_ex__(self, protocol):
        return View, (pickle.PickleBuffer(self.data),)


def start(temp_dir, store, cpus=4, **options):
    return ray.init(num_cpus=cpus, object_store_memory=store, _temp_dir=temp_dir, include_dashboard=False,
                    configure_logging=False, **options)


def store_rounds(kind):
    """Rounds that put an object of 20 MB and give it to two tasks, as a user's program does that fills the store."""
    @ray.remote
    def solve(held, number):
        if kind == "arguments":
            # What a worker remembers of an argument keeps its whole object.
            solve.kept = getattr(solve, "kept", [])
            solve.kept.append(held.data)
        return number

    kept = []
    for number in range(20):
        reference = ray.put(View(bytearray(os.urandom(1000) * 20000)))
        ray.get([solve.remote(reference, number) for _ in range(2)])
        if kind == "references":
            kept.append(reference)
        time.sleep(0.25)


def healthy(temp_dir):
    start(temp_dir, 280 * MIB)
    store_rounds("healthy")


def references(temp_dir):
    start(temp_dir, 280 * MIB)
    store_rounds("references")


def arguments(temp_dir):
    start(temp_dir, 280 * MIB)
    store_rounds("arguments")


if __name__ == "__main__":
    result = globals()[sys.argv[1]](sys.argv[2])
    if len(sys.argv) > 3:
        with open(sys.argv[3], "w", encoding="utf-8") as file:
            json.dump(result, file)
