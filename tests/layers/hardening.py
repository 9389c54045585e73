#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Check in the built binaries that they are hardened as configure found possible, and what ray_pss.so exports.

make check runs it in the build directory. Variables of the environment: BUILT_PLUGIN, BUILT_PROGRAMS, and HARDENED, the
flags that configure chose for the compiler and the linker.
"""
import os
import re
import subprocess
import sys

EXPORTS = re.compile(r"slurm_spank_\w+|plugin_(name|type|version)|spank_plugin_version")
ENDBR64 = b"\xf3\x0f\x1e\xfa"


def readelf(path, *options):
    return subprocess.run(["readelf", "-W", *options, path], capture_output=True, text=True, check=True).stdout


def symbols(path):
    """(name, whether it is defined) of each dynamic symbol."""
    for line in readelf(path, "--dyn-syms").splitlines():
        words = line.split()
        if len(words) >= 8 and words[0].rstrip(":").isdigit():
            yield words[7].split("@")[0], words[6] != "UND"


def problems_of(path, is_program, flags):
    """What is wrong with one binary. Only what configure chose is asked for."""
    segments, dynamic, names = readelf(path, "-l"), readelf(path, "-d"), dict(symbols(path))
    stack = re.search(r"GNU_STACK.*", segments)
    with open(path, "rb") as f:
        content = f.read()
    if "relro" in flags and "GNU_RELRO" not in segments:
        yield "is without RELRO"
    if ",now" in flags and "NOW" not in dynamic:
        yield "binds symbols lazily"
    if "noexecstack" in flags and (not stack or "E" in stack[0].split()[6:7][0]):
        yield "has an executable stack"
    if re.search(r"LOAD.* RWE ", segments):
        yield "has memory that is writable and executable"
    if is_program and "-pie" in flags and "PIE" not in dynamic:
        yield "is no position-independent program"
    if "TEXTREL" in dynamic:
        yield "has relocations in its code"
    if "-fstack-protector" in flags and "__stack_chk_fail" not in names:
        yield "is without stack protector"
    if "_FORTIFY_SOURCE" in flags and not any(re.fullmatch(r"__\w+_chk", name) for name in names):
        yield "is without checked copies (_FORTIFY_SOURCE)"
    if "-fcf-protection" in flags and os.uname().machine == "x86_64" and content.count(ENDBR64) < 10:
        yield "is without endbr64 (-fcf-protection)"
    if not is_program:
        for name, defined in names.items():
            if defined and name and not EXPORTS.fullmatch(name):
                yield f"exports {name}"


def main():
    plugin, programs, flags = os.environ["BUILT_PLUGIN"], os.environ["BUILT_PROGRAMS"].split(), os.environ["HARDENED"]
    found = [f"{path}: {problem}" for path in (plugin, *programs) for problem in
             problems_of(path, path in programs, flags)]
    print("\n".join(found) or f"{len(programs) + 1} binaries are hardened: {flags}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
