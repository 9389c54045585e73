# SPDX-License-Identifier: GPL-2.0-or-later
"""The rig's daemons, taken away for a while; and how long a step's hooks took, whatever became of srun meanwhile."""
import contextlib
import datetime
import os
import re
import signal
import subprocess
import time

import slurm

# What tells that a daemon is back.
ANSWERS = {
    "slurmctld": ["timeout", "5", "scontrol", "show", "config"],
    "slurmdbd": ["timeout", "5", "sacctmgr", "-n", "list", "cluster"],
    "munged": ["timeout", "5", "munge", "-n"],
    "slurmd": ["sh", "-c", "timeout 5 sinfo -h -N -n n1 -o %T | grep -qE '^(idle|mixed|allocated)$'"],
}


def _pid(name):
    return min(process.pid for process in slurm.processes_named(name) if process.state != "Z")


def _answers(name):
    return subprocess.run(ANSWERS[name], stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def _start(line, environ, name):
    # private-slurm started it in the same way.
    prefix = ["setpriv", "--reuid=munge", "--regid=munge", "--clear-groups"] if name == "munged" else []
    with open(f"{slurm.STATE}/log/{name}.again", "a") as log:
        subprocess.Popen([*prefix, *line], env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                         start_new_session=True)


@contextlib.contextmanager
def gone(name):
    """Ended as an administrator would, and started again."""
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
        _start(line, environ, name)
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


def _lines(job, step, since):
    """(seconds, text) of what a step's slurmstepd logged."""
    for line in slurm.slurmd_log(since=since).splitlines():
        match = re.match(rf"\[([^]]*)\] \[{job}\.{step}\] (.*)", line)
        if match:
            yield datetime.datetime.fromisoformat(match[1]).timestamp(), match[2]


def _logged(job, step, since, *texts):
    return [at for at, line in _lines(job, step, since) if any(text in line for text in texts)]


def task_exit_seconds(job, step, since):
    """How long slurmstepd was in our task_exit: it logs lines before and after."""
    after = slurm.wait_for(lambda: _logged(job, step, since, "post_term"), 20, f"the last task of step {job}.{step}")
    return max(after) - max(_logged(job, step, since, "exited with exit code", "exited. Killed by"))


def hooks_seconds(job, step, since):
    """The same of task_exit and exit together: at the end of exit it lets go of raypssd, which ends at once."""
    before = ["signaling condition"] if step == "batch" else ["IO handler exited"]
    slurm.wait_for(lambda: _logged(job, step, since, *before), 20, f"the end of step {job}.{step}")
    slurm.wait_for(lambda: not [p for p in slurm.processes_named("raypssd") if p.state != "Z"], 10, "raypssd to end")
    now = time.time()
    return task_exit_seconds(job, step, since) + now - max(_logged(job, step, since, *before))


def end_slurmstepd():
    """One that got no answer from slurmctld would try again after a minute, and its node be drained meanwhile."""
    for process in slurm.processes_named("slurmstepd"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
