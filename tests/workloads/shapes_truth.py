# SPDX-License-Identifier: GPL-2.0-or-later
"""What an accountant must report for each shape of tests/workloads/shapes.

Sizes are in MiB. A value of a row is one of:
  96               exact
  (24, 70)         a range, both ends included
  AtLeast(216)     no upper end
  Fact("huge")     exact: a figure in bytes that the shape itself has printed
  True, "over"     this very value
  a function       takes the record and the shape's facts, raises AssertionError

A field of a row is a field of the record's peak, of the record itself, or "verdict".
"""
from dataclasses import dataclass, field
from typing import Any

import pytest

MIB = 1 << 20


@dataclass(frozen=True)
class AtLeast:
    mib: int


@dataclass(frozen=True)
class Fact:
    name: str


@dataclass(frozen=True)
class Shape:
    truth: dict
    cgroup: dict = field(default_factory=dict)  # where the truth with a cgroup v2 is another one; None: not checked
    program: str = ""  # the name in `shapes --list`, where the row has another
    options: tuple = ()  # of raypss run
    before: str = ""  # shell commands that run before the step starts
    user: str = ""  # who runs it, where not root
    during: str = ""  # shell commands that run at the end of the first stage
    uml: bool = True  # User Mode Linux can have it, and within a few seconds


FOUND = "head -c 48M /dev/zero >/dev/shm/found && chmod 644 /dev/shm/found"
OTHERS = " && chown 65534:65534 /dev/shm/found"
BY_OTHERS = f"setpriv --reuid=65534 --regid=65534 --clear-groups sh -c '{FOUND}'"
OLD = " && touch -d 2020-01-01 /dev/shm/found"


def shares_within_rss(record, _):
    """No process is given more than it maps and has."""
    for process in record["top"]:
        if process["pid"] is None:
            continue
        assert process["share"] <= process["rss"] + 2 * MIB, f"{process['pid']} has less than its share: {process}"


def holder_has_the_segments(record, facts):
    shares_within_rss(record, facts)
    share = {process["pid"]: process["share"] for process in record["top"]}
    assert 96 * MIB <= share[facts["holder"]] <= 102 * MIB, f"share of the holder {share}"


def has_looked(record, _):
    assert record["peak"]["processes"] >= 1, "no process was seen"


def objects_left(record, _):
    left = _reported(record, "left_objects")
    assert sorted(one["bytes"] for one in left) == [16 * MIB, 32 * MIB], left
    assert len({one["kind"] for one in left}) == 2, left
    assert any("vllm-left" in str(one.get("name")) for one in left), left


def held_or_said(record, _):
    """No file tells where the memory is: it is counted, or the record says that something is missing."""
    shared = record["peak"]["shared"]
    assert about(48, shared, record) or _reported(record, "complete") is False, f"shared: {shared / MIB:.1f} MiB"


def nothing_unheld(record, _):
    assert _reported(record, "unheld") in (0, None), record["peak"]["unheld"]


