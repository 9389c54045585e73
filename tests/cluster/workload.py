# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps that hold still to be measured: tests/workloads/store under srun, and the truth about its memory."""
import contextlib
import glob
import json
import os
import re
import sys
import time

import slurm

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../workloads"))
from truth import truth  # noqa: E402

STORE, CHURN, STALL = (os.path.join(os.environ.get("RIG_WORKLOADS", ""), name) for name in ("store", "churn", "stall"))
# Slurm polls every 3 s here and adds up PSS process by process. While readers are still mapping the store, the sum counts
# parts of the store twice. So all memory must be in place IN_PLACE_SECONDS after the launch, before the first poll.
POLL_SECONDS = 3
ONE_POLL_SECONDS = 3.5
IN_PLACE_SECONDS = 2.5

LOOKS, LOOKS_SECONDS = 2, 5

# The main case: stock Slurm accounts 3 GB for about half a GB.
SEED = ("--processes=8", "--shared=300", "--private=20")


class Held:
    """A step whose memory is in place and does not change until release()."""

    def __init__(self, srun_options, store_options, program=STORE, **how):
        slurm.Running.count += 1
        base = f"{slurm.OUTPUT}/held-{slurm.Running.count}"
        self._ready, self._until = base + ".ready", base + ".until"
        self.running = slurm.start("srun", "-n1", *srun_options, program, *store_options, f"--ready={self._ready}",
                                   f"--until={self._until}", **how)
        self._started = time.monotonic()
        self._since = self._looks = None
        self.released = None

    def in_place(self):
        def done():
            return os.path.exists(self._ready) or self.running.process.poll() is not None
        slurm.wait_for(done, 40, "the workload to be ready")
        assert os.path.exists(self._ready), f"the step ended before it was ready: {self.running.stderr()}"
        self._since, self._looks = time.monotonic(), self._looked()
        return self

    def _looked(self):
        """How many looks the live figures of the job's steps tell of; None where there are none, as without accounting."""
        looks = None
        for path in glob.glob(f"/run/raypss/{self.job}.*"):
            with contextlib.suppress(OSError), open(path, encoding="ascii") as file:
                looks = (looks or 0) + sum(map(int, re.findall(r"^sequence +(\d+)$", file.read(), re.M)))
        return looks

    @property
    def in_place_before_poll(self):
        return self._since - self._started < IN_PLACE_SECONDS

    @property
    def job(self):
        return self.running.job

    def made(self):
        """What the workload made, in its own words: pids, parent, origin and sizes."""
        with open(self._ready, encoding="ascii") as file:
            return json.load(file)

    def truth(self):
        """Sums over the step's processes from smaps_rollup, read by code that shares nothing with lib/."""
        ready = self.made()
        found = truth(ready["pids"] + [ready["parent"], ready["origin"]])
        assert not found["unreadable"] and not found["unseen"], found
        return found

    def seen_for(self, seconds):
        """Keeps the step for that long, because samplers with an interval need the time. Where raypssd comes late on a busy
        machine, the step stays for LOOKS of its looks, or LOOKS_SECONDS longer."""
        def seen():
            passed = time.monotonic() - self._since - seconds
            if not 0 < passed < LOOKS_SECONDS:
                return passed > 0
            looks = self._looked()
            return looks is None or looks >= (self._looks or 0) + LOOKS
        slurm.wait_for(seen, seconds + LOOKS_SECONDS + 1, "time to pass")
        return self

    def let_go(self):
        self.released = time.monotonic()
        with open(self._until, "w"):
            pass

    def _between_polls(self):
        return 0.7 < (time.monotonic() - self._started) % POLL_SECONDS < 2.2

    def release(self, deadline=40, between_polls=False):
        """between_polls: end the step between two polls. Processes that end during a poll would make Slurm's sum too large."""
        if between_polls:
            slurm.wait_for(self._between_polls, POLL_SECONDS, "Slurm's next poll to be over")
        self.let_go()
        return self.running.wait(deadline)


@contextlib.contextmanager
def held(srun_options, store_options, before_poll=False, **how):
    """before_poll: all memory must be in place before Slurm's first poll, because MaxRSS is compared. May try again."""
    for tries_left in (2, 1, 0):
        step = Held(srun_options, store_options, **how)
        try:
            step.in_place()
            if before_poll and not step.in_place_before_poll and tries_left:
                continue
            yield step
            return
        finally:
            step.running.end()
