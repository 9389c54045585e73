# SPDX-License-Identifier: GPL-2.0-or-later
"""raypss report --html: one page that needs no network, in the eyes of a real browser."""
import html.parser
import json
import os
import re
import shutil
import subprocess

import pytest

from test_plot import MIB, needs_gnuplot, record

RAYPSS = os.path.join(os.environ["RAYPSS_PREFIX"], "bin/raypss")
TASKS = [{"name": "f", "kind": "task", "processes": 2, "private": {"avg": 5 * MIB, "p95": 6 * MIB, "peak": 7 * MIB},
          "together": {"avg": 10 * MIB, "p95": 11 * MIB, "peak": 12 * MIB}}]
TOP = [{"pid": 7, "role": "task", "name": "f", "share": 5 * MIB, "pss": None, "rss": 9 * MIB}]


def page_record(**other):
    return record(**{"tasks": TASKS, "top": TOP, "rss_max": 900 * MIB, **other})


def report(*arguments, env=None, cwd=None):
    return subprocess.run([RAYPSS, "report", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, **(env or {})}, cwd=cwd)


@pytest.fixture
def page(tmp_path):
    """The page of a job with these records, by its number."""
    def of(*records, env=None):
        folder = tmp_path / "spool/rig/65"
        folder.mkdir(parents=True)
        for one in records:
            (folder / f"{one['step']}.{one['node']}.json").write_text(json.dumps(one), encoding="ascii")
        run = report("--spool", tmp_path / "spool", "--html", tmp_path / "page.html", "65", env=env)
        assert (run.returncode, run.stdout) == (0, ""), run.stderr
        return (tmp_path / "page.html").read_text(encoding="utf-8"), run.stderr
    return of


class Elements(html.parser.HTMLParser):
    """Tags that are open at the end, and all that a page names from elsewhere."""
    VOID = {"meta", "path", "use", "circle", "rect", "polygon", "line"}

    def __init__(self, text):
        super().__init__()
        self.open, self.names = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        self.names += [value for name, value in attrs if name in ("src", "href", "xlink:href", "data", "action")]

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag, tag


@needs_gnuplot
def test_a_page_has_tables_and_pictures(page):
    text, err = page(page_record(), page_record(node="n2", oom={"verdict": "none"}), page_record(step="1", series=None))
    assert not err
    assert text.count("<svg") == 2 and "no series" in text
    assert "<h1>Job 65</h1>" in text and "Job 65, step 0 on n1: peak 221 MiB of 400 MiB, oom rss-only" in text
    assert '<td class="n">900 MiB</td>' in text and text.count('<td class="s">task</td>') == 6
    # The worst comes first.
    assert re.findall(r'<tr><td class="s">(\w+)</td><td class="s">(n\d)</td>', text) == [("0", "n1"), ("0", "n2"), ("1", "n1")]


def test_a_page_explains_and_names_the_tasks(page):
    text, _ = page(page_record(series=None, node="n<1>"))
    assert re.search(r"<p>Step 65\.0 on n&lt;1&gt; [^<]+</p>", text)
    assert "<p>Its memory fitted" in text or "RSS" in text
    row, = re.findall(r"<tr><td[^>]*>f</td>.*</tr>", text)
    assert re.findall(r">([^<]+)</td>", row) == ["f", "task", "2", "5.00 MiB", "6.00 MiB", "7.00 MiB", "12.0 MiB"]


@needs_gnuplot
def test_a_page_needs_nothing_from_elsewhere(page):
    text, _ = page(page_record())
    elements = Elements(text)
    assert not elements.open
    assert all(name.startswith("#") for name in elements.names), elements.names
    assert "color-scheme: light dark;" in text
    assert "url(" not in text.replace("url(#", "") and "<script" not in text
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'\"" in text


@needs_gnuplot
def test_text_of_processes_is_text(page):
    name = "<script>alert(1)</script>&\"'\x1b]0;title\x07\u202e"
    text, _ = page(page_record(top=[{**TOP[0], "name": name}], tasks=[{**TASKS[0], "name": name}], node="n1"))
    assert text.isascii() and "\x1b" not in text and "\x07" not in text
    assert "<script" not in text and "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;" in text


def test_without_gnuplot_the_page_says_so(page):
    text, err = page(page_record(), env={"PATH": "/nonexistent"})
    assert "gnuplot could not draw" in text and "gnuplot is not installed" in err and "900 MiB" in text


def test_a_page_is_for_its_user_alone(page, tmp_path):
    page(page_record(series=None))
    assert (tmp_path / "page.html").stat().st_mode & 0o777 == 0o600


def test_many_records_are_bounded(page):
    text, _ = page(*[page_record(step=str(step), series=None) for step in range(250)])
    assert text.count("<tr>") < 230 and "50 more are left out" in text and "246 more records are left out" in text


@needs_gnuplot
def test_a_record_s_file(tmp_path):
    (tmp_path / "r.json").write_text(json.dumps(page_record()), encoding="ascii")
    run = report("--html", "-", "r.json", cwd=tmp_path)
    assert run.returncode == 0 and run.stdout.startswith("<!DOCTYPE html>") and run.stdout.endswith("</html>\n")
    assert "<h1>r.json</h1>" in run.stdout


@pytest.mark.parametrize("arguments, status, word", [
    (["--html", "/nonexistent/x.html", "{record}"], 1, "/nonexistent/x.html"), (["--html", "-", "/nonexistent.json"], 1, "cannot read"),
    (["--html", "-", "hello"], 2, '"hello"'), (["--html"], 2, "html"), (["--html", "-", "65", "--spool", "/nonexistent"], 1, "/nonexistent"),
])
def test_wrong_use_is_said(tmp_path, arguments, status, word):
    (tmp_path / "r.json").write_text(json.dumps(page_record()), encoding="ascii")
    run = report(*[argument.format(record=tmp_path / "r.json") for argument in arguments])
    assert run.returncode == status and word in run.stderr, run.stderr


@needs_gnuplot
@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is missing; on Debian: apt-get install chromium")
def test_a_browser_shows_it(page, tmp_path):
    page(page_record())
    browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    seen = subprocess.run([*browser, "--dump-dom", f"file://{tmp_path}/page.html"], capture_output=True, text=True, timeout=120, check=True)
    assert "<svg" in seen.stdout and "Largest processes near the peak" in seen.stdout
    shot = tmp_path / "page.png"
    taken = subprocess.run([*browser, "--enable-logging=stderr", "--window-size=1000,900", f"--screenshot={shot}",
                            f"file://{tmp_path}/page.html"], capture_output=True, text=True, timeout=120, check=True)
    assert "CONSOLE" not in taken.stderr
    assert shot.read_bytes().startswith(b"\x89PNG")