SHAPES = {
    # Private memory
    "plain": Shape({"private": 157, "shared": 0, "complete": True, "left": 0, "unheld": nothing_unheld,
                    "locked": 0, "hugetlb": 0}),
    "lazy-free": Shape({"private": 32, "lazyfree": 96}, cgroup={"private": (32, 128)}),
    "copied-on-write": Shape({"private": 192, "shared": 0}),
    "equal-addresses": Shape({"private": 320, "shared": 0}),
    "equal-and-short": Shape({"private": 288, "shared": 0}),
    "sparse-huge-pages": Shape({"private": Fact("huge"), "shared": 0}, uml=False),
    "merged": Shape({"private": (16, 37), "shared": 0, "merged": Fact("merged")}, uml=False),
    "spike": Shape({"bound": (216, 240)}),
    "spike-of-a-memfd": Shape({"private": 16}, cgroup={"bound": AtLeast(216)}),
    "short": Shape({"bound": (48, 60), "processes": has_looked}),
    "over-the-limit": Shape({"verdict": "over"}, program="plain", options=("--limit=100M",), uml=False),
    "near-the-limit": Shape({"verdict": "near"}, program="plain", options=("--limit=164M",), uml=False),
    "within-the-limit": Shape({"verdict": "none"}, program="plain", options=("--limit=300M",), uml=False),
    # Processes
    "leader-gone": Shape({"private": 100, "shared": 0}),
    "one-address-space": Shape({"private": 90, "shared": 0, "rss": AtLeast(360)}),
    "vforked": Shape({"private": 64, "shared": 0, "rss": AtLeast(128)}),
    "holder": Shape({"private": 72, "shared": 96, "top": holder_has_the_segments}),
    "holder-unmapped": Shape({"private": 72, "shared": 96, "top": shares_within_rss}),
    "leader-gone, user": Shape({"private": 100, "shared": 0}, program="leader-gone", user="nobody"),
    # Shared memory that a process maps or has open
    "mapped-thrice": Shape({"private": 0, "shared": 64, "file": (0, 6), "rss": AtLeast(192)}),
    "many-objects": Shape({"shared": 93.75, "complete": True}),
    "many-descriptors": Shape({"shared": 93.75, "complete": True}),
    "pinned": Shape({"private": 0, "shared": 64, "rss": AtLeast(256)}),
    "sparse-huge-memfd": Shape({"private": 0, "shared": Fact("huge")}, uml=False),
    "model-of-the-step": Shape({"private": 64, "shared": 48}),
    "image-of-the-node": Shape({"private": 32, "shared": 0}, program="model-found", before=FOUND + OTHERS + OLD),
    "model-before-the-step": Shape({"private": 32, "shared": 0}, program="model-found", before=FOUND),
    "model-of-another-user": Shape({"private": 32, "shared": 0}, program="model-found", during=BY_OTHERS),
    # Shared memory that no process holds
    "closed-files": Shape({"private": 64, "shared": 80, "left": 0}),
    "detached-segment": Shape({"private": 64, "shared": 48, "left": 0}),
    "own-tmpfs": Shape({"private": 64, "shared": 48}),
    "overlay": Shape({"private": 64, "shared": 48}),
    "in-flight": Shape({"private": 64, "shared": held_or_said}, cgroup={"shared": 48}),
    "left-behind": Shape({"shared": 48, "left": 48, "left_objects": objects_left}),
    # Shared memory that changes hands, size or name
    "received": Shape({"private": 0, "shared": 48, "left": 0}, uml=False),
    "tracker-unlinked": Shape({"private": 0, "shared": 48, "left": 0}, uml=False),
    "grown": Shape({"private": 0, "shared": 64}, uml=False),
    "shrunk": Shape({"private": 80, "shared": 32, "complete": True}, uml=False),
    "punched": Shape({"private": 0, "shared": 32}, uml=False),
    "private-view": Shape({"private": 24, "shared": 48}, uml=False),
    "renamed": Shape({"private": 24, "shared": 48, "left": 0}, uml=False),
    "removed-segment": Shape({"private": 0, "shared": 48, "left": 0}, uml=False),
    "equal-ids": Shape({"private": 0, "shared": 80}),
    "contained-detached": Shape({"private": 64, "shared": held_or_said}, cgroup={"shared": 48}),
    "every-rank-maps-all": Shape({"private": 0, "shared": 48}, uml=False),
    "many-backends": Shape({"private": (0, 40), "shared": 60}, uml=False),
    "undumpable": Shape({"private": 0, "shared": 48}, uml=False),
    # An ordinary user may not measure what is mapped: PSS is a lower bound.
    "renamed, user": Shape({"private": 24, "shared": 48}, program="renamed", user="nobody"),
    "shrunk, user": Shape({"shared": 96, "complete": False}, program="shrunk", user="nobody"),
    "punched, user": Shape({"private": 0, "shared": (14, 32), "complete": False}, program="punched", user="nobody"),
    "undumpable, user": Shape({"private": 0, "shared": 48, "complete": False}, program="undumpable", user="nobody"),
    # Processes that come from one another. Those that User Mode Linux leaves out were right there once, but take time.
    "executed-smaller": Shape({"private": 120, "shared": 0}, uml=False),
    "executed-by-thread": Shape({"private": 64, "shared": 0}, uml=False),
    "inherited-address-space": Shape({"private": 96, "shared": 0}, uml=False),
    "vfork-storm": Shape({"private": 96, "shared": 0}, uml=False),
    "fork-storm": Shape({"private": 96, "shared": 0}, uml=False),
    "children-free": Shape({"private": 96, "shared": 0}),
    "heirs": Shape({"private": 72, "shared": 0}, uml=False),
    "orphans": Shape({"private": 80, "shared": 0}, uml=False),
    "daemonised": Shape({"private": 48, "shared": 0}, uml=False),
    # Files
    "disk-store": Shape({"private": 32, "shared": 0, "file": 64, "fallback": 64}),
    "locked-file": Shape({"shared": 0, "file": 96, "locked": 96, "footprint": (96, 108)}),
    # Growth by less than 4 MiB is seen some seconds later.
    "locked-parts": Shape({"shared": 0, "locked": (56, 66), "footprint": (56, 76)}, uml=False),
    "locked-on-fault": Shape({"shared": 0, "locked": 32}),
    "ramfs": Shape({"private": 0, "locked": 48, "footprint": (48, 56)}),
    "secret": Shape({"private": 0, "locked": 16, "footprint": (16, 22)}),
    # Memory of the kernel
    # A cgroup is not charged with the rings.
    "packet-rings": Shape({"shared": 0, "footprint": (64, 70)}, cgroup={"footprint": None}),
    "uring": Shape({"private": 0, "shared": 0, "locked": 25, "footprint": (25, 28)}, uml=False),
    "many-threads": Shape({"shared": 0, "kernel": (23.4, 70)}, uml=False),
    "page-tables": Shape({"shared": 128, "kernel": (8, 14)}, uml=False),
    "page-tables, user": Shape({"shared": 128, "kernel": (8, 14)}, program="page-tables", user="nobody"),
    # Huge pages
    "huge-memfd": Shape({"hugetlb": 32, "shared": 0, "footprint": (0, 6)}, uml=False),
    "huge-shared": Shape({"hugetlb": 32, "shared": 0, "footprint": (0, 6)}, uml=False),
    "huge-private": Shape({"hugetlb": 32, "private": 0, "footprint": (0, 6)}, uml=False),
    "huge-segment": Shape({"hugetlb": 32, "shared": 0, "footprint": (0, 6)}, uml=False),
    "huge-file": Shape({"hugetlb": 32, "shared": 0, "footprint": (0, 6)}, uml=False),
}


