#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Check that the sources keep the rules of HACKING: layers, includes, sizes, and headers that compile alone.

make check runs it. By hand: tests/layers/check.py [SOURCE-DIRECTORY]. Two variables of the environment add checks:
HEADER_COMPILE is a compiler with its flags; each header of lib/, plugin/ and tools/ is compiled alone with it.
BUILT_PLUGIN is the built ray_pss.so; it may need no shared library but libc.
"""
import concurrent.futures
import os
import pathlib
import re
import shlex
import statistics
import subprocess
import sys

# The layers. Each one is named with the layers that its files may include beside their own, and nothing else.
# LOOK is what lib/measure gives away: values that say what one look saw, and a pure function over them. Later layers know
# no other part of a measurement.
LOOK = ("lib/measure/look.h", "lib/measure/sample.h", "lib/measure/shares.h", "lib/measure/source.h")
LIBRARY = ("lib/base", "look", "lib/measure/procfs", "lib/measure/cgroup", "lib/measure", "lib/account", "lib/results")
MAY_INCLUDE = {
    "lib/base": (),
    "look": ("lib/base",),
    "lib/measure/procfs": ("lib/base", "look"),
    "lib/measure/cgroup": ("lib/base", "look", "lib/measure/procfs"),
    "lib/measure": ("lib/base", "look", "lib/measure/procfs", "lib/measure/cgroup"),
    "lib/account": ("lib/base", "look"),
    "lib/results": ("lib/base", "look", "lib/account"),
    "plugin/common": LIBRARY,
    "plugin/confine": ("lib/base", "plugin/common"),
    "plugin/spank/exact": ("lib/base", "plugin/common"),
    "plugin/spank": (*LIBRARY, "plugin/common", "plugin/spank/exact"),
    "plugin/raypssd": (*LIBRARY, "plugin/common", "plugin/confine"),
    "plugin/publisher": (*LIBRARY, "plugin/common", "plugin/confine"),
    "tools/metrics/http": ("lib/base", "plugin/confine"),
    "tools": (*LIBRARY, "plugin/common", "plugin/spank/exact", "tools/metrics/http"),
}

# Headers of libraries that must not come into slurmstepd.
FOREIGN = ("jansson.h", "hwloc.h", "cap-ng.h", "seccomp.h", "libcgroup.h", "sys/acl.h")
# What configure makes has no folder.
GENERATED = ("config.h",)
# ASan and UBSan are there in a build with --enable-sanitizers only.
PLUGIN_LIBRARIES = re.compile(r"libc\.so|ld-linux|libasan\.so|libubsan\.so")

FILE_LINES, TEST_LINES, MEDIAN_LINES = 400, 450, 150
FUNCTION_LINES, FUNCTION_P90 = 80, 30

INCLUDE = re.compile(r'^#\s*include\s+(["<])([^">]+)[">]', re.M)
FUNCTION_NAME = re.compile(r"(\w+)\s*\(")


def layer_of(path):
    """The layer of a file, by the longest folder that has it. None where no layer has it."""
    if path in LOOK:
        return "look"
    folders = [layer for layer in MAY_INCLUDE if path.startswith(layer + "/")]
    return max(folders, key=len, default=None)


def sources(top):
    """Text of each C file by its path from the top."""
    found = {}
    for room in ("lib", "plugin", "tools", "tests"):
        for path in sorted((top / room).rglob("*.[ch]")):
            found[path.relative_to(top).as_posix()] = path.read_text(encoding="utf-8")
    return found


def includes(text):
    return [(kind == '"', name) for kind, name in INCLUDE.findall(text)]


def resolve(name, files):
    """The file that an include names: libraypss's headers are named from lib/, others from the top."""
    return next((path for path in ("lib/" + name, name) if path in files), None)


def check_includes(files):
    for path, text in files.items():
        layer = layer_of(path)
        if path.startswith("tests/"):
            continue
        if not layer:
            yield f"{path}: belongs to no layer"
            continue
        for quoted, name in includes(text):
            if not quoted or name in GENERATED:
                continue
            target = resolve(name, files)
            if "/" not in name:
                yield f'{path}: "{name}" is included without its folder'
            elif not target:
                yield f'{path}: "{name}" is not in the sources'
            elif layer_of(target) not in (layer, *MAY_INCLUDE[layer]):
                yield f"{path} ({layer}): may not include {target} ({layer_of(target)})"


