#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One server and its clients exchange arrays over real Ray, then hold still to be measured.

In each round the server sends every client an array, without waiting for the others. The client
works on the array for a moment and answers with a new array. Ray keeps every array once, in its
shared object store. After the last round comes the hold point: the arrays of the last rounds are
alive, every actor has read all of them, and each actor has private copies of some. At that point
the sum of RSS counts each array once per reader, and the memory in use does not change.
"""

import argparse
import collections
import json
import math
import os
import pickle
import secrets
import shutil
import signal
import sys
import tempfile
import time

PAGE = 4096
MB = 1000 * 1000
PRIVATE_COPIES = 2  # more than a round needs at any moment, so that the hold point is the peak


class Array:
    """Bytes that Ray hands over out of band, like NumPy arrays: a reader maps them."""

    def __init__(self, data):
        self.data = memoryview(data)

    def __reduce_ex__(self, protocol):
        return Array, (pickle.PickleBuffer(self.data),)

    @classmethod
    def fresh(cls, size, value):
        return cls(bytes([value % 255 + 1]) * size)

    def touch(self):
        """A digest of the array. It reads a byte of each page, which makes the page resident here."""
        return sum(self.data[::PAGE])


class Actor:
    """Base class of server and client."""

    def __init__(self, size):
        self.size = size
        self.private = []

    def pid(self):
        return os.getpid()

    def settle(self, refs):
        """Read all the arrays that are alive and keep private copies of some."""
        arrays = self.get(refs)
        self.private = [bytearray(array.data) for array in arrays[:PRIVATE_COPIES]]
        return sum(array.touch() for array in arrays)


def actors(ray):
    """The two Ray classes: ray can only be imported once its environment is set."""

    class Client(Actor):
        def get(self, refs):
            return ray.get(refs)

        def process(self, array, turn):
            return Array.fresh(self.size, array.touch() + turn)

    class Server(Actor):
        def get(self, refs):
            return ray.get(refs)

        def play(self, clients, rounds, keep):
            """Play all rounds. The returned references keep the arrays of the last rounds alive."""
            kept = [collections.deque(maxlen=2 * keep) for _ in clients]
            pending = {}

            def send(number, turn):
                sent = ray.put(Array.fresh(self.size, number + turn))
                kept[number].append(sent)
                pending[clients[number].process.remote(sent, turn)] = number, turn

            for number in range(len(clients)):
                send(number, 0)
            while pending:
                done, _ = ray.wait(list(pending), num_returns=1)
                number, turn = pending.pop(done[0])
                ray.get(done[0]).touch()
                kept[number].append(done[0])
                if turn + 1 < rounds:
                    send(number, turn + 1)
            return [ref for refs in kept for ref in refs]

    return ray.remote(num_cpus=0.1)(Server), ray.remote(num_cpus=0.1)(Client)


def wait_for(condition, deadline, what):
    """Return the first true value of condition(), or fail after deadline seconds."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError("%s: not within %g s" % (what, deadline))
        time.sleep(0.05)


def store_from_raylet():
    """The raylet's own counters, exact to the byte. Ray needs the package grpcio for them."""
    from ray._private import internal_api

    reply = internal_api.get_memory_info_reply(internal_api.get_state_from_address())
    stats = reply.store_stats
    return {
        "store_used": stats.object_store_bytes_used,
        "store_capacity": stats.object_store_bytes_avail,
        "store_fallback": stats.object_store_bytes_fallback,
        "store_spilled": stats.spilled_bytes_total,
        "store_source": "raylet",
    }


def store_from_resources(ray, expected):
    """The resource object_store_memory, exact to the byte: the memory that is pinned on the node.
    The figure is some 100 ms old, so wait until it has at least what is known to be alive."""

    def settled():
        total = ray.cluster_resources()["object_store_memory"]
        used = total - ray.available_resources().get("object_store_memory", 0)
        return (total, used) if used >= expected else None

    total, used = wait_for(settled, 20, "Ray's report of its object store")
    return {
        "store_used": round(used),
        "store_capacity": round(total),
        "store_source": "resources",
    }


def store_report(ray, expected):
    try:
        return store_from_raylet()
    except ImportError:
        return store_from_resources(ray, expected)


def processes():
    """pid -> (parent, name, title) of this process and all its descendants."""
    table = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % entry) as stat, open("/proc/%s/cmdline" % entry) as line:
                name, _, rest = stat.read().partition("(")[2].rpartition(")")
                title = line.read().replace("\0", " ").strip()
        except OSError:
            continue  # the process ended meanwhile
        table[int(entry)] = int(rest.split()[1]), name, title
    family = {os.getpid()}
    grown = True
    while grown:
        more = {pid for pid, (parent, _, _) in table.items() if parent in family} - family
        family |= more
        grown = bool(more)
    return {pid: table[pid] for pid in family if pid in table}


def roles(server, clients):
    found = {"driver": os.getpid(), "server": server, "clients": clients, "others": []}
    known = {found["driver"], server, *clients}
    for pid, (_, name, _) in processes().items():
        if name in ("raylet", "gcs_server"):
            found[name] = pid
        elif pid not in known:
            found["others"].append(pid)
    return found


def write_json(path, data):
    """Write the file as a whole, because others wait for the name to appear."""
    with open(path + ".part", "w") as out:
        json.dump(data, out, indent=1)
        out.write("\n")
    os.replace(path + ".part", path)


