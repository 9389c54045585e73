# SPDX-License-Identifier: GPL-2.0-or-later
"""Measurements that need no workload: looks at a control group, and how soon a new process is seen."""
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile

FILES = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../fixtures/linux-6.1")
MADE = 50


def bench(build, *arguments):
    return json.loads(subprocess.run([f"{build}/tests/bench/bench", *arguments], check=True,
                                     capture_output=True).stdout)


def own_group():
    """The directory where the kernel accounts our memory, and whether it is a control group v2; None if nowhere."""
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        ways = {controllers: path for _, controllers, path in (line.strip().split(":", 2) for line in file)}
    for root, v2 in (("/sys/fs/cgroup/memory", False), ("/sys/fs/cgroup", True)):
        path = root + (ways.get("" if v2 else "memory") or "/")
        path = path if os.path.exists(f"{path}/memory.stat") else root
        if os.path.exists(f"{path}/memory.stat"):
            return path, os.path.exists(f"{path}/memory.current")
    return None, False


@contextlib.contextmanager
def fixture():
    """The files of a control group v2, made as plain files on tmpfs."""
    with tempfile.TemporaryDirectory(prefix="raypss-bench-", dir="/dev/shm") as directory:
        for name in ("memory.stat", "memory.events"):
            shutil.copy(f"{FILES}/{name}", directory)
        for name, text in (("memory.current", "123456789\n"), ("memory.swap.current", "0\n"), ("memory.max", "max\n")):
            with open(f"{directory}/{name}", "w", encoding="ascii") as file:
                file.write(text)
        yield directory


def median_us(times, name):
    return statistics.median(times[name])


def instructions(build, directory):
    with tempfile.NamedTemporaryFile(prefix="raypss-bench-") as out:
        subprocess.run(["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out.name}",
                        "--toggle-collect=group_tick", f"{build}/tests/bench/bench", "--cgroup", directory,
                        "--ticks", "100"], check=True, capture_output=True)
        with open(out.name, encoding="utf-8", errors="replace") as file:
            return int(re.search(r"^(?:summary|totals): (\d+)", file.read(), re.M)[1]) / 100


def group(build):
    """
    Measures a look at our own control group v2, if there is one. Otherwise measures plain files: the time that a look
    adds to their bare preads is added to the preads of our group v1, whose files cost the kernel about the same.
    """
    path, v2 = own_group()
    with fixture() as directory:
        files = bench(build, "--cgroup", directory)
        result = {"instructions": instructions(build, directory)} if shutil.which("valgrind") else {}
    tick, floor = median_us(files, "tick"), median_us(files, "floor")
    result |= {"fixture_us": {"tick": tick, "floor": floor}, "of": "plain files", "ratio": tick / floor}
    if path:
        here = bench(build, "--cgroup", path)
        floor_here = median_us(here, "floor")
        tick_here = median_us(here, "tick") if v2 else floor_here + tick - floor
        result |= {"us": {"tick": tick_here, "floor": floor_here}, "ratio": tick_here / floor_here,
                   "of": "the own group v2" if v2 else "plain files, on the preads of the own group v1"}
    return result


def noticed(build):
    return bench(build, "--notice", str(MADE))


def show(results):
    g, n = results["group"], results["noticed"]
    us = g.get("us", g["fixture_us"])
    print(f"\nA look at a control group: {us['tick']:.1f} us, two bare preads {us['floor']:.1f} us ({g['of']}); "
          f"as plain files {g['fixture_us']['tick']:.1f} us and {g['fixture_us']['floor']:.1f} us")
    print(f"Of {n['made']} new processes {n['missed']} were not in the next look, or still there after their end")
