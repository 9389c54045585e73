# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a workload and all readers over it: looks and bare reads in C (bench), and other tools from here."""
import contextlib
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

try:
    import psutil
except ImportError:
    psutil = None

MIB = 1 << 20
# Memory of a reader beyond what it is told to take: its own, and page tables for the store.
PROCESS_BYTES = 1 * MIB


def fits(n, store, private):
    with open("/proc/meminfo", encoding="ascii") as file:
        available = int(re.search(r"MemAvailable:\s+(\d+)", file.read())[1]) << 10
    with contextlib.suppress(OSError):
        shm = os.statvfs("/dev/shm")
        if shm.f_bavail * shm.f_frsize < store * MIB:
            return False
    needed = store * MIB + n * (private * MIB + PROCESS_BYTES + store * MIB // 512)
    return needed < 0.85 * available


@contextlib.contextmanager
def workload(build, n, store, private, *more):
    """Yields the ready file of n processes, with the store's maker, that hold still meanwhile."""
    with tempfile.TemporaryDirectory(prefix="raypss-bench-") as directory:
        ready, until = f"{directory}/ready", f"{directory}/until"
        process = subprocess.Popen(
            [f"{build}/tests/workloads/store", "--processes", str(n - 1), "--shared", str(store), "--private",
             str(private), "--ready", ready, "--until", until, "--timeout", "3600", *more])
        try:
            while not os.path.exists(ready):
                if process.poll() is not None:
                    raise RuntimeError(f"the workload ended with {process.returncode}")
                time.sleep(0.02)
            yield ready
        finally:
            with open(until, "w", encoding="ascii"):
                pass
            process.wait()


def usage():
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def timed(function):
    """CPU time with that of child processes, because it depends less on the machine's load than elapsed time."""
    begin = usage()
    value = function()
    return (usage() - begin) * 1e6, value


def psutil_pass(pids):
    if not psutil:
        return None
    processes = [psutil.Process(pid) for pid in pids]
    us, pss = timed(lambda: sum(p.memory_full_info().pss for p in processes))
    return us, pss


def smem_pass(directory):
    if not shutil.which("smem"):
        return None
    # In brackets, so that the pattern does not match smem's own command line.
    pattern = re.sub(r"raypss", "[r]aypss", re.escape(directory))
    us, out = timed(lambda: subprocess.run(["smem", "-H", "-c", "pss", "-P", pattern], check=True,
                                           capture_output=True, text=True).stdout)
    return us, sum(int(word) for word in out.split()) << 10


def ps_pass(pids):
    line = ["ps", "-o", "pss=", "-p", ",".join(map(str, pids))]
    us, out = timed(lambda: subprocess.run(line, check=False, capture_output=True, text=True).stdout)
    words = out.split()
    return (us, sum(int(word) for word in words) << 10) if len(words) == len(pids) else None


def steady_counts(build, ready, tool):
    """Counts system calls (strace) or instructions (callgrind) of one steady tick."""
    bench = os.path.realpath(f"{build}/tests/bench/bench")
    with tempfile.NamedTemporaryFile(prefix="raypss-bench-") as out:
        def count(ticks):
            if tool == "strace":
                subprocess.run(["strace", "-f", "-o", out.name, bench, "--ticks", str(ticks), ready], check=True)
                return sum(1 for _ in open(out.name, encoding="utf-8", errors="replace"))
            subprocess.run(["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out.name}",
                            "--toggle-collect=steady_tick", bench, "--ticks", str(ticks), ready],
                           check=True, capture_output=True)
            with open(out.name, encoding="utf-8", errors="replace") as file:
                return int(re.search(r"^(?:summary|totals): (\d+)", file.read(), re.M)[1])
        # The lowest count, because a new process anywhere on the node makes the search for members read a directory.
        return (min(count(11) for _ in range(3)) - min(count(1) for _ in range(3))) / 10


def run_bench(build, ready, rounds, rollup_seconds):
    line = [f"{build}/tests/bench/bench", "--rounds", str(rounds), "--rollup-seconds", str(rollup_seconds), ready]
    return json.loads(subprocess.run(line, check=True, capture_output=True).stdout)


def side_by_side(build, ready, other):
    """Ratio of the ticks of two workloads that hold still at the same time: load on the machine affects both."""
    def tick(which):
        return statistics.median(run_bench(build, which, 10, 0)["us"]["tick"])
    return statistics.median(tick(ready) / tick(other) for _ in range(5))


def configuration(build, ready, n, store, private, rounds, quick):
    """Runs all readers over a workload that holds still."""
    with open(ready, encoding="ascii") as file:
        known = json.load(file)
    pids = [known["parent"], *known["pids"]]
    times, totals, bench = {}, {}, None
    for _ in range(rounds):
        bench = run_bench(build, ready, 30, 1 if quick else 3)
        for name, us in bench["us"].items():
            times.setdefault(name, []).extend(us)
        for name, value in (("psutil", psutil_pass(pids)), ("smem", smem_pass(os.path.dirname(ready))),
                            ("ps", ps_pass(pids))) if not quick else ():
            if value:
                times.setdefault(name, []).append(value[0])
                totals[name] = value[1]
    counts = {name: steady_counts(build, ready, tool)
              for name, tool in (("calls", "strace"), ("instructions", "valgrind"))
              if shutil.which(tool) and n <= 64}
    b = bench["bytes"]
    # Compare within a round: load on the machine affects both.
    ratio = statistics.median(tick / floor for tick, floor in zip(times["tick"], times["floor"]))
    return {
        "processes": n, "store": store, "private": private, "objects": bench["objects"],
        "us": {name: statistics.median(us) for name, us in times.items()}, "tick_to_floor": ratio,
        "allocations": bench["allocations"], **counts, "bytes": b, "peers": totals,
        "truth": b["known_shared"] + b["known_private"],
        "errors": {"private": b["private"] / b["pss_anon"] - 1, "shared": b["shared"] / b["known_shared"] - 1,
                   "kernel": b["kernel"] / b["kernel_known"] - 1},
    }
