# SPDX-License-Identifier: GPL-2.0-or-later
"""Helpers for scenarios on a private Slurm: run a command, wait for a condition, read the results.

All of them work inside contrib/quickstart/private-slurm, which tests/cluster/run starts. A function that waits has a
condition and a deadline. After the deadline it raises an AssertionError that names the condition.
"""
import contextlib
import glob
import json
import os
import pwd
import re
import subprocess
import tempfile
import time
from collections import namedtuple

STATE = os.environ.get("RIG_STATE", "")
PLUGSTACK = os.path.join(STATE, "etc/plugstack.conf")
OUTPUT = os.path.join(STATE, "output")
ENDED = ("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED",
         "TIMEOUT")
MIB = 1 << 20

FIRST_STEP = "accounts steps on this node"

# How a Slurm command ended; job is None if the command made no job.
Run = namedtuple("Run", "rc out err job")


def release():
    """The release of Slurm's commands, such as 22.05.8."""
    return subprocess.run(["srun", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]


def wait_for(predicate, deadline, what):
    """Waits for the predicate's first true value. what: the condition as text, or a function that returns the text."""
    end = time.monotonic() + deadline
    while True:
        value = predicate()
        if value:
            return value
        assert time.monotonic() < end, f"waited {deadline} s in vain for {what() if callable(what) else what}"
        time.sleep(0.02)


# --- running things ---

class Running:
    """A running Slurm command. Its output goes to files, so that the command never waits for a reader."""
    count = 0

    def __init__(self, program, arguments, user=None, env=None, job=None, text=""):
        Running.count += 1
        self.name = f"t{Running.count}"
        self._job = job
        self.ended = None
        self._paths = [f"{OUTPUT}/{self.name}.{stream}" for stream in ("out", "err")]
        line = [program, f"--job-name={self.name}", *map(str, arguments)]
        identity = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
        with open(self._paths[0], "w") as out, open(self._paths[1], "w") as err, tempfile.TemporaryFile("w+") as stdin:
            stdin.write(text)
            stdin.seek(0)
            self.process = subprocess.Popen(line, stdin=stdin, stdout=out, stderr=err, cwd="/tmp",
                                            env={**os.environ, **(env or {})}, **identity)

    @property
    def job(self):
        """Waits for the job's number, as text; None if the command ended without a job."""
        wait_for(lambda: self._find_job() or self.process.poll() is not None, 20, f"the job of {self.name}")
        return self._find_job()

    def _find_job(self):
        if self._job is None:
            found = query("squeue", "-h", "-t", "all", f"--name={self.name}", "-o", "%A").split()
            # A het job has several numbers, and their order depends on the release.
            self._job = min(found, key=int, default=None)
        return self._job

    def stderr(self):
        with open(self._paths[1], errors="surrogateescape") as file:
            return file.read()

    def wait(self, deadline=60):
        try:
            rc = self.process.wait(deadline)
            self.ended = time.monotonic()
        except subprocess.TimeoutExpired:
            self.end()
            raise AssertionError(f"{self.process.args} did not end within {deadline} s: {self.stderr()}") from None
        with open(self._paths[0], errors="surrogateescape") as file:
            return Run(rc, file.read(), self.stderr(), self._find_job())

    def end(self):
        """Ends the command and its job, however the scenario ended."""
        if self.process.poll() is None:
            if self._find_job():
                subprocess.run(["scancel", self._find_job()], check=False)
            self.process.kill()
            self.process.wait()


def start(program, *arguments, **how):
    """Starts srun, sbatch or salloc in the background. how: user, env, text (standard input), job (if it is known, as
    with --jobid)."""
    return Running(program, arguments, **how)


def srun(*arguments, deadline=60, **how):
    return start("srun", *arguments, **how).wait(deadline)


def sbatch(script, *options, **how):
    """Submits a script and returns a Run whose job is the job's number. The job's output goes to job_output(job)."""
    return start("sbatch", f"--output={OUTPUT}/job-%j", *options, "--wrap", script, **how).wait(20)


def job_output(job):
    with open(f"{OUTPUT}/job-{job}", errors="surrogateescape") as file:
        return file.read()


@contextlib.contextmanager
def allocation(*options, **how):
    """A job without steps of its own, for several sruns with job=J and --jobid=J."""
    run = start("salloc", "--no-shell", *options, **how).wait(30)
    assert run.rc == 0, run.err
    try:
        yield run.job
    finally:
        subprocess.run(["scancel", run.job], check=False)
        wait_job(run.job)


# --- asking Slurm ---

def query(*command, check=True):
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="surrogateescape",
                         timeout=30, check=False)
    assert run.returncode == 0 or not check, f"{command}: {run.stderr}"
    return run.stdout


def job_state(job):
    """State of a job, or of a task or component of the job (JOB_TASK, JOB+COMPONENT)."""
    return query("squeue", "-h", "-t", "all", "-j", job, "-o", "%T").strip()


