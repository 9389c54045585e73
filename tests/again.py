# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios and rigs that failed and are tried once more, in JUnit files of pytest.

again.py broken FIRST RIG LOG   for a rig that failed: where no scenario in FIRST did, adds the rig itself as a test that failed,
                                with the reason from LOG, what the rig printed. Ends with 1 where a scenario did
again.py failed FIRST WORD      prints a line for each test that failed, "WORD: TEST: REASON"
again.py merge FIRST SECOND     replaces in FIRST what failed by what SECOND says of the same scenario, or all of FIRST if the
                                rig failed
"""
import re
import shutil
import sys
import xml.etree.ElementTree as ElementTree

RIG = "rig"  # stands for the class of a rig as a test


def key(case):
    return case.get("classname"), case.get("name")


def parse(path):
    """The JUnit file, or an empty one: a rig that breaks leaves none, or a part of one."""
    try:
        return ElementTree.parse(path)
    except (OSError, ElementTree.ParseError):
        return ElementTree.ElementTree(ElementTree.Element("testsuites"))


def failures(tree):
    """The failed tests of a JUnit file: {key: why}"""
    found = {}
    for case in tree.iter("testcase"):
        for child in case:
            if child.tag in ("failure", "error"):
                found[key(case)] = (child.get("message") or "").split("\n", 1)[0]
    return found


def why_broken(text):
    """What private-slurm said, otherwise the last line."""
    lines = [line for line in text.splitlines() if line.strip()]
    said = [line for line in lines if re.match(r"private-slurm: |INTERNALERROR", line)]
    return (said or lines[-1:] or ["nothing was printed"])[0]


def add_broken(first, rig, log):
    tree = parse(first)
    if failures(tree):
        return 1
    with open(log, errors="replace", encoding="utf-8") as file:
        why = why_broken(file.read())
    suite = ElementTree.SubElement(tree.getroot(), "testsuite", name=rig)
    case = ElementTree.SubElement(suite, "testcase", classname=RIG, name=f"rig {rig}")
    ElementTree.SubElement(case, "error", message=why)
    tree.write(first, encoding="utf-8", xml_declaration=True)
    return 0


def show_failed(first, word):
    for (_, name), why in failures(parse(first)).items():
        print(f"{word}: {name}: {why[:160]}")
    return 0


def merge(first, second):
    tree = parse(first)
    failed = failures(tree)
    if any(classname == RIG for classname, _ in failed):
        shutil.copy(second, first)
        return 0
    better = {}
    for case in parse(second).iter("testcase"):
        better.setdefault(key(case), []).append(case)
    for suite in tree.iter("testsuite"):
        # A scenario that failed at its end stands there twice.
        for case in [case for case in suite if case.tag == "testcase" and key(case) in failed and key(case) in better]:
            suite.remove(case)
        suite.extend(case for one, cases in better.items() if one in failed for case in cases)
    tree.write(first, encoding="utf-8", xml_declaration=True)
    return 0


if __name__ == "__main__":
    sys.exit({"broken": add_broken, "failed": show_failed, "merge": merge}[sys.argv[1]](*sys.argv[2:]))
