# SPDX-License-Identifier: GPL-2.0-or-later
"""A task with memory of its own that also maps a store with other tasks. Arguments: store, its MiB (0: not
mapped; otherwise two tasks map it, 0 and 1), MiB, ready, until."""
import mmap
import os
import sys
import time

MIB = 1 << 20
store, store_mib, private_mib, ready, until = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
held = [bytearray(os.urandom(4096)) * (private_mib * MIB // 4096)]
if store_mib:
    with open(store, "a+b") as file:
        os.ftruncate(file.fileno(), store_mib * MIB)
        held.append(mmap.mmap(file.fileno(), store_mib * MIB))
    steps, me = held[1], int(os.environ["SLURM_PROCID"])
    # In step with the other task that maps the store, or the first one would have all of it for a moment.
    for at in range(1, store_mib + 1):
        steps[(at - 1) * MIB + 64:at * MIB:mmap.PAGESIZE] = bytes([1]) * -(-(MIB - 64) // mmap.PAGESIZE)
        steps[me] = at
        while steps[1 - me] < at:
            time.sleep(0.001)
ready += f".{os.environ['SLURM_PROCID']}"
with open(ready + ".new", "w", encoding="ascii") as file:
    file.write(str(os.getpid()))
os.rename(ready + ".new", ready)
end = time.monotonic() + 60
while not os.path.exists(until) and time.monotonic() < end:
    time.sleep(0.05)