def wait_job(job, deadline=60):
    """Waits for the job's end, with all tasks or components of the number, and returns the state."""
    def ended():
        states = job_state(job).split()
        return states and all(state in ENDED for state in states) and states[0]
    return wait_for(ended, deadline, f"job {job} to end")


def size(text):
    """A size that sacct prints, in bytes; None if sacct prints nothing."""
    match = re.fullmatch(r"([0-9.]+)([KMGT]?)", text)
    return match and round(float(match[1]) * 1024 ** " KMGT".index(match[2] or " "))


def sacct(job, *fields, deadline=30):
    """A dict for the job and one for each of its steps: JobID, State, End and the fields asked for.

    Waits until slurmdbd knows how all of them ended, because the figures come with a step's end."""
    names = ["JobID", "State", "End", *fields]

    def rows():
        out = query("sacct", "-n", "-P", "--noconvert", "-j", str(job), "-o", ",".join(names))
        found = [dict(zip(names, line.split("|", len(names) - 1))) for line in out.splitlines()]
        return found and all(row["End"] != "Unknown" for row in found) and found
    return wait_for(rows, deadline, f"sacct to know the end of job {job}")


def sacct_step(job, step, *fields):
    """sacct's row for a step, such as 0 or batch."""
    return wait_for(lambda: [row for row in sacct(job, *fields) if row["JobID"] == f"{job}.{step}"], 15,
                    f"step {job}.{step} in sacct")[0]


def max_rss(job, step=0):
    """MaxRSS in bytes. slurmdbd can know a step's end a moment before the step's figures, so wait for them."""
    return wait_for(lambda: size(sacct_step(job, step, "MaxRSS")["MaxRSS"]), 20, f"MaxRSS of step {job}.{step}")


def admin_comment(job, source="sacct"):
    """The job's AdminComment, from slurmdbd ("sacct") or slurmctld ("scontrol"); "" if there is none."""
    if source == "sacct":
        return sacct(job, "AdminComment")[0]["AdminComment"]
    found = re.search(r"^ *AdminComment=(.*)$", query("scontrol", "show", "job", job), re.M)
    return found[1].rstrip() if found else ""


def ray_pss(job, source="sacct"):
    """The plugin's part of the AdminComment, or None."""
    text = admin_comment(job, source)
    return json.loads(text).get("ray_pss") if text.startswith("{") else None


# --- what the plugin leaves behind ---

def records(job):
    """All records of a job, found by their content and not by their names."""
    found = []
    for path in glob.glob(f"{STATE}/spool*/**/*.json", recursive=True):
        with contextlib.suppress(FileNotFoundError), open(path, encoding="utf-8") as file:
            record_ = json.load(file)
            if isinstance(record_, dict) and str(record_.get("job")) == str(job):
                found.append(record_)
    return found


def record(job, step=0, node="n1", deadline=10, running=False):
    """Waits for a step's record, of the ended or the running step. srun may return before the record is written."""
    def written():
        return [one for one in records(job) if (str(one["step"]), one["node"]) == (str(step), node)
                and (one["end"]["how"] == "running") == running]
    return wait_for(written, deadline, f"the record of step {job}.{step} on {node}")[0]


def our_lines(text):
    """The plugin's lines in the output of srun or in slurmd's log: they have one of our names and a colon.

    Without the line about the version: any step may be the first on its node."""
    return [line for line in text.splitlines() if re.search(r"\bray[-_]?pssd?(-accounting|-publisher)?: ", line)
            and FIRST_STEP not in line]


# --- the node ---

@contextlib.contextmanager
def plugstack(text):
    """Replaces plugstack.conf for a while. Every srun and every step reads the file."""
    with open(PLUGSTACK) as file:
        before = file.read()
    _replace(PLUGSTACK, text)
    try:
        yield
    finally:
        _replace(PLUGSTACK, before)


def _replace(path, text):
    with open(path + ".new", "w") as file:
        file.write(text if text.endswith("\n") or not text else text + "\n")
    os.rename(path + ".new", path)


def slurmd_log(node="n1", since=0):
    """The log of slurmd and its steps. since: an offset from slurmd_log_size()."""
    with open(f"{STATE}/log/slurmd-{node}.log", "rb") as file:
        file.seek(since)
        return file.read().decode(errors="surrogateescape")


def slurmd_log_size(node="n1"):
    return os.path.getsize(f"{STATE}/log/slurmd-{node}.log")


Process = namedtuple("Process", "pid ppid state name")


def processes():
    """All processes with zombies. The rig is a pid namespace, so all of them are the rig's."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{entry}/stat", errors="surrogateescape") as file:
                name, rest = file.read().split("(", 1)[1].rsplit(")", 1)
                state, ppid = rest.split()[:2]
                found.append(Process(int(entry), int(ppid), state, name))
    return found


def processes_named(name):
    # The kernel keeps 15 bytes of a name.
    return [process for process in processes() if process.name == name[:15]]


def zombies():
    return [process for process in processes() if process.state == "Z"]
