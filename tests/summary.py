# SPDX-License-Identifier: GPL-2.0-or-later
"""Adds up a folder of results: NAME.stage (passed or failed), NAME.xml (JUnit) and NAME.log (automake's make check)."""
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree


def junit(path):
    """The counts of a JUnit file: passed, failed, [reason of each skipped test]"""
    passed, failed, skipped = 0, 0, []
    for case in ElementTree.parse(path).iter("testcase"):
        skip = case.find("skipped")
        if skip is not None:
            skipped.append(f"{case.get('name')}: {skip.get('message')}")
        elif case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        else:
            passed += 1
    return passed, failed, skipped


def automake(log):
    """The same counts of a log of make check."""
    def count(*words):
        return sum(int(n) for word in words for n in re.findall(rf"^# {word}: +(\d+)$", log, re.MULTILINE))
    skipped = re.findall(r"^SKIP: (.*)$", log, re.MULTILINE)
    return count("PASS"), count("FAIL", "ERROR", "XPASS"), skipped


def main(folder):
    passed, failed, skipped = 0, 0, []
    for path in sorted(pathlib.Path(folder).iterdir()):
        if path.suffix == ".stage":
            result = 1, 0, []
            if path.read_text().strip() != "passed":
                result = 0, 1, []
        elif path.suffix == ".xml":
            result = junit(path)
        elif path.suffix == ".log":
            result = automake(path.read_text(errors="replace"))
        else:
            continue
        passed += result[0]
        failed += result[1]
        skipped += result[2]
    for reason in skipped:
        print("skipped:", reason)
    print(f"{passed} passed, {failed} failed, {len(skipped)} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
