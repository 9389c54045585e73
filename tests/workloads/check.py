#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Check that the workloads make the memory that they say they make. Usage: check.py [DIRECTORY OF BINARIES]"""
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

import truth

MIB = 1 << 20
HERE = os.path.abspath(sys.argv.pop() if len(sys.argv) > 1 and os.path.isdir(sys.argv[-1])
                       else os.path.dirname(__file__))
ROOT = os.geteuid() == 0
OWN = 160 << 10  # a process's own memory: libc, stack


def command(name, *arguments):
    return [os.path.join(HERE, name), *map(str, arguments)]


def gone(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.005)


class Step:
    def __init__(self, directory, name, arguments):
        self.ready_file = os.path.join(directory, "ready")
        self.until_file = os.path.join(directory, "until")
        self.process = subprocess.Popen(command(
            name, *arguments, "--ready", self.ready_file, "--until", self.until_file))
        wait_for(lambda: os.path.exists(self.ready_file) or self.process.poll() is not None)
        with open(self.ready_file, encoding="ascii") as file:
            self.ready = json.load(file)
        self.pids = truth.ready_pids(self.ready_file)

    def end(self):
        with open(self.until_file, "wb"):
            pass
        return self.process.wait(10)


@contextlib.contextmanager
def step(*arguments, status=0):
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        one = Step(directory, "store", ("--dir", directory, *arguments))
        try:
            yield one
        except BaseException:
            one.process.kill()
            one.process.wait()
            raise
        ended = one.end()
        assert ended == status, f"ended with {ended}"
        wait_for(lambda: all(map(gone, one.pids)), 5)


