# SPDX-License-Identifier: GPL-2.0-or-later
"""Adds up a folder of results: NAME.stage (passed or failed), NAME.xml (JUnit) and NAME.log (automake's make check).

The end names what was skipped, what passed at the second try, and each test that failed, with the first line of the reason.
"""
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import namedtuple

# failed and skipped: a line for each
Counts = namedtuple("Counts", "passed failed skipped")

# Where a log tells why: assertions of libcheck and pytest, valgrind and sanitizers, compilers, our scripts, make.
REASONS = (r":\d+:[FE]:[^:]*:(.*)$", r"^E   +(.*)$", r"^(FAILED .*|MISSED .*)$", r"^==\d+== ?(.*)$", r"(\berror: .*)$",
           r"^(run: .*)$", r"^(make.*\*\*\* .*)$")


def reason(log):
    """The line of a log that tells best why, or the last one."""
    for pattern in REASONS:
        found = re.search(pattern, log, re.MULTILINE)
        if found:
            return found[1].strip()
    return (log.strip().splitlines() or ["nothing was printed"])[-1]


def junit(path):
    """The counts of a JUnit file."""
    passed, failed, skipped = 0, [], []
    for case in ElementTree.parse(path).iter("testcase"):
        skip = case.find("skipped")
        broken = [child for child in case if child.tag in ("failure", "error")]
        if skip is not None:
            skipped.append(f"{case.get('name')}: {skip.get('message')}")
        elif broken:
            why = (broken[0].get("message") or "").strip().split("\n", 1)[0]
            failed.append(f"{path.stem}: {case.get('name')}: {why}")
        else:
            passed += 1
    return Counts(passed, failed, skipped)


def automake(name, log):
    """The counts of a log of make check. With VERBOSE=1 it has the logs of the tests that failed, which tell why."""
    passed = sum(int(n) for n in re.findall(r"^# PASS: +(\d+)$", log, re.MULTILINE))
    skipped = re.findall(r"^SKIP: (.*)$", log, re.MULTILINE)
    names = dict.fromkeys(re.findall(r"^(?:FAIL|ERROR|XPASS): (tests/.*)$", log, re.MULTILINE))
    failed = []
    for test in names:
        own = re.search(rf"^\w+: {re.escape(test)}\n=+\n(.*?)^\w+ {re.escape(test)} \(exit status", log, re.MULTILINE | re.DOTALL)
        failed.append(f"{name}: {test}: {reason(own[1]) if own else 'its log is not here'}")
    return Counts(passed, failed, list(dict.fromkeys(skipped)))


def stage(path):
    """The result of a stage counts as a test."""
    if path.read_text().strip() == "passed":
        return Counts(1, [], [])
    log = path.with_suffix(".log")
    why = reason(log.read_text(errors="replace")) if log.exists() else "there is no log"
    return Counts(0, [f"stage {path.stem}: {why}"], [])


def counts(path):
    if path.suffix == ".stage":
        return stage(path)
    if path.suffix == ".xml":
        return junit(path)
    if path.suffix == ".log":
        return automake(path.stem, path.read_text(errors="replace"))
    return Counts(0, [], [])


def second_tries(folder):
    """What was tried again: lines of a log, and the logs of stages that failed at first."""
    for path in sorted(folder.glob("*.log")):
        for line in re.findall(r"^again: (.*)$", path.read_text(errors="replace"), re.MULTILINE):
            yield f"{path.stem}: {line}"
    for path in sorted(folder.glob("*.first")):
        yield f"stage {path.stem}: {reason(path.read_text(errors='replace'))}"


def main(folder):
    folder = pathlib.Path(folder)
    found = [counts(path) for path in sorted(folder.iterdir())]
    skipped = [line for one in found for line in one.skipped]
    failed = [line for one in found for line in one.failed]
    passed = sum(one.passed for one in found)
    for word, lines in ("skipped", skipped), ("again", second_tries(folder)), ("failed", failed):
        for line in lines:
            print(f"{word}: {line[:300]}")
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
