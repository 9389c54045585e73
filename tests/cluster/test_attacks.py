# SPDX-License-Identifier: GPL-2.0-or-later
"""What an ordinary user can try: raypssd stays cheap and quick, loses no memory, and believes and signals nobody else."""
import contextlib
import os
import shutil
import signal
import stat
import subprocess
from collections import namedtuple

import pytest

import daemons
import jobs
import slurm
import workload
from jobs import OPTION

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed_timed")]
ATTACK, SEGV = (os.path.join(os.environ.get("RIG_WORKLOADS", ""), name) for name in ("attack", "segv"))
HELD_MIB = 100
SECONDS = 4
# duty=2 % with what it saves in a minute, budget=1 %, reads of processes that forked 0.5 %, and one look too many.
CPU_SECONDS = 0.02 * (60 + SECONDS) + 0.015 * SECONDS + 0.4

# shared: what the objects can have at any time, MiB
Attack = namedtuple("Attack", "options shared")
ATTACKS = {
    "mappings ahead of the scan": Attack(["--kind=chase"], 160),
    "a memfd ahead of the scan": Attack(["--kind=chase", "--memfd"], 160),
    "objects that come and go": Attack(["--kind=churn", "--processes=100", "--count=1000"], 24),
    "60,000 mappings": Attack(["--kind=maps", "--processes=2", "--count=60000"], 2),
    "1,000 processes": Attack(["--kind=idle", "--processes=1000"], 2),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_work_without_end(attack):
    before = slurm.slurmd_log_size()
    step = slurm.start("srun", "-n1", "--mem=2000", OPTION, ATTACK, *attack.options, f"--private={HELD_MIB}", f"--seconds={SECONDS}",
                       user="nobody")
    looks = slurm.wait_for(lambda: jobs.live(f"{step.job}.").get("sequence"), 20, "live figures")
    run = step.wait(60)
    assert run.rc == 0, run.err
    assert daemons.hooks_seconds(run.job) < jobs.DELAY
    record = slurm.record(run.job)
    cost, peak = record["cost"], record["peak"]
    assert record["end"]["how"] == "completed" and cost["samples"] > looks
    assert cost["cpu_seconds"] < CPU_SECONDS, cost
    assert peak["private"] > HELD_MIB * slurm.MIB
    assert peak["shared"] <= attack.shared * slurm.MIB
    assert not [line for line in slurm.our_lines(slurm.slurmd_log(since=before)) if "error: " in line]


@contextlib.contextmanager
def forged_kill(pid, name):
    """A program of that name, for any user; it crashes, and the kernel's line reads as a kill of the process."""
    folder = "/dev/shm/raypss-forged"
    path = f"{folder}/Killed process {pid} ({name}) total-vm:1kB, anon-rss:987654321kB, file-rss:1kB, shmem-rss:1kB"
    os.makedirs(folder)
    try:
        shutil.copy(SEGV, path)
        os.chmod(folder, 0o755)
        os.chmod(path, 0o755)
        yield [path, "Out of memory:"]
    finally:
        shutil.rmtree(folder)


def test_forged_line_in_the_kernel_log():
    with workload.held(["--mem=200", OPTION], ["--processes=1", "--shared=20", "--private=10"]) as step:
        victim = step.seen_for(0.3).made()["pids"][0]
        with forged_kill(victim, "store") as line:
            crash = subprocess.run(["setpriv", "--reuid=nobody", "--clear-groups", *line], check=False)
            assert crash.returncode == -signal.SIGSEGV
            looks = jobs.live(f"{step.job}.")["sequence"]
            slurm.wait_for(lambda: jobs.live(f"{step.job}.").get("sequence", 0) > looks + 2, 10, "further looks")
        run = step.release()
    assert run.rc == 0, run.err
    oom = slurm.record(run.job)["oom"]
    assert oom["verdict"] == "none" and not oom["victims"], oom


LAST_PID = "/proc/sys/kernel/ns_last_pid"
NOTIFIED = """
import os, signal, sys, time
signal.signal(signal.SIGUSR1, lambda *_: open(sys.argv[1] + "/notified", "w").close())
def wait(name):
    end = time.monotonic() + 60
    while not os.path.exists(sys.argv[1] + "/" + name) and time.monotonic() < end: time.sleep(0.01)
open(sys.argv[1] + "/pid." + os.environ["SLURM_PROCID"], "w").write(str(os.getpid()))
wait("end." + os.environ["SLURM_PROCID"])
if os.environ["SLURM_PROCID"] == "0":
    held = bytearray(os.urandom(4096)) * (150 << 8)
    wait("notified")
"""


def process_with(pid, tries=50):
    """A process of root that has this number, which is free."""
    for _ in range(tries):
        with open(LAST_PID, "w", encoding="ascii") as file:
            file.write(str(pid - 1))
        process = subprocess.Popen(["sleep", "60"])
        if process.pid == pid:
            return process
        process.kill()
        process.wait()
    raise AssertionError(f"no process got the number {pid} in {tries} tries")


@pytest.mark.skipif(not os.path.exists(LAST_PID), reason="this kernel has no ns_last_pid")
def test_signal_goes_to_nobody_who_has_a_task_s_number():
    folder = f"{slurm.OUTPUT}/notified-{slurm.Running.count}"
    os.mkdir(folder)
    os.chmod(folder, stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO)

    def pid_of(task):
        slurm.wait_for(lambda: os.path.exists(f"{folder}/pid.{task}") and os.path.getsize(f"{folder}/pid.{task}"), 20, "a task")
        with open(f"{folder}/pid.{task}", encoding="ascii") as file:
            return int(file.read())

    step = slurm.start("srun", "-n2", "--mem=200", f"{OPTION}=notify=USR1@50%", "python3", "-c", NOTIFIED, folder, user="nobody")
    pid = [pid_of(task) for task in (0, 1)][1]
    slurm.wait_for(lambda: jobs.live(f"{step.job}.").get("sequence", 0) > 2, 20, "looks")
    with open(f"{folder}/end.1", "w", encoding="ascii"):
        pass
    slurm.wait_for(lambda: not os.path.exists(f"/proc/{pid}"), 20, "the task's end")
    other = process_with(pid)
    try:
        with open(f"{folder}/end.0", "w", encoding="ascii"):
            pass
        run = step.wait(60)
        assert run.rc == 0, run.err
        assert os.path.exists(f"{folder}/notified")
        assert other.poll() is None, "the signal went to a process of root"
    finally:
        other.kill()
        other.wait()
