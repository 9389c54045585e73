# SPDX-License-Identifier: GPL-2.0-or-later
"""Ray drivers for test_ray_help.py: help_driver.py WHAT TEMP-DIR

flood   12 tasks of 500 MiB, 6 at once, as Ray schedules them
held    the same through raypss.run
notify  fills memory twice, and counts the signals USR1 that arrive
"""
import os
import signal
import sys
import time

import ray

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../contrib/python"))
import raypss  # noqa: E402

TASKS, MIB_EACH = 12, 500
PIECES, PIECE_SECONDS = 15, 0.1
MIB = 1 << 20
PART = 0.5  # of the limit, that notify asks for


# Ray's memory monitor kills tasks in the flood with limits; each may be tried again as often as it takes.
@ray.remote(max_retries=-1)
def flood(number):
    held = []
    for _ in range(PIECES):
        held.append(bytearray(os.urandom(4096)) * (MIB_EACH * MIB // PIECES // 4096))
        time.sleep(PIECE_SECONDS)
    time.sleep(5 * PIECE_SECONDS)
    return number if held else None


def footprint():
    return raypss.usage()["footprint"] or 0


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def notify():
    received = []
    signal.signal(signal.SIGUSR1, lambda *_: received.append(1))
    limit = raypss.usage()["limit"]
    # What Ray itself takes has arrived when it stands still.
    assert ray.get(flood.options(name="first").remote(0)) == 0
    wait_for(lambda: footprint() < (PART - 0.1) * limit)
    del received[:]
    for _ in range(2):
        held = bytearray(os.urandom(4096)) * int(PART * limit // 4096)
        wait_for(lambda: footprint() >= PART * limit)
        del held
        wait_for(lambda: footprint() < (PART - 0.1) * limit)
    print("received", len(received))


what, temp_dir = sys.argv[1:]
ray.init(num_cpus=6, object_store_memory=100 * MIB, include_dashboard=False, _temp_dir=temp_dir, log_to_driver=False)
if what == "flood":
    print("results", len(ray.get([flood.remote(number) for number in range(TASKS)])))
elif what == "held":
    assert list(raypss.run(flood, range(TASKS))) == list(range(TASKS))
    print("results", TASKS)
else:
    notify()