class Sampler:
    """psutil's figures of all processes; keeps the sample with the highest sum of RSS."""

    def __init__(self):
        import psutil

        self.psutil = psutil
        self.samples = 0
        self.peak = None

    def _read(self, pid):
        try:
            memory = self.psutil.Process(pid).memory_full_info()
        except self.psutil.Error:
            return None  # ended meanwhile
        return {"rss": memory.rss, "uss": memory.uss, "pss": memory.pss, "shr": memory.shared}

    def sample(self, server, clients):
        labels = {os.getpid(): "driver", server: "server"}
        labels.update({pid: "client %d" % number for number, pid in enumerate(clients)})
        rows = []
        for pid, (_, name, title) in processes().items():
            read = self._read(pid)
            if read:
                role = labels.get(pid) or (name if name in ("raylet", "gcs_server") else "other")
                rows.append(dict(read, pid=pid, role=role, title=title[:80]))
        total = {key: sum(row[key] for row in rows) for key in ("rss", "uss", "pss", "shr")}
        self.samples += 1
        if not self.peak or total["rss"] > self.peak["total"]["rss"]:
            self.peak = {"total": total, "processes": rows}


def start_ray(args, temp_dir):
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Without a token Ray makes one in the home directory, where everybody can read it.
    os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
    # Slurm enforces the step's memory limit. Ray's monitor would watch the whole machine's memory.
    os.environ.setdefault("RAY_memory_monitor_refresh_ms", "0")
    import ray

    ray.init(
        address="local",
        num_cpus=max(2, math.ceil((args.clients + 1) / 10)),
        num_gpus=0,
        include_dashboard=False,
        object_store_memory=args.object_store_memory,
        _temp_dir=temp_dir,
        log_to_driver=False,
        logging_level="warning",
    )
    return ray


def play(ray, args):
    """Play all rounds, hold, and return the report."""
    server_class, client_class = actors(ray)
    server = server_class.remote(args.array_size)
    clients = [client_class.remote(args.array_size) for _ in range(args.clients)]
    pids = ray.get([actor.pid.remote() for actor in [server] + clients])
    sampler = Sampler() if args.psutil else None

    def sample():
        if sampler:
            sampler.sample(pids[0], pids[1:])

    started = time.monotonic()
    game = server.play.remote(clients, args.rounds, args.keep)
    while not ray.wait([game], timeout=1)[0]:
        sample()
    arrays = ray.get(game)
    ray.get([actor.settle.remote(arrays) for actor in [server] + clients])
    for array in ray.get(arrays):
        array.touch()

    state = store_report(ray, len(arrays) * args.array_size)
    state.update(pids=roles(pids[0], pids[1:]), arrays=len(arrays), array_size=args.array_size)
    sample()
    if args.ready:
        write_json(args.ready, state)
    if args.until:
        wait_for(lambda: os.path.exists(args.until), args.deadline, args.until)
    else:
        time.sleep(args.hold)  # long enough for a figure that is sampled every second
    state.update(clients=args.clients, rounds=args.rounds, ray=ray.__version__)
    state["seconds"] = round(time.monotonic() - started, 1)
    if sampler:
        state["psutil"] = dict(sampler.peak, samples=sampler.samples)
    return state


def size(text):
    """A number of bytes; K, M and G are powers of 1000."""
    factor = {"K": 1000, "M": MB, "G": 1000 * MB}.get(text[-1:].upper())
    value = int(float(text[:-1]) * factor) if factor else int(text)
    if value < PAGE:
        raise argparse.ArgumentTypeError("%s: at least %d" % (text, PAGE))
    return value


def count(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("%s: at least 1" % text)
    return value


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--clients", type=count, default=6, help="number of clients (%(default)s)")
    add("--array-size", type=size, default=40 * MB, help="bytes, or 40M (%(default)s)")
    add("--rounds", type=count, default=4, help="rounds to play (%(default)s)")
    add("--keep", type=count, default=2, help="rounds whose arrays stay alive (%(default)s)")
    add("--object-store-memory", type=size, help="size of Ray's store (as the arrays need)")
    add("--temp-dir", help="Ray's session directory; short, for its sockets (a new one in /tmp)")
    add("--psutil", action="store_true", help="report RSS, USS, PSS and SHR at the peak, too")
    add("--report", help="file for the report (JSON)")
    add("--hold", type=float, default=3, help="seconds to stay at the hold point (%(default)s)")
    add("--ready", help="file to write at the hold point: pids and the store's use (JSON)")
    add("--until", help="stay at the hold point until this file exists")
    add("--deadline", type=float, default=120, help="longest wait for --until (%(default)s s)")
    args = parser.parse_args()
    args.keep = min(args.keep, args.rounds)
    if args.object_store_memory is None:
        # One round in flight and the rounds that are kept. Above 80 % Ray begins to spill to disk.
        arrays = 2 * args.clients * min(args.keep + 1, args.rounds)
        args.object_store_memory = max(int(arrays * args.array_size * 1.6), 100 * MB)
    return args


def terminate(number, _):
    sys.exit(128 + number)


def main():
    args = arguments()
    signal.signal(signal.SIGTERM, terminate)
    temp_dir = args.temp_dir or tempfile.mkdtemp(prefix="rr-", dir="/tmp")
    ray = None
    try:
        ray = start_ray(args, temp_dir)
        # Ray's own handler, set in init, would leave our directory behind.
        signal.signal(signal.SIGTERM, terminate)
        report = play(ray, args)
        if args.report:
            write_json(args.report, report)
    finally:
        if ray:
            ray.shutdown()
        if not args.temp_dir:
            shutil.rmtree(temp_dir, ignore_errors=True)


if __name__ == "__main__":
    main()
