# SPDX-License-Identifier: GPL-2.0-or-later
"""Ray programs of known memory, one for each scenario: programs.py NAME TEMP_DIR [OUTPUT]."""
import json
import os
import pickle
import subprocess
import sys
import time

import psutil
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


def pss_anon():
    with open("/proc/self/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("Pss_Anon:"))


def filled(size):
    """Memory of that many MiB, all of it written, without a second copy at any time."""
    memory = bytearray(size * MIB)
    for at in range(0, len(memory), 4096):
        memory[at] = 1
    return memory


class Barrier:
    """Files by which processes wait for each other."""

    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)

    def arrive(self):
        with open(os.path.join(self.directory, str(os.getpid())), "w", encoding="ascii"):
            pass

    def wait(self, count):
        deadline = time.monotonic() + 60
        while len(os.listdir(self.directory)) < count and time.monotonic() < deadline:
            time.sleep(0.05)


class Truth:
    """What titles_truth.py says of the workers in the meantime."""

    def __enter__(self):
        raylet = next(one for one in psutil.Process().children() if one.name() == "raylet")
        self._process = subprocess.Popen([sys.executable, os.path.join(os.path.dirname(__file__), "titles_truth.py"),
                                          str(raylet.pid)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(self, *_):
        self.said = json.loads(self._process.communicate()[0])


def names(temp_dir):
    """Three tasks and two actor classes of known size hold them at once, with an object of all; name: sizes."""
    start(temp_dir, 280 * MIB, cpus=7)
    barrier = Barrier(os.path.join(temp_dir, "barrier"))

    def hold(size, references):
        view = ray.get(references[0]).data
        memory = filled(size)
        anon = pss_anon()
        barrier.arrive()
        barrier.wait(7)
        time.sleep(1.5)
        return anon + 0 * len(memory) + 0 * len(view)

    task = ray.remote(hold)

    @ray.remote
    class Small:
        def work(self, references):
            return hold(60, references)

    @ray.remote
    class Great:
        def work(self, references):
            return hold(120, references)

    reference = ray.put(View(filled(200)))
    sizes = {"stage1.load": 40, "my task": 80, "fit(alpha=0.5)": 160}
    running = {name: [task.options(name=name).remote(size, [reference])] for name, size in sizes.items()}
    for actor in (Small, Great):
        actors = [actor.remote() for _ in range(2)]
        running[actor.__ray_actor_class__.__name__] = [one.work.options(name="renamed").remote([reference])
                                                       for one in actors]
    return {name: ray.get(references) for name, references in running.items()}


def many(temp_dir):
    """Objects of which two or three are spilled at once; then short tasks of three names on workers that are used again, then 64
    names, then a great one. Returns titles_truth.py's figures of the three."""
    start(temp_dir, 80 * MIB, cpus=4)
    kept = [ray.put(os.urandom(1000) * 20000) for _ in range(6)]
    names = {"alpha": 1, "beta": 4, "gamma": 4}  # CPUs of a task: four, one and one run at a time

    @ray.remote
    def short():
        time.sleep(0.02)

    @ray.remote
    def big():
        memory = filled(150)
        time.sleep(1)
        return len(memory)

    # The workers start before anybody looks.
    ray.get([short.remote() for _ in range(40)])
    with Truth() as truth:
        for name, cpus in names.items():
            end = time.monotonic() + 5
            while time.monotonic() < end:
                ray.get([short.options(name=name, num_cpus=cpus).remote() for _ in range(80 // cpus)])
    ray.get([short.options(name=f"fold-{number}").remote() for number in range(64) for _ in range(3)])
    ray.get(big.remote())
    del kept
    return {name: truth.said[f"ray::{name}"] for name in names}


def held(temp_dir):
    """Holds three objects in the store for a while; the bytes of them."""
    start(temp_dir, 200 * MIB)
    kept = [ray.put(os.urandom(1000) * 50000) for _ in range(3)]
    time.sleep(3)
    return 50000000 * len(kept)


def advised(temp_dir):
    """A small job with tasks, an actor and a store; STORE: its bytes, where somebody has advised that."""
    start(temp_dir, int(os.environ.get("STORE", 160 * MIB)), cpus=2)

    @ray.remote
    def work(number, held):
        memory = filled(120)
        time.sleep(0.5)
        return number + 0 * len(memory) + 0 * len(held.data)

    reference = ray.put(View(filled(60)))
    for _ in range(3):
        ray.get([work.remote(number, reference) for number in range(2)])


def state(session, what):
    """A figure of what the raylet tells of itself: SESSION/logs/debug_state.txt."""
    with open(os.path.join(session, "logs/debug_state.txt"), encoding="utf-8") as file:
        found = [int(line.rpartition(": ")[2]) for line in file if line.startswith(f"- {what}: ")]
    return found[0] if found else 0


def until(condition):
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)


def overflow(temp_dir):
    """First memory of the driver alone, then objects that are spilled, then values that can only fall back."""
    session = start(temp_dir, 100 * MIB, _system_config={"debug_dump_period_milliseconds": 200})["session_dir"]
    driver = filled(400)
    time.sleep(0.5)
    del driver
    data = View(bytearray(os.urandom(1000) * 20000))
    kept = [ray.put(data) for _ in range(10)]
    # The plugin reads the session's files every two seconds.
    until(lambda: state(session, "num bytes currently spilled") >= 5 * 20e6)
    time.sleep(2.5)
    said = {"spilled": state(session, "num bytes currently spilled")}
    del kept
    until(lambda: state(session, "num bytes currently spilled") < 1e6)
    # Nobody can move what a process has mapped.
    values = [ray.get(ray.put(data)) for _ in range(8)]
    time.sleep(3.5)
    # Ray's memory gives back no page while its allocator may use it again, so count whole objects.
    return {**said, "outside": sum(len(value.data) for value in values)}


if __name__ == "__main__":
    result = globals()[sys.argv[1]](sys.argv[2])
    if len(sys.argv) > 3:
        with open(sys.argv[3], "w", encoding="utf-8") as file:
            json.dump(result, file)
