# SPDX-License-Identifier: GPL-2.0-or-later
"""Records as the plugin writes them, for scenarios about what raypss says of them."""
import copy
import json

MIB = 1 << 20


def lowest(bucket):
    """The least size of a bucket of a task's histogram."""
    return int(2 ** (16 + bucket / 4))


def middle(bucket):
    """What the plugin takes for the sizes in a bucket: a record's p50 and p95 are such sizes."""
    return int(2 ** (16 + (bucket + 0.5) / 4))


USUAL = {
    "schema": 2, "job": 7, "restart": 0, "step": "0", "node": "n1", "nodes": 1, "uid": 1000, "start": 1700000000.5,
    "elapsed": 60.0, "source": "procfs", "corrected": "pss", "slurm": {"figure": "pss", "kills": True},
    "limit": 1000 * MIB,
    "peak": {"at": 30.0, "footprint": 467 * MIB, "private": 161 * MIB, "shared": 300 * MIB, "kernel": 6 * MIB,
             "file": 2 * MIB, "swap": 0, "rss": 2876 * MIB, "store": 300 * MIB, "processes": 9},
    "rss_max": 2876 * MIB, "left": 0, "bound": None, "inflation": 6.16,
    "oom": {"verdict": "none", "scope": None, "kills": 0, "victims": []},
    "end": {"how": "completed", "code": 0, "signal": None, "at": 1700000060},
    "top": [{"pid": 101, "role": "task", "name": "ray::train", "share": 200 * MIB, "pss": None, "rss": 320 * MIB},
            {"pid": 102, "role": "actor", "name": "ray::Keeper", "share": 150 * MIB, "pss": None, "rss": 320 * MIB},
            {"pid": 90, "role": "other", "name": "python", "share": 60 * MIB, "pss": None, "rss": 80 * MIB}],
    "tasks": [{"name": "train", "kind": "task", "processes": 4, "seconds": 50.0,
               "private": {"avg": 20 * MIB, "p50": middle(33), "p95": middle(36), "peak": 40 * MIB,
                           "histogram": [{"bytes": lowest(33), "seconds": 180.0}, {"bytes": lowest(36), "seconds": 20.0}]},
               "together": {"avg": 100 * MIB, "p95": 190 * MIB, "peak": 200 * MIB}},
              {"name": "Keeper", "kind": "actor", "processes": 1, "seconds": 55.0,
               "private": {"avg": 50 * MIB, "p50": middle(38), "p95": middle(38), "peak": 60 * MIB,
                           "histogram": [{"bytes": lowest(38), "seconds": 55.0}]},
               "together": {"avg": 120 * MIB, "p95": 149 * MIB, "peak": 150 * MIB}}],
    "ray": {"capacity": 400 * MIB, "memory": 1000 * MIB, "cpus": 8, "store_on": "tmpfs",
            "store": {"peak": 300 * MIB, "end": 300 * MIB, "unmapped": 0, "last_growth": 20.0}, "fallback": 0,
            "spilled": 0, "spill_on": None, "pinned": None, "objects": None, "monitor_kills": 0, "verdict": "none"},
    "objects": [{"dev": 1, "ino": 5, "bytes": 300 * MIB, "sysv": False}], "cost": {"samples": 100},
}


def changed(base, changes):
    """A copy with other values; objects are changed inside."""
    result = copy.deepcopy(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = changed(result[key], value) if both else value
    return result


def record(**changes):
    return changed(USUAL, changes)


def write(spool, *all_records):
    """Puts records into a spool of the cluster "c" and returns the spool's path."""
    for one in all_records:
        folder = spool / "c" / str(one["job"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{one['step']}.{one['node']}.json").write_text(json.dumps(one))
    return str(spool)


KILLED = {"how": "signalled", "code": None, "signal": "KILL", "at": 1700000060}
# A step that does not use Ray.
PLAIN = {"ray": None, "tasks": [], "objects": [], "top": [
    {"pid": 41, "role": "other", "name": "solver", "share": 900 * MIB, "pss": None, "rss": 900 * MIB}]}


def plain(footprint, **changes):
    """A step of one process, sizes in MiB."""
    peak = {"footprint": footprint * MIB, "private": (footprint - 1) * MIB, "shared": 0, "kernel": MIB, "file": 0,
            "rss": footprint * MIB, "store": 0, "processes": 1}
    top = [{**PLAIN["top"][0], "share": (footprint - 1) * MIB, "rss": footprint * MIB}]
    return record(**changed({**PLAIN, "top": top, "peak": peak, "rss_max": footprint * MIB, "inflation": 1.0}, changes))


# Name -> the records of job 7.
JOBS = {
    "healthy": [record()],
    "rss-only": [record(corrected=False, slurm={"figure": "rss"}, oom={"verdict": "rss-only"}, end=KILLED)],
    "near": [plain(970, oom={"verdict": "near"})],
    "limit": [plain(1010, corrected="exact", slurm={"figure": "footprint"}, oom={"verdict": "limit"}, end=KILLED)],
    "kernel": [plain(1000, source="cgroup", bound=1000 * MIB, end=KILLED,
                     oom={"verdict": "kernel", "scope": "step", "kills": 1, "victims": [
                         {"pid": 41, "name": "solver", "anon": 900 * MIB, "file": 0, "shmem": 0}]})],
    "nothing-seen": [record(peak={key: None for key in USUAL["peak"]}, rss_max=None, inflation=None, top=[], tasks=[],
                            ray=None, objects=[], cost={"samples": 0})],
    "running": [plain(300, end={"how": "running", "code": None, "signal": None, "at": None})],
    "thousand-steps": [plain(100 + number % 400, step=str(number), start=1700000000.5 + 61 * number) for number in range(1000)],
    "64-nodes": [plain(200 + number, node=f"n{number}", nodes=64) for number in range(1, 64)]
    + [plain(1000, node="n64", nodes=64, source="cgroup", corrected=False, slurm={"figure": "rss"}, end=KILLED,
             oom={"verdict": "kernel", "scope": "job", "kills": 2})],
    "ray-failed": [record(ray={"verdict": "references-held", "memory": 4000 * MIB, "monitor_kills": 3},
                          end={"how": "failed", "code": 1})],
    "old-record": [record(schema=1, slurm=None, corrected=True, ray=None,
                          tasks=[{"name": "train", "kind": "task", "processes": 4, "avg": 1, "p95": 2, "peak": 3 * MIB}])],
}
