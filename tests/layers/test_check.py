#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each rule of check.py finds the fault that it is made for: faults are planted in a small tree, one at a time."""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import check  # noqa: E402

SPDX = "/* SPDX-License-Identifier: GPL-2.0-or-later */\n"
COMPILER = shlex.split(os.environ.get("CC", "cc"))

# A tree without faults.
TREE = {
    "lib/base/text.c": "",
    "lib/base/text.h": "int text(void);\n",
    "lib/measure/look.h": '#include "base/text.h"\n',
    "lib/measure/procfs/maps.h": '#include "measure/look.h"\n',
    "lib/measure/cgroup/tree.h": '#include "measure/procfs/maps.h"\n',
    "lib/measure/accountant.h": '#include "measure/cgroup/tree.h"\n#include "measure/pace.h"\n',
    "lib/measure/pace.h": "",
    "lib/account/account.h": '#include "measure/look.h"\n',
    "lib/results/record.h": '#include <jansson.h>\n#include "account/account.h"\n',
    "plugin/common/block.h": '#include "account/account.h"\n',
    "plugin/spank/step.h": "",
    "plugin/spank/step.c": '#include "config.h"\n#include "plugin/common/block.h"\n#include "plugin/spank/step.h"\n',
    "plugin/raypssd/raypssd.h": '#include "plugin/common/block.h"\n#include "results/record.h"\n',
    "plugin/raypssd/lifetime.h": "",
    "tools/run.c": '#include "plugin/common/block.h"\n#include "results/record.h"\n',
    "tests/unit/test_text.c": '#include "unit.h"\n#include "measure/procfs/maps.h"\n',
}


def function(name, lines, body="\t;\n"):
    return f"static int {name}(int a,\n\tint b)\n{{\n{body * (lines - 2)}}}\n"


# What is planted: file, text added to it, and what check.py must say.
FAULTS = [
    ("lib/base/text.h", '#include "measure/look.h"\n', "lib/base/text.h (lib/base): may not include"),
    ("lib/measure/look.h", '#include "account/account.h"\n', "(look): may not include"),
    ("lib/measure/procfs/maps.h", '#include "measure/accountant.h"\n', "(lib/measure/procfs): may not include"),
    ("lib/measure/procfs/maps.h", '#include "measure/cgroup/tree.h"\n', "(lib/measure/procfs): may not include"),
    ("lib/measure/cgroup/tree.h", '#include "measure/pace.h"\n', "(lib/measure/cgroup): may not include"),
    ("lib/measure/accountant.h", '#include "account/account.h"\n', "(lib/measure): may not include"),
    ("lib/account/account.h", '#include "measure/procfs/maps.h"\n', "(lib/account): may not include"),
    ("lib/account/account.h", '#include "measure/accountant.h"\n', "(lib/account): may not include"),
    ("lib/results/record.h", '#include "measure/procfs/maps.h"\n', "(lib/results): may not include"),
    ("lib/results/record.h", '#include "plugin/common/block.h"\n', "(lib/results): may not include"),
    ("plugin/common/block.h", '#include "plugin/spank/step.h"\n', "(plugin/common): may not include"),
    ("plugin/raypssd/raypssd.h", '#include "plugin/spank/step.h"\n', "(plugin/raypssd): may not include"),
    ("plugin/spank/step.h", '#include "plugin/raypssd/lifetime.h"\n', "(plugin/spank): may not include"),
    ("tools/run.c", '#include "plugin/raypssd/lifetime.h"\n', "(tools): may not include"),
    ("plugin/common/block.h", '#include "results/record.h"\n', "<jansson.h> comes into slurmstepd"),
    ("lib/account/account.h", '#include <hwloc.h>\n', "<hwloc.h> comes into slurmstepd"),
    ("tools/run.c", '#include "run.h"\n', "without its folder"),
    ("tools/run.c", '#include "base/gone.h"\n', "is not in the sources"),
    ("plugin/other.c", "", "belongs to no layer"),
    ("tools/run.c", "\n" * 400, "lines, more than 400"),
    ("tests/unit/test_text.c", "\n" * 450, "lines, more than 450"),
    ("tools/run.c", function("long_one", 81), "long_one() has 81 lines, more than 80"),
    ("tools/run.c", function("deeper", 3, "\treturn deeper(a, b);\n"), "deeper() calls itself"),
    ("tools/run.c", "".join(function(f"f{n}", 31) for n in range(4)), "one function in ten has 31 lines or more"),
]


class Check(unittest.TestCase):
    def problems(self, tree, **arguments):
        with tempfile.TemporaryDirectory() as top:
            for path, text in tree.items():
                file = pathlib.Path(top, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            return list(check.problems(top, **arguments))

    def planted(self, path, text):
        return {**{name: SPDX + body for name, body in TREE.items()}, path: SPDX + TREE.get(path, "") + text}

    def test_tree_without_faults(self):
        self.assertEqual(self.problems(self.planted("tools/run.c", function("fine", 80))), [])

    def test_planted_faults(self):
        for path, text, said in FAULTS:
            with self.subTest(path=path, text=text[:60]):
                found = self.problems(self.planted(path, text))
                self.assertEqual(len(found), 1, found)
                self.assertIn(said, found[0])

    def test_missing_spdx_line(self):
        tree = self.planted("tools/run.c", "")
        tree["tools/run.c"] = TREE["tools/run.c"]
        self.assertEqual(self.problems(tree), ["tools/run.c: the first line is not the SPDX line"])

    def test_median_of_the_files(self):
        tree = self.planted("tools/run.c", "\n" * 150)
        del tree["plugin/spank/step.c"], tree["lib/base/text.c"]
        self.assertIn("the median of the .c files", self.problems(tree)[0])

    def test_text_and_members_of_the_same_name_are_no_recursion(self):
        body = '\t/* again() */ puts("again()"); a->again(b); begin_again(a);\n'
        self.assertEqual(self.problems(self.planted("tools/run.c", function("again", 3, body))), [])

    def test_header_that_does_not_compile_alone(self):
        with tempfile.TemporaryDirectory() as top:
            for name, text in ("good.h", "int good(void);\n"), ("bad.h", "pid_t bad(void);\n"):
                pathlib.Path(top, "lib/base").mkdir(parents=True, exist_ok=True)
                pathlib.Path(top, "lib/base", name).write_text(SPDX + text, encoding="utf-8")
            files = check.sources(pathlib.Path(top))
            found = list(check.check_headers(pathlib.Path(top), files, COMPILER))
        self.assertEqual(len(found), 1, found)
        self.assertIn("lib/base/bad.h: does not compile alone", found[0])

    def test_plugin_that_needs_more_than_libc(self):
        with tempfile.TemporaryDirectory() as top:
            for name, options in ("fine", []), ("more", ["-Wl,--no-as-needed", "-lm"]):
                subprocess.run([*COMPILER, "-shared", "-fPIC", "-x", "c", "/dev/null", "-x", "none", *options,
                                "-o", f"{top}/{name}.so"], check=True)
            self.assertEqual(list(check.check_plugin(f"{top}/fine.so")), [])
            self.assertIn("needs libm", list(check.check_plugin(f"{top}/more.so"))[0])


if __name__ == "__main__":
    unittest.main()
