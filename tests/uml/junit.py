# SPDX-License-Identifier: GPL-2.0-or-later
"""Merges DIR/SUITE/BED.xml of the given suites into one JUnit XML. A bed without results counts as an error."""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def results(suite, path):
    """The test suite in BED.xml, with suite and bed in the names of the scenarios."""
    bed = path.stem
    try:
        found = ElementTree.parse(path.with_suffix(".xml")).getroot().find("testsuite")
    except (OSError, ElementTree.ParseError) as error:
        found = ElementTree.Element("testsuite", tests="1", errors="1")
        case = ElementTree.SubElement(found, "testcase", classname="boot", name="results")
        ElementTree.SubElement(case, "error", message=f"no results: {error}")
    found.set("name", f"{suite}.{bed}")
    for case in found.iter("testcase"):
        case.set("classname", f"{suite}.{bed}.{case.get('classname')}")
    return found


def main(folder, *suites):
    root = ElementTree.Element("testsuites")
    for suite in suites:
        # The file is written before the boot.
        for path in sorted(pathlib.Path(folder, suite).glob("*.arguments")):
            root.append(results(suite, path))
    print(ElementTree.tostring(root, encoding="unicode"))


if __name__ == "__main__":
    main(*sys.argv[1:])
