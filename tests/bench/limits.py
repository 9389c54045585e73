# SPDX-License-Identifier: GPL-2.0-or-later
"""The limits of the benchmarks: ratios within one run, and counts that do not depend on load."""

# Time of smaps_rollup in C divided by the time of a look, by the size of the store in MiB.
STEADY = {64: 500, 1024: 7000, 4096: 25000}
COLD = {64: 25, 1024: 300, 4096: 1200}

FLOOR = 1.25
TICK_64_US = 150
STORE_RATIO = 1.1
ERROR = 0.01

# --quick finds gross regressions: noise on a loaded machine stays below these limits.
QUICK_FLOOR = 2.0
QUICK_STEADY = 250
QUICK_COLD = 12
# Instructions of a steady tick in this project's code: the figure of callgrind and half as many again.
INSTRUCTIONS_TICK = 5000
INSTRUCTIONS_PROCESS = 1000

# The time of a look is linear in the number of processes. Compared is the cost per process beyond the bare reads, among
# many processes and among few: the reads themselves cost more among many, because the kernel's data leaves the caches.
SCALE = (500, 5000)
SCALE_RATIO = 1.1
SCALE_COLD_RATIO = 1.25

# A look at a control group takes three reads; the floor takes two.
GROUP_RATIO = 1.5
QUICK_GROUP_RATIO = 3
GROUP_INSTRUCTIONS = 20000


# A poll of Slurm with exact figures, beyond the same poll with RSS, and against a poll that walks page tables.
POLL_EXACT_US = 150
POLL_RATIO = {(16, 1024): 100}
# With --quick gross regressions only: a lock, a walk or a wait in the poll.
QUICK_POLL_EXACT_US, QUICK_POLL_RATIO = 1000, 5


def one(what, value, limit, at_most=True):
    return {"what": what, "value": value, "limit": limit, "at_most": at_most,
            "ok": value <= limit if at_most else value >= limit}


def of_configuration(r, quick):
    us, name = r["us"], f"{r['processes']} x {r['store']} MiB"
    checks = [one(f"{name}: tick / floor", r["tick_to_floor"], QUICK_FLOOR if quick else FLOOR)]
    if r["processes"] >= 8 and (quick or r["store"] in STEADY):
        checks += [one(f"{name}: smaps_rollup / tick", us["rollup"] / us["tick"],
                       QUICK_STEADY if quick else STEADY[r["store"]], at_most=False),
                   one(f"{name}: smaps_rollup / cold", us["rollup"] / us["cold"],
                       QUICK_COLD if quick else COLD[r["store"]], at_most=False)]
    if r["processes"] == 64 and not quick:
        checks.append(one(f"{name}: tick, us", us["tick"], TICK_64_US))
    checks += [one(f"{name}: error of {part}", abs(error), ERROR) for part, error in r["errors"].items()]
    checks.append(one(f"{name}: allocations in a tick", r["allocations"], 0))
    if "calls" in r:
        checks.append(one(f"{name}: system calls less N + I", r["calls"] - r["processes"] - r["objects"], 3))
    if "instructions" in r:
        checks.append(one(f"{name}: instructions of a tick", r["instructions"],
                          INSTRUCTIONS_TICK + INSTRUCTIONS_PROCESS * r["processes"]))
    return checks


def check(results, quick):
    checks = [c for r in results for c in of_configuration(r, quick)]
    for r in results:
        if "tick_to_small" in r:
            checks.append(one(f"{r['processes']}: tick at {r['store']} MiB / at {r['small']} MiB", r["tick_to_small"],
                              STORE_RATIO))
    few, many = scale(results)
    if few and many:
        checks.append(one(f"{SCALE[1]} against {SCALE[0]}: tick / floor", many["tick_to_floor"] / few["tick_to_floor"],
                          SCALE_RATIO))
        checks.append(one(f"{SCALE[1]} against {SCALE[0]}: cold per process",
                          many["us"]["cold"] / SCALE[1] / (few["us"]["cold"] / SCALE[0]), SCALE_COLD_RATIO))
    return checks


def scale(results):
    return (next((r for r in results if r["processes"] == n), None) for n in SCALE)


def check_single(s, quick):
    group, new = s["group"], s["noticed"]
    checks = [one("new processes not noticed within one tick", new["missed"], 0)]
    if "us" in group:
        checks.append(one("control group tick / two bare preads", group["ratio"],
                          QUICK_GROUP_RATIO if quick else GROUP_RATIO))
    if "instructions" in group:
        checks.append(one("instructions of a control group tick", group["instructions"], GROUP_INSTRUCTIONS))
    return checks


def check_polls(results, quick):
    checks = []
    for r in results:
        us, name = r["us"], f"{r['processes']} x {r['store']} MiB"
        checks.append(one(f"{name}: exact beyond rss, us", r["exact_beyond_rss_us"],
                          QUICK_POLL_EXACT_US if quick else POLL_EXACT_US))
        wanted = QUICK_POLL_RATIO if quick else POLL_RATIO.get((r["processes"], r["store"]))
        if wanted:
            checks.append(one(f"{name}: pss / exact", us["pss"] / us["exact"], wanted, at_most=False))
    return checks


def show(checks, results):
    few, many = scale(results)
    for name in ("tick", "floor", "cold", "rollup") if few and many else ():
        print(f"{name}: {few['us'][name] / SCALE[0]:.2f} us per process of {SCALE[0]}, "
              f"{many['us'][name] / SCALE[1]:.2f} us of {SCALE[1]}")
    print()
    for c in checks:
        print(f"{'ok    ' if c['ok'] else 'MISSED'} {c['what']:68} {c['value']:12,.4g} "
              f"{'<=' if c['at_most'] else '>='} {c['limit']:,}")
