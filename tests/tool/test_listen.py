# SPDX-License-Identifier: GPL-2.0-or-later
"""raypss metrics --listen: who asks gets the present figures, and nobody keeps others from them."""
import concurrent.futures
import contextlib
import http.client
import os
import re
import shutil
import socket
import subprocess

import pytest

import live_files
from live_files import GIB, RAYPSS, STEP, live_text, samples

PREFIX = os.environ["RAYPSS_PREFIX"]
HTTP = os.path.join(PREFIX, "libexec/raypss/raypss-http")
pytestmark = pytest.mark.skipif(not os.path.exists(HTTP), reason="built without libmicrohttpd; on Debian: apt-get install "
                                                                 "libmicrohttpd-dev")
# Longer than all of the command's own deadlines together, on a busy machine too.
DEADLINE = 60
# A file system whose server never answers: the kernel ends such a wait only for a signal that kills.
HANGING = """
import ctypes, os, sys
fd = os.open("/dev/fuse", os.O_RDWR)
os.set_inheritable(fd, True)
options = f"fd={fd},rootmode=40000,user_id=0,group_id=0".encode()
assert ctypes.CDLL(None).mount(b"hanging", sys.argv[1].encode(), b"fuse", 0, options) == 0
os.execv(sys.argv[2], sys.argv[2:])
"""


class Server:
    def __init__(self, process, live):
        self.process, self.live = process, live
        self.first = process.stderr.readline()
        self.port = int(re.match(r"raypss metrics: listening on 127\.0\.0\.1:(\d+)\n", self.first)[1])

    def ask(self, path="/metrics", method="GET", body=None):
        """(status, headers, text)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        with contextlib.closing(connection):
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE)

    def pid_of_http(self):
        run = subprocess.run(["ps", "--ppid", str(self.process.pid), "-o", "pid=,comm="], capture_output=True, text=True, check=True)
        return int(re.search(r"(\d+) raypss-http", run.stdout)[1])


@contextlib.contextmanager
def serving(live, *options, wrap=()):
    command = live_files.command(live, "metrics", "--listen", "127.0.0.1:0", *options)
    if wrap:
        command[-1] = command[-1].replace("exec ", f"exec {' '.join(wrap)} ")
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Server(process, live)
        finally:
            process.terminate()
            assert process.wait(DEADLINE) == 0


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    live = tmp_path_factory.mktemp("live")
    live_files.write(live, "65.0.n1", live_text())
    with serving(live, "--no-spool") as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def idle(server):
    """A client that sends a part of a request and then nothing; it is there while the others ask."""
    with server.connect() as client:
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n")
        yield client


def test_each_scrape_is_made_anew(server):
    for footprint in (3 * GIB, GIB):
        live_files.write(server.live, "65.0.n1", live_text(footprint=footprint))
        status, headers, text = server.ask()
        assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
        assert samples(text)["raypss_step_footprint_bytes", STEP] == footprint and text.endswith("# EOF\n")


def test_other_requests_are_answered(server):
    status, headers, text = server.ask(method="HEAD")
    assert (status, text) == (200, "") and int(headers["Content-Length"]) > 0
    status, _, text = server.ask("/")
    assert status == 200 and "/metrics" in text
    assert server.ask("/nothing")[0] == 404
    status, headers, _ = server.ask(method="POST", body="x" * 100)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("request_text", [b"GET\r\n\r\n", b"GET /metrics HTTP/1.1\r\n" + b"x: y\r\n" * 10000],
                         ids=["half", "endless"])
def test_what_is_no_request_is_closed(server, request_text):
    with server.connect() as client, contextlib.suppress(ConnectionError):
        client.sendall(request_text)
        assert not client.recv(1000).startswith(b"HTTP/1.1 200")
    assert server.ask()[0] == 200


def test_a_hundred_at_once(server):
    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda _: server.ask()[0], range(100)))
    assert answers == [200] * 100


@pytest.mark.skipif(os.getuid() != 0, reason="needs root")
def test_who_speaks_with_others_has_no_rights(server):
    with open(f"/proc/{server.pid_of_http()}/status", encoding="ascii") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file)
    assert "0" not in status["Uid"].split() and not status["Groups"].strip()
    assert {int(status[key], 16) for key in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {0} and status["NoNewPrivs"] == "1"


@pytest.mark.skipif(os.getuid() or not os.path.exists("/dev/fuse"), reason="FUSE only for root")
def test_a_spool_that_hangs_is_left_out(server, tmp_path):
    """The steps are told all the same, to whoever asks, and the command ends when it is told to."""
    wrap = ["python3", "-c", f"'{HANGING}'", str(tmp_path)]
    with serving(server.live, "--spool", str(tmp_path), wrap=wrap) as other:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: other.ask(), range(2)))
        for status, _, text in answers:
            found = samples(text)
            assert status == 200 and ("raypss_step_footprint_bytes", STEP) in found
            assert found["raypss_spool_complete", None] == 0
        assert other.process.stderr.readline() == (f'raypss metrics: "{tmp_path}" does not answer: its totals are left out '
                                                   "until it does\n")


def test_an_address_in_use_is_said(server):
    run = subprocess.run([RAYPSS, "metrics", "--listen", f"127.0.0.1:{server.port}"], capture_output=True, text=True, timeout=DEADLINE,
                         check=False)
    assert run.returncode == 1
    assert run.stderr == f'raypss metrics: cannot listen on "127.0.0.1:{server.port}": Address already in use\n'


@pytest.mark.parametrize("address", ["localhost:9793", "127.0.0.1:65536", "127.0.0.1:", "127.0.0.1:1x", "::1:9793", "[::1]", "-1"])
def test_a_wrong_address_is_said(address):
    run = subprocess.run([RAYPSS, "metrics", "--listen", address], capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert run.returncode == 2 and len(run.stderr.splitlines()) == 1
    assert f'--listen: "{address}" is not ' in run.stderr and "127.0.0.1:9793" in run.stderr and "0 to 65535" in run.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is missing")
def test_the_unit_is_one(tmp_path):
    name = "raypss-metrics-listen.service"
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../contrib/node_exporter", name), encoding="utf-8") as file:
        unit = file.read().replace("/usr/bin/raypss", RAYPSS)
    (tmp_path / name).write_text(unit, encoding="utf-8")
    run = subprocess.run(["systemd-analyze", "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True,
                         timeout=DEADLINE, check=False)
    assert name not in run.stdout + run.stderr, run.stdout + run.stderr


def test_who_sends_nothing_is_let_go(idle):
    """The last test: what the others take is time that this client waited."""
    assert idle.recv(100) == b""
