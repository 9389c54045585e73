# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios that failed and are tried once more, in JUnit files of pytest.

again.py failed FIRST         prints a line "again: .." for each scenario that failed; ends with 1 if there is none
again.py merge FIRST SECOND   replaces in FIRST what failed by what SECOND says of the same scenario
"""
import sys
import xml.etree.ElementTree as ElementTree


def key(case):
    return case.get("classname"), case.get("name")


def failures(tree):
    """The failed scenarios of a JUnit file: {key: why}"""
    found = {}
    for case in tree.iter("testcase"):
        for child in case:
            if child.tag in ("failure", "error"):
                found[key(case)] = (child.get("message") or "").split("\n", 1)[0]
    return found


def show_failed(first):
    found = failures(ElementTree.parse(first))
    for (_, name), why in found.items():
        print(f"again: {name}: {why[:160]}")
    return 0 if found else 1


def merge(first, second):
    tree = ElementTree.parse(first)
    failed = failures(tree)
    better = {}
    for case in ElementTree.parse(second).iter("testcase"):
        better.setdefault(key(case), []).append(case)
    for suite in tree.iter("testsuite"):
        # A scenario that failed at its end stands there twice.
        for case in [case for case in suite if case.tag == "testcase" and key(case) in failed and key(case) in better]:
            suite.remove(case)
        suite.extend(case for one, cases in better.items() if one in failed for case in cases)
    tree.write(first, encoding="utf-8", xml_declaration=True)
    return 0


if __name__ == "__main__":
    sys.exit({"failed": show_failed, "merge": merge}[sys.argv[1]](*sys.argv[2:]))