def system_headers(paths, files):
    """Names of the system's headers that the paths include, directly or through headers of this repository."""
    seen, foreign, waiting = set(), set(), list(paths)
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for quoted, name in includes(files[path]):
            target = resolve(name, files) if quoted else None
            if target:
                waiting.append(target)
            elif not quoted:
                foreign.add(name)
    return foreign


def check_slurmstepd(files):
    """What runs inside slurmstepd includes no header of a library that slurmstepd does not have."""
    for path in files:
        if path.startswith("plugin/spank/") and path.endswith(".c"):
            for name in sorted(system_headers([path], files) & set(FOREIGN)):
                yield f"{path}: <{name}> comes into slurmstepd"


def functions(text):
    """Name, number of lines, and body of each function. By .clang-format a body's braces stand at the line's begin."""
    lines = text.split("\n")
    for begin, line in enumerate(lines):
        if line != "{":
            continue
        end = next((i for i in range(begin, len(lines)) if lines[i].startswith("}")), len(lines) - 1)
        head = begin
        while head > 0 and lines[head - 1] and not re.match(r"[#/}]|.*[;*]/?$", lines[head - 1]):
            head -= 1
        name = FUNCTION_NAME.search("\n".join(lines[head:begin]))
        yield (name[1] if name else "?"), end - begin + 1, "\n".join(lines[begin + 1:end])


def without_text(body):
    """The code without comments and strings."""
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"', "", body, flags=re.S)


def check_files(files):
    for path, text in files.items():
        if not text.startswith("/* SPDX-License-Identifier: GPL-2.0-or-later */\n"):
            yield f"{path}: the first line is not the SPDX line"
        most = TEST_LINES if path.startswith("tests/") else FILE_LINES
        if text.count("\n") > most:
            yield f"{path}: {text.count(chr(10))} lines, more than {most}"
        for name, lines, body in functions(text):
            if lines > FUNCTION_LINES:
                yield f"{path}: {name}() has {lines} lines, more than {FUNCTION_LINES}"
            if re.search(rf"(?<![\w.>]){re.escape(name)}\s*\(", without_text(body)):
                yield f"{path}: {name}() calls itself"


def check_sizes(files):
    """Of the product alone: tests are long lists."""
    ours = {path: text for path, text in files.items() if not path.startswith("tests/") and path.endswith(".c")}
    sizes = [lines for text in ours.values() for _, lines, _ in functions(text)]
    median = statistics.median(text.count("\n") for text in ours.values())
    if median > MEDIAN_LINES:
        yield f"the median of the .c files has {median:.0f} lines, more than {MEDIAN_LINES}"
    p90 = statistics.quantiles(sizes, n=10)[-1] if len(sizes) > 1 else 0
    if p90 > FUNCTION_P90:
        yield f"one function in ten has {p90:.0f} lines or more; allowed are {FUNCTION_P90}"


def check_headers(top, files, command):
    def compile_alone(path):
        run = subprocess.run([*command, "-fsyntax-only", "-x", "c", "-"], input=f'#include "{path}"\n',
                             capture_output=True, text=True, check=False)
        return run.returncode, run.stderr

    headers = [path for path in files if path.endswith(".h") and not path.startswith("tests/")]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, (rc, said) in zip(headers, pool.map(compile_alone, [str(top.resolve() / path) for path in headers])):
            if rc:
                yield f"{path}: does not compile alone:\n{said.rstrip()}"


def check_plugin(plugin):
    """The built plugin needs libc alone."""
    run = subprocess.run(["readelf", "-d", plugin], capture_output=True, text=True, check=True)
    for name in re.findall(r"\(NEEDED\).*\[(.*)\]", run.stdout):
        if not PLUGIN_LIBRARIES.match(name):
            yield f"{plugin}: needs {name}"


def problems(top, command=(), plugin=None):
    top = pathlib.Path(top)
    files = sources(top)
    assert files, f"there are no sources in {top}"
    yield from check_includes(files)
    yield from check_slurmstepd(files)
    yield from check_files(files)
    yield from check_sizes(files)
    if command:
        yield from check_headers(top, files, command)
    if plugin:
        yield from check_plugin(plugin)


def main():
    top = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    found = list(problems(top, shlex.split(os.environ.get("HEADER_COMPILE", "")), os.environ.get("BUILT_PLUGIN")))
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
