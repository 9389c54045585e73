# SPDX-License-Identifier: GPL-2.0-or-later
"""Stops the daemons of the private Slurm for a while, and measures how long our hooks of a step took."""
import contextlib
import os
import signal
import subprocess
from collections import namedtuple

import conftest
import slurm
import stalls

# Commands that succeed once a daemon is back.
ANSWERS = {
    "slurmctld": ["timeout", "5", "scontrol", "show", "config"],
    "slurmdbd": ["timeout", "5", "sacctmgr", "-n", "list", "cluster"],
    "munged": ["timeout", "5", "munge", "-n"],
    "slurmd": ["sh", "-c", "timeout 5 sinfo -h -N -n n1 -o %T | grep -qE '^(idle|mixed|allocated)$'"],
}

# A hook in one process, as tests/workloads/hooktimes.c saw it. before, after: when its calls began and ended, in ns.
Hook = namedtuple("Hook", "name pid mounts before after")


def _pid(name):
    return min(process.pid for process in slurm.processes_named(name) if process.state != "Z")


def _answers(name):
    return subprocess.run(ANSWERS[name], stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def _start(line, environ, name):
    # As private-slurm started it.
    prefix = ["setpriv", "--reuid=munge", "--regid=munge", "--clear-groups"] if name == "munged" else []
    with open(f"{slurm.STATE}/log/{name}.again", "a") as log:
        subprocess.Popen([*prefix, *line], env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                         start_new_session=True)


@contextlib.contextmanager
def gone(name, *arguments, without=()):
    """Stops a daemon as an administrator would, and starts it again: with more arguments, without some variables."""
    pid = _pid(name)
    with open(f"/proc/{pid}/cmdline") as file:
        line = file.read().rstrip("\0").split("\0")
    with open(f"/proc/{pid}/environ") as file:
        environ = dict(entry.split("=", 1) for entry in file.read().split("\0") if "=" in entry)
    os.kill(pid, signal.SIGTERM)
    slurm.wait_for(lambda: pid not in [p.pid for p in slurm.processes_named(name) if p.state != "Z"], 20, f"{name}'s end")
    try:
        yield
    finally:
        _start([*line, *arguments], {key: value for key, value in environ.items() if key not in without}, name)
        slurm.wait_for(lambda: _answers(name), 30, f"{name} to be back")


@contextlib.contextmanager
def stopped(name):
    pid = _pid(name)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
        slurm.wait_for(lambda: _answers(name), 30, f"{name} to go on")


def hooks(job, step=0, last="exit"):
    """Our hooks of the step up to the last one given; waits for that one."""
    def found():
        calls = {}
        with contextlib.suppress(FileNotFoundError), open(conftest.HOOK_TIMES, encoding="ascii") as file:
            for line in file:
                of_job, of_step, name, side, at, pid, mounts = line.split()
                if (of_job, of_step) == (str(job), str(step)):
                    hook = calls.setdefault((name, pid), Hook(name, int(pid), mounts, [], []))
                    getattr(hook, side).append(int(at))
        ended = any(hook.name == last and hook.after for hook in calls.values())
        return ended and [hook for hook in calls.values() if last == "exit" or hook.name != "exit"]
    return slurm.wait_for(found, 20, f"the end of hook {last} of step {job}.{step}")


def hooks_seconds(job, step=0, last="exit"):
    """How long all our hooks of the step took together, less what the machine kept everybody waiting."""
    calls = hooks(job, step, last)
    assert {"init_post_opt", "task_post_fork", "task_exit"} <= {hook.name for hook in calls}
    assert all(len(hook.before) == len(hook.after) for hook in calls), calls
    times = [(begin / 1e9, end / 1e9) for hook in calls for begin, end in zip(sorted(hook.before), sorted(hook.after))]
    return sum(stalls.seconds(begin, end) for begin, end in times)


def end_slurmstepd():
    """Kills slurmstepd. Without an answer from slurmctld it would try again after a minute, and the node would be drained."""
    for process in slurm.processes_named("slurmstepd"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