def checks(source="procfs"):
    """All (shape, field) of the table for a source of figures; with a cgroup only what its machine can have."""
    for name, shape in SHAPES.items():
        if source == "procfs":
            yield from ((name, word) for word in shape.truth)
        elif shape.uml and not shape.user:
            yield from ((name, word) for word, value in {**shape.truth, **shape.cgroup}.items() if value is not None)


def parameters(not_yet, not_always=None, source="procfs"):
    """For pytest.mark.parametrize("name, word", ..): all checks, those that are known to fail marked.

    Both lists say what raypss gets wrong, as {shape: "field field"}: always, or in some of the runs.
    """
    for name, word in checks(source):
        always, sometimes = (word in known.get(name, "").split() for known in (not_yet, not_always or {}))
        marks = pytest.mark.xfail(strict=always, raises=AssertionError, reason="not yet") if always or sometimes else ()
        yield pytest.param(name, word, marks=marks, id=f"{name}: {word}")


def _reported(record, word):
    if word == "verdict":
        return record["oom"]["verdict"]
    place = record["peak"] if word in record["peak"] else record
    assert word in place, f"{word} is not in the record"
    return place[word]


def about(mib, got, record):
    """The processes themselves have memory too: 2 %, 2 MiB and 0.3 MiB for each of them are allowed."""
    slack = 0.02 * mib + 2 + 0.3 * (record["peak"]["processes"] or 1)
    return abs(got / MIB - mib) <= slack


def judge(record, facts, name, word, source="procfs"):
    """Raises AssertionError where the record is wrong about a field of a shape."""
    shape = SHAPES[name]
    wanted: Any = shape.cgroup.get(word, shape.truth.get(word)) if source == "cgroup" else shape.truth[word]
    if callable(wanted):
        assert "top" in record
        wanted(record, facts)
        return
    got = _reported(record, word)
    if isinstance(wanted, (bool, str)):
        assert got == wanted, f"{word}: {got!r}, not {wanted!r}"
        return
    assert got is not None, f"{word}: null"
    shown = f"{word}: {got / MIB:.1f} MiB, not {wanted}"
    if isinstance(wanted, Fact):
        wanted = facts[wanted.name] / MIB
        shown = f"{word}: {got / MIB:.1f} MiB, not {wanted:.1f}"
    if isinstance(wanted, AtLeast):
        assert got / MIB >= wanted.mib - 1, shown
    elif isinstance(wanted, tuple):
        assert wanted[0] - 1 <= got / MIB <= wanted[1] + 1, shown
    else:
        assert about(wanted, got, record), shown
