# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes one JUnit XML of DIR/SUITE/BED.xml for the suites given. A bed without results is an error of its own."""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def results(suite, path):
    """The test suite in BED.xml, its scenarios named after where they ran."""
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
        # It is written before the boot.
        for path in sorted(pathlib.Path(folder, suite).glob("*.arguments")):
            root.append(results(suite, path))
    print(ElementTree.tostring(root, encoding="unicode"))


if __name__ == "__main__":
    main(*sys.argv[1:])
