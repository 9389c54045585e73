#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What summary.py and again.py make of results: each failure is counted and named with its reason."""
import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import again  # noqa: E402
import summary  # noqa: E402

PASSED = '<testsuites><testsuite name="s"><testcase classname="c" name="one"/><testcase classname="c" name="two"/></testsuite></testsuites>'
FAILED = ('<testsuites><testsuite name="s"><testcase classname="c" name="one"/>'
          '<testcase classname="c" name="two"><failure message="assert 1 == 2&#10; where"/></testcase></testsuite></testsuites>')
MAKE_CHECK = """PASS: tests/unit/test_a
FAIL: tests/unit/test_b
ERROR: tests/unit/test_c
SKIP: tests/unit/test_d
# PASS:  1
# FAIL:  1
FAIL: tests/unit/test_b
=======================

Running suite(s): b
50%: Checks: 2, Failures: 1, Errors: 0
b.c:12:F:b:a_row:3: rss is 1, not 2
FAIL tests/unit/test_b (exit status: 1)

ERROR: tests/unit/test_c
========================

==7== Invalid read of size 1
ERROR tests/unit/test_c (exit status: 99)
"""
NOT_STARTED = "private-slurm: slurmctld: waited 120 s in vain until it answered\n--- the end of its log\n[2026] error\n"


def said(function, *arguments):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        rc = function(*arguments)
    return rc, out.getvalue().splitlines()


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def write(self, **files):
        for name, text in files.items():
            (self.path / name.replace("__", ".")).write_text(text, encoding="utf-8")


class Summary(Folder):
    def test_all_passed(self):
        self.write(a__stage="passed\n", a__xml=PASSED)
        self.assertEqual(said(summary.main, self.path), (0, ["3 passed, 0 failed, 0 skipped"]))

    def test_scenario(self):
        self.write(cluster__xml=FAILED)
        self.assertEqual(said(summary.main, self.path),
                         (1, ["failed: cluster: two: assert 1 == 2", "1 passed, 1 failed, 0 skipped"]))

    def test_make_check(self):
        self.write(unit__log=MAKE_CHECK, unit__stage="failed\n")
        rc, lines = said(summary.main, self.path)
        self.assertEqual(rc, 1)
        self.assertEqual(lines, [
            "skipped: tests/unit/test_d",
            "failed: unit: tests/unit/test_b: a_row:3: rss is 1, not 2",
            "failed: unit: tests/unit/test_c: Invalid read of size 1",
            "failed: stage unit: a_row:3: rss is 1, not 2",
            "1 passed, 3 failed, 1 skipped"])

    def test_stage_without_tests(self):
        for log, why in ("x\na.c:3:1: error: no\nmake: *** [x] Error 1\n", "error: no"), ("x\nlast\n\n", "last"), (
                "run: failed on shared\n", "run: failed on shared"), ("", "nothing was printed"):
            self.write(clang__log=log, clang__stage="failed\n")
            self.assertEqual(said(summary.main, self.path)[1][0], f"failed: stage clang: {why}")

    def test_second_try(self):
        self.write(cluster__log="again: two: assert 1 == 2\n", ray__first="E   no worker\n", ray__stage="passed\n")
        self.assertEqual(said(summary.main, self.path), (0, [
            "again: cluster: two: assert 1 == 2", "again: stage ray: no worker", "1 passed, 0 failed, 0 skipped"]))


class Again(Folder):
    def merged(self, first, second):
        self.write(first__xml=first, second__xml=second)
        again.merge(self.path / "first.xml", self.path / "second.xml")
        return summary.junit(self.path / "first.xml")

    def test_scenario_that_passes_then(self):
        self.write(first__xml=FAILED)
        self.assertEqual(said(again.show_failed, self.path / "first.xml", "again")[1], ["again: two: assert 1 == 2"])
        found = self.merged(FAILED, '<testsuites><testsuite><testcase classname="c" name="two"/></testsuite></testsuites>')
        self.assertEqual((found.passed, found.failed), (2, []))

    def test_scenario_that_fails_again(self):
        found = self.merged(FAILED, FAILED)
        self.assertEqual((found.passed, len(found.failed)), (1, 1))

    def test_rig_that_does_not_start(self):
        first, log = self.path / "first.xml", self.path / "log"
        self.write(log=NOT_STARTED)
        self.assertEqual(again.add_broken(first, "shared", log), 0)
        why = NOT_STARTED.splitlines()[0]
        self.assertEqual(said(again.show_failed, first, "failed")[1], [f"failed: rig shared: {why}"])
        self.assertEqual(summary.junit(first).failed, [f"first: rig shared: {why}"])
        # All of its scenarios are tried, and what they say counts.
        found = self.merged(first.read_text(encoding="utf-8"), FAILED)
        self.assertEqual((found.passed, len(found.failed)), (1, 1))

    def test_rig_that_fails_after_its_scenarios(self):
        first = self.path / "first.xml"
        self.write(first__xml=PASSED, log="2 passed\nsome last words\n")
        self.assertEqual(again.add_broken(first, "steps", self.path / "log"), 0)
        found = summary.junit(first)
        self.assertEqual((found.passed, found.failed), (2, ["first: rig steps: some last words"]))

    def test_rig_with_a_scenario_that_failed(self):
        self.write(first__xml=FAILED, log="")
        self.assertEqual(again.add_broken(self.path / "first.xml", "steps", self.path / "log"), 1)


if __name__ == "__main__":
    unittest.main()