class Store(unittest.TestCase):
    def near(self, value, wanted, slack):
        self.assertGreaterEqual(value, wanted)
        self.assertLessEqual(value, wanted + slack)

    def agrees(self, one):
        """Compares the workload's ready file with /proc, and returns the figures of /proc."""
        found = truth.truth(one.pids)
        self.assertEqual(found["unreadable"], [])
        self.assertEqual(found["processes"], len(one.pids))
        self.near(found["pss_anon"], one.ready["private_bytes"], OWN * len(one.pids))
        if ROOT:
            self.assertEqual(found["unseen"], 0)
            self.assertEqual(found["shared"], one.ready["shared_bytes"])
        return found

    def test_kinds(self):
        for kind in "plasma", "memfd", "sysv", "anon", "file":
            for how in ("--exec", "--no-exec"):
                if (kind, how) == ("anon", "--exec"):
                    continue
                with self.subTest(kind=kind, how=how), step(
                        "--kind", kind, how, "--processes", 4, "--shared", 48,
                        "--private", 8) as one:
                    found = self.agrees(one)
                    of_file = kind == "file"
                    self.assertEqual(one.ready["shared_bytes"], 0 if of_file else 48 * MIB)
                    self.assertEqual(one.ready["private_bytes"], 32 * MIB)
                    self.near(found["rss_file" if of_file else "rss_shmem"], 5 * 48 * MIB,
                              10 * MIB if of_file else 0)
                    pss = found["pss_file" if of_file else "pss_shmem"]
                    self.assertAlmostEqual(pss / MIB, 48, delta=2 if of_file else 0.01)
                    if ROOT:
                        self.assertEqual(len(found["objects"]), not of_file)

    def test_touch(self):
        with step("--processes", 4, "--shared", 64, "--touch", 25) as one:
            found = self.agrees(one)
            # At a fault the kernel maps all resident pages within 64 KiB around it.
            self.near(found["rss_shmem"], (64 + 4 * 16) * MIB, 4 * 64 << 10)

    def test_punch(self):
        for kind in "plasma", "memfd", "sysv", "anon":
            with self.subTest(kind=kind), step("--kind", kind, "--processes", 2, "--shared", 64,
                                               "--punch", 24) as one:
                found = self.agrees(one)
                self.assertEqual(one.ready["shared_bytes"], 40 * MIB)
                self.assertEqual(found["rss_shmem"], 3 * 40 * MIB)

    def test_unmap(self):
        for how in "--exec", "--no-exec":
            for kind in "plasma", "memfd":
                with step("--unmap", how, "--kind", kind, "--processes", 2) as one:
                    found = self.agrees(one)
                    self.assertEqual(found["rss_shmem"], 0)
                    self.assertEqual([o["mapped"] for o in found["objects"]], [False])

    def test_heap(self):
        with step("--heap", 64, "--processes", 4, "--private", 4, "--shared", 16) as one:
            found = self.agrees(one)
            self.near(found["rss_anon"], (5 * 64 + 4 * 4) * MIB, 5 * OWN)

    def test_files(self):
        with step("--map-file", 32, "--cache", 16, "--processes", 2, "--shared", 0) as one:
            found = self.agrees(one)
            self.near(found["rss_file"], 2 * 32 * MIB, 3 * 2 * MIB)
            self.assertEqual(one.ready["file_bytes"], 48 * MIB)

    def test_nothing(self):
        with step("--processes", 0, "--shared", 0, "--private", 0) as one:
            self.agrees(one)

    def test_many(self):
        with step("--processes", 200, "--shared", 8, "--private", 0) as one:
            self.agrees(one)

    def test_title(self):
        for how in "--exec", "--no-exec":
            with step(how, "--title", r'a"}\n\x1b[31m\xff\303', "--processes", 1) as one:
                with open(f"/proc/{one.pids[0]}/cmdline", "rb") as file:
                    self.assertEqual(file.read().rstrip(b"\0"), b'a"}\n\x1b[31m\xff\xc3')
                with open(f"/proc/{one.pids[0]}/comm", "rb") as file:
                    self.assertEqual(file.read(), b'a"}\n\x1b[31m\xff\xc3\n')

    def test_daemon(self):
        with step("--daemon", "--processes", 3, "--exit", 7, status=7) as one:
            self.agrees(one)
            self.assertEqual(one.ready["origin"], one.process.pid)
            self.assertNotEqual(one.ready["parent"], one.process.pid)
            self.assertFalse(gone(one.process.pid))
            with open(f"/proc/{one.ready['parent']}/stat", encoding="ascii") as file:
                parent, _, session = file.read().rpartition(")")[2].split()[1:4]
            self.assertNotEqual(int(parent), one.process.pid)
            self.assertNotEqual(int(session), os.getsid(0))
            for pid in one.pids:
                self.assertEqual(os.readlink(f"/proc/{pid}/fd/1"), "/dev/null")

    def anonymous(self, one):
        return truth.truth(one.pids)["rss_anon"]

    def test_grow(self):
        with step("--grow", 10, "--grow-to", 20, "--processes", 0, "--shared", 0) as one:
            time.sleep(0.3)
            self.assertTrue(2 * MIB < self.anonymous(one) < 18 * MIB)
            wait_for(lambda: self.anonymous(one) >= 20 * MIB)
            time.sleep(0.1)
            self.near(self.anonymous(one), 20 * MIB, OWN)

    def test_spike(self):
        with step("--spike", 64, "--spike-ms", 500, "--processes", 0, "--shared", 0) as one:
            wait_for(lambda: self.anonymous(one) >= 64 * MIB)
            self.near(self.anonymous(one), 64 * MIB, OWN)
            wait_for(lambda: self.anonymous(one) < OWN)

    def test_readers_die_with_parent(self):
        with tempfile.TemporaryDirectory() as directory:
            for how in "--exec", "--no-exec":
                one = Step(directory, "store", (how,))
                one.process.kill()
                one.process.wait()
                wait_for(lambda: all(map(gone, one.pids)), 5)
                os.unlink(one.ready_file)

    def test_reader_killed(self):
        with step("--processes", 2, status=1) as one:
            os.kill(one.pids[1], 9)

    def test_ends(self):
        small = ("--processes", 1, "--shared", 1, "--private", 1)
        with tempfile.TemporaryDirectory() as directory:
            until = os.path.join(directory, "until")
            for arguments, status, least in (
                    ((), 0, 0), (("--exit", 9), 9, 0), (("--hold", 0.3), 0, 0.3),
                    (("--until", until, "--timeout", 0.2), 3, 0.2),
                    (("--daemon", "--until", until, "--timeout", 0.2), 3, 0.2),
                    (("--daemon", "--hold", 0.2), 0, 0.2)):
                start = time.monotonic()
                self.assertEqual(subprocess.run(
                    command("store", *small, *arguments), check=False).returncode, status)
                self.near(time.monotonic() - start, least, 2)

    def refused(self, name, *arguments):
        done = subprocess.run(command(name, *arguments), check=False, capture_output=True)
        self.assertEqual(done.returncode, 2, arguments)
        self.assertEqual(done.stdout, b"")
        self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
        return done.stderr.decode()

    def test_bad_input(self):
        for arguments, words in (
                (("--processes", "x"), ("--processes", "'x'", "from 0 to 4096")),
                (("--processes", "-1"), ("--processes", "'-1'")),
                (("--processes", "4097"), ("--processes", "4097")),
                (("--processes", ""), ("--processes",)),
                (("--shared", "1e3"), ("--shared", "1e3")),
                (("--shared", "99999999999999999999"), ("--shared",)),
                (("--touch", "101"), ("--touch", "from 0 to 100")),
                (("--hold", "inf"), ("--hold", "seconds from 0")),
                (("--hold", "1.2.3"), ("--hold",)),
                (("--kind", "a\nb"), ("--kind", "plasma, memfd, sysv, anon, file")),
                (("--ready", ""), ("--ready", "not empty")),
                (("--ready",), ("--ready", "wants a value")),
                (("--unmap=1",), ("--unmap", "no value")),
                (("--nonsense",), ("--nonsense",)), (("-z",), ("-z",)), (("file",), ("file",)),
                (("--kind", "anon", "--exec"), ("--exec", "--no-exec")),
                (("--kind", "sysv", "--unmap"), ("--unmap", "sysv", "memfd")),
                (("--heap", "1", "--exec"), ("--exec", "--heap")),
                (("--grow", "1"), ("--grow-to",)), (("--punch", "301"), ("--punch", "300")),
                (("--until", "x", "--hold", "1"), ("--until", "--hold")),
                (("--title", r"\0"), ("--title",)), (("--title", "a\\"), ("--title",)),
                (("--title", r"\q"), ("--title",))):
            message = self.refused("store", *arguments)
            for word in words:
                self.assertIn(word, message)
        self.refused("churn", "--parallel", 0)
        self.refused("mapstall", "--threads", 0)

    def test_impossible(self):
        for arguments in (("--kind", "file", "--dir", "/dev/shm"), ("--ready", "/nowhere/file"),
                          ("--map-file", "1", "--dir", "/nowhere"), ("--shared", 1 << 20)):
            done = subprocess.run(command("store", *arguments), check=False, capture_output=True)
            self.assertEqual((done.returncode, done.stderr.count(b"\n")), (1, 1), done.stderr)


class Others(unittest.TestCase):
    def test_churn(self):
        for more in (), ("--double-fork",), ("--parallel", 7), ("--parallel", 7, "--double-fork"):
            done = subprocess.run(command("churn", "--children", 100, *more), check=True,
                                  capture_output=True)
            told = json.loads(done.stdout)
            self.assertEqual((told["children"], told["failed"]), (100, 0))

    def test_mapstall(self):
        for more in (), ("--anon",), ("--threads", 3), ("--resident", 0):
            done = subprocess.run(command("mapstall", "--resident", 32, "--seconds", 0.2, *more),
                                  check=True, capture_output=True)
            told = json.loads(done.stdout)
            self.assertGreater(told["loops"], 10)
            self.assertLessEqual(told["mmap_p999_ms"], told["mmap_worst_ms"])


if __name__ == "__main__":
    unittest.main()
