# SPDX-License-Identifier: GPL-2.0-or-later
"""How long things took, without the time for which the machine kept everybody waiting.

A thread sleeps for TICK seconds at a time. Whatever a sleep takes longer is time in which the machine was busy with
something else or stood still, so that a busy machine does not make a promise about seconds look broken.
"""
import collections
import threading
import time

TICK = 0.01
USUAL = 0.001  # a timer is never quite exact

Sleep = collections.namedtuple("Sleep", "begin end")
_sleeps = collections.deque(maxlen=1 << 18)


def _watch():
    while True:
        begin = time.monotonic()
        time.sleep(TICK)
        _sleeps.append(Sleep(begin, time.monotonic()))


def watch():
    """From now on; the thread ends with the program."""
    threading.Thread(target=_watch, daemon=True).start()


def lost(begin, end, sleeps=None):
    """The part of a time, in seconds of time.monotonic(), for which the machine kept everybody waiting."""
    total = 0
    for sleep in list(_sleeps) if sleeps is None else sleeps:
        late = sleep.end - sleep.begin - TICK - USUAL
        both = min(end, sleep.end) - max(begin, sleep.begin)
        if late > 0 and both > 0:
            total += both * late / (sleep.end - sleep.begin)
    return total


def seconds(begin, end):
    """How long a time was, less what was lost of it."""
    return end - begin - lost(begin, end)
