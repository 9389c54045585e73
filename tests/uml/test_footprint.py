# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps on cgroup v2 with known memory, and the figures in their records. Sizes in MiB."""
import os
import time
from collections import namedtuple

import pytest

import machine
import slurm
import workload
from machine import MIB, OPTION, about

# workload: options of tests/workloads/store. The sizes are what the workload makes. file: page cache, at least.
# pss: the shared memory that smaps shows at the same time.
Row = namedtuple("Row", "workload private shared file fallback pss", defaults=(0, 0, 0, 0, None))

ROWS = {
    "4 readers of one store": Row("--processes=4 --shared=64 --private=8", private=32, shared=64, pss=64),
    "page cache": Row("--processes=1 --shared=0 --private=8 --cache=64", private=8, file=64),
    "copy on write": Row("--processes=4 --shared=0 --private=0 --heap=64", private=64),
    "store mapped by nobody": Row("--processes=2 --shared=64 --private=8 --unmap", private=16, shared=64, pss=0),
    "memfd": Row("--processes=3 --kind=memfd --shared=32 --private=4", private=12, shared=32, pss=32),
    "sysv": Row("--processes=3 --kind=sysv --shared=32 --private=4", private=12, shared=32, pss=32),
    "file on disk": Row("--processes=3 --kind=file --shared=32 --private=4", private=12, file=32, fallback=32),
    "daemonised": Row("--processes=1 --shared=16 --private=16 --daemon", private=16, shared=16, pss=16),
    "nested cgroup": Row("--processes=2 --shared=16 --private=16 --cgroup", private=32, shared=16, pss=16),
    "daemonised, nested": Row("--processes=2 --shared=16 --private=16 --daemon --cgroup", private=32, shared=16, pss=16),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_footprint(row, record_property):
    with workload.held(["--mem=800", OPTION], row.workload.split()) as step:
        # The cgroup's figures are read at each look, and the processes, so RSS, once a second.
        truth = step.seen_for(1.5).truth()
        kernel = machine.kernel_truth(step.made()["parent"])
        run = step.release()
    assert run.rc == 0, run.err
    record = slurm.record(run.job)
    peak = record["peak"]
    record_property("truth", f"{truth} {kernel}")
    record_property("peak", str(peak))

    assert record["source"] == "cgroup"
    assert peak["footprint"] == about(row.private + row.shared)
    for word, mib in (("private", row.private), ("shared", row.shared)):
        assert peak[word] == about(mib), word
        assert peak[word] == pytest.approx(kernel[word], rel=0.02, abs=MIB / 4), word
    assert peak["file"] >= row.file * MIB
    assert peak["fallback"] == about(row.fallback)
    if row.pss is not None:
        assert truth["pss_shmem"] == about(row.pss)
    machine.check_sum(peak)

    if "--unmap" not in row.workload:
        # Otherwise the peak may be of a moment at which all processes mapped it.
        assert peak["rss"] == pytest.approx(truth["rss"], rel=0.02)
        assert peak["kernel"] == pytest.approx(kernel["kernel"], rel=0.1, abs=MIB / 4)
    else:
        assert peak["kernel"] >= 0.9 * kernel["kernel"]
    assert record["inflation"] == pytest.approx(peak["rss"] / peak["footprint"], rel=0.1)
    assert peak["footprint"] <= record["bound"]
    # All charged memory is in one of the parts, except kernel memory that could be dropped.
    parts = sum(peak[word] for word in ("private", "shared", "kernel", "file"))
    assert parts - MIB < peak["charged"]
    if not row.file:
        # Otherwise more of the file is read while it is measured.
        assert peak["charged"] < parts + 4 * MIB
    assert record["limit"] == 800 * MIB
    assert (record["oom"]["verdict"], record["oom"]["kills"], record["oom"]["victims"]) == ("none", 0, [])


def test_maxrss_is_corrected_here_too():
    with workload.held(["--mem=800", OPTION + "=maxrss=pss"], ROWS["4 readers of one store"].workload.split()) as step:
        truth = step.seen_for(2.5).truth()
        seen = machine.maxrss(step.job)
        assert step.release().rc == 0
    assert seen == pytest.approx(truth["pss"], rel=0.1)


def test_spike_between_two_looks(looks_only_at_the_end):
    options = "--processes=1 --shared=8 --private=8 --spike=48 --spike-ms=30".split()
    with workload.held(["--mem=800", OPTION], options) as step:
        pid = step.made()["parent"]
        slurm.wait_for(lambda: machine.kernel_truth(pid)["memory.peak"] >= 64 * MIB, 30, "the spike")
        slurm.wait_for(lambda: machine.kernel_truth(pid)["private"] < 16 * MIB, 30, "the spike to be over")
        kernel = machine.kernel_truth(pid)
        run = step.release()
    assert run.rc == 0, run.err
    record = slurm.record(run.job)
    assert record["peak"]["footprint"] < 32 * MIB, "it was seen, so this proves nothing"
    assert 64 * MIB <= record["bound"]
    assert record["bound"] == pytest.approx(kernel["memory.peak"], rel=0.05)


def test_orphan_without_environment():
    """A process that is no descendant of the task, and has no known environment at the first sample."""
    ready, until = (f"{slurm.OUTPUT}/orphan.{name}" for name in ("ready", "until"))
    store = f"{workload.STORE} --processes=1 --shared=0 --private=32 --ready={ready} --until={until}"
    script = f"(setsid env -i {store} >/dev/null 2>&1 </dev/null &); until [ -e {until} ]; do sleep 0.1; done"
    step = slurm.start("srun", "-n1", "--mem=100", OPTION, "sh", "-c", script)
    try:
        slurm.wait_for(lambda: os.path.exists(ready), 30, "the orphan to be ready")
        began = time.monotonic()
        slurm.wait_for(lambda: time.monotonic() - began > 0.5, 2, "some looks")
        with open(until, "w", encoding="ascii"):
            pass
        run = step.wait()
    finally:
        step.end()
    assert run.rc == 0, run.err
    assert slurm.record(run.job)["peak"]["private"] == about(32)


# Pages on their way through pipes: no process maps them any more, and nothing can drop them. What comes last is the peak.
IN_A_PIPE = """
import ctypes, fcntl, mmap, os, time
PIPES, PIECE, F_SETPIPE_SZ = 40, 1 << 20, 1031
libc = ctypes.CDLL(None, use_errno=True)
kept = []
for _ in range(PIPES):
    end, begin = os.pipe()
    fcntl.fcntl(begin, F_SETPIPE_SZ, PIECE)
    memory = mmap.mmap(-1, PIECE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.write(b"x" * PIECE)
    kept.append(memory)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    assert libc.vmsplice(begin, (ctypes.c_size_t * 2)(address, PIECE), 1, 0) == PIECE, ctypes.get_errno()
    assert libc.munmap(ctypes.c_void_p(address), ctypes.c_size_t(PIECE)) == 0
last = b"x" * (8 * PIECE)
time.sleep(3)
os._exit(0)
"""


def test_pages_that_nobody_maps_are_unattributed():
    run = slurm.srun("-n1", "--mem=400", OPTION, "python3", "-c", IN_A_PIPE)
    assert run.rc == 0, run.err
    peak = slurm.record(run.job)["peak"]
    assert peak["charged"] > 40 * MIB and peak["private"] < 30 * MIB
    assert 38 * MIB < peak["unattributed"] < 44 * MIB
