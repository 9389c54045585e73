# SPDX-License-Identifier: GPL-2.0-or-later
"""raypss plot: pictures of records. What they look like is for people; that they are pictures and what is in them is here."""
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree

import pytest

RAYPSS = os.path.join(os.environ["RAYPSS_PREFIX"], "bin/raypss")
MIB = 1 << 20
needs_gnuplot = pytest.mark.skipif(not shutil.which("gnuplot"), reason="gnuplot is missing; on Debian: apt-get install gnuplot-nox")


def record(points=20, **other):
    """A record as raypssd writes it, as far as a picture needs it: memory that grows by 10 MiB a second."""
    series = [{"seconds": i, "footprint": 35 * i * MIB // 3, "private": 5 * i * MIB, "shared": 5 * i * MIB, "kernel": 5 * i * MIB // 3,
               "store": None, "rss": 30 * i * MIB} for i in range(points)]
    return {"schema": 2, "job": 65, "restart": 0, "step": "0", "node": "n1", "limit": 400 * MIB, "elapsed": points - 1,
            "peak": {"at": points - 1, "footprint": 221 * MIB}, "oom": {"verdict": "rss-only"}, "end": {"how": "completed", "signal": None},
            "series": series, **other}


def plot(*arguments, env=None):
    return subprocess.run([RAYPSS, "plot", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, **(env or {})})


@pytest.fixture
def draw(tmp_path):
    """Draws a record: returns the picture's bytes."""
    def of(one, name="x.svg"):
        (tmp_path / "r.json").write_text(json.dumps(one), encoding="ascii")
        run = plot(tmp_path / "r.json", "-o", tmp_path / name)
        assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
        assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(["r.json", name])
        return (tmp_path / name).read_bytes()
    return of


def words_of(svg):
    """The texts in an SVG, which has to be well-formed."""
    return [" ".join("".join(text.itertext()).split()) for text in
            xml.etree.ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@needs_gnuplot
@pytest.mark.parametrize("name, sign", [("x.svg", b"<?xml"), ("x.png", b"\x89PNG"), ("x.pdf", b"%PDF")])
def test_a_picture_of_each_form(draw, name, sign):
    assert draw(record(), name).startswith(sign)


@needs_gnuplot
def test_what_is_in_the_picture(draw):
    words = words_of(draw(record()))
    assert "Job 65, step 0 on n1: peak 221 MiB of 400 MiB, oom rss-only" in words
    assert {"private", "shared", "kernel and swap", "sum of RSS", "limit", "peak", "MiB", "0"} <= set(words)


KERNEL = {"verdict": "kernel", "kills": 1, "at": 18.5}


@needs_gnuplot
@pytest.mark.parametrize("other, marks", [
    ({"oom": {"verdict": "kernel"}, "end": {"how": "signalled", "signal": "KILL"}}, ["kernel OOM kill"]),
    ({"oom": KERNEL, "end": {"how": "signalled", "signal": "KILL"}}, ["kernel OOM kill"]),
    ({"oom": {**KERNEL, "at": 5}, "end": {"how": "signalled", "signal": "KILL"}}, ["kernel OOM kill", "ended by SIGKILL"]),
    ({"oom": KERNEL, "notified": 15.5, "end": {"how": "failed", "signal": None}}, ["signal sent (notify)", "kernel OOM kill", "failed"]),
    ({"notified": 15}, ["signal sent (notify)"]),
    ({"end": {"how": "signalled", "signal": "TERM"}}, ["ended by SIGTERM"]),
    ({"end": {"how": "signalled", "signal": None}}, ["ended by a signal"]),
    ({"end": {"how": "lost", "signal": None}}, ["lost"]),
    ({"end": {"how": "running", "signal": None}}, []),
])
def test_what_happened_is_marked(draw, other, marks):
    known = {"kernel OOM kill", "signal sent (notify)", "failed", "lost"}
    assert [word for word in words_of(draw(record(**other))) if word in known or word.startswith("ended by")] == marks


def position(svg, text):
    """Where a text is in an SVG of gnuplot: x and y."""
    return [float(number) for number in re.search(rf'translate\(([0-9.]+),([0-9.]+)\)[^>]*>\s*<text>{re.escape(text)}<', svg).groups()]


@needs_gnuplot
def test_a_kill_after_the_last_sample_is_in_the_picture(draw):
    svg = draw(record(oom={**KERNEL, "at": 25}, end={"how": "signalled", "signal": "KILL"})).decode()
    x, _ = position(svg, "kernel OOM kill")
    assert x < 900


@needs_gnuplot
def test_marks_at_one_time_do_not_overlap(draw):
    svg = draw(record(oom={**KERNEL, "at": 15.5}, notified=15.5, end={"how": "failed", "signal": None})).decode()
    (signal_x, signal_y), (kill_x, kill_y), (end_x, end_y) = [position(svg, text) for text in
                                                              ("signal sent (notify)", "kernel OOM kill", "failed")]
    assert signal_x == kill_x < end_x
    assert signal_y + 12 < kill_y and kill_y + 12 < end_y


@needs_gnuplot
@pytest.mark.parametrize("other, line", [
    ({"tasks": [{"name": "small", "kind": "task", "processes": 1, "together": {"peak": 5 * MIB}},
                {"name": "train", "kind": "task", "processes": 4, "together": {"peak": 90 * MIB}}]},
     "Largest: train (4) 90.0 MiB, small 5.00 MiB"),
    ({"top": [{"pid": 1, "name": "module.sub.VeryLongName.method", "share": 7 * MIB}, {"pid": 2, "name": "b", "share": None}]},
     "Largest: module.sub.VeryLongNam.. 7.00 MiB"),
    ({"tasks": [], "top": []}, None),
], ids=["tasks", "processes", "neither"])
def test_the_largest_are_named(draw, other, line):
    words = [word for word in words_of(draw(record(**other))) if word.startswith("Largest")]
    assert words == ([line] if line else [])


@needs_gnuplot
def test_the_longest_name_of_a_node_has_a_line_of_its_own(draw):
    """900 pixels have room for some 100 characters."""
    node = "n" * 63
    words = words_of(draw(record(node=node, job=4294967295, step="interactive", top=[{"pid": 1, "name": "b", "share": 7 * MIB}])))
    assert ["Job 4294967295, step interactive: peak 221 MiB of 400 MiB, oom rss-only", f"on {node}", "Largest: b 7.00 MiB"] == [
        word for word in words if word.startswith(("Job", "on ", "Largest"))]


@needs_gnuplot
def test_a_limit_far_away_is_in_the_title_alone(draw):
    words = words_of(draw(record(limit=10**12)))
    assert "limit" not in words and any("of 931 GiB" in word for word in words)


@needs_gnuplot
@pytest.mark.parametrize("one", [
    record(limit=None), record(points=1), record(peak={"at": None, "footprint": None}), record(elapsed=None),
    record(elapsed=40000), record(series=[[0, 5 * MIB, 7 * MIB], [1, 6 * MIB, None]]),
    record(job=None, step=None, node=None), record(series=[{"seconds": 1, "footprint": 0}, "nonsense", [], {"seconds": -1}]),
], ids=["no limit", "one point", "no peak", "no time", "hours", "schema 1", "raypss run", "odd points"])
def test_records_that_lack_something(draw, one):
    assert "sum of RSS" in words_of(draw(one))


@needs_gnuplot
def test_text_of_a_record_is_no_command(draw, tmp_path):
    node = f'n" ; system("touch {tmp_path}/ran") ; \\ ` \' @x'
    words = words_of(draw(record(node=node)))
    assert not (tmp_path / "ran").exists()
    assert any("system(" in word for word in words)


@needs_gnuplot
def test_in_the_terminal(tmp_path):
    (tmp_path / "r.json").write_text(json.dumps(record()), encoding="ascii")
    run = plot(tmp_path / "r.json")
    assert (run.returncode, run.stderr) == (0, "")
    lines = run.stdout.splitlines()
    assert max(map(len, lines)) <= 80 and len(lines) <= 24 and "\f" not in run.stdout
    assert "Job 65, step 0 on n1" in run.stdout and re.search("private .*limit", run.stdout)


@needs_gnuplot
def test_a_full_disk_is_said(tmp_path):
    (tmp_path / "r.json").write_text(json.dumps(record()), encoding="ascii")
    with open("/dev/full", "w", encoding="ascii") as full:
        run = subprocess.run([RAYPSS, "plot", tmp_path / "r.json"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (1, 'raypss plot: cannot write "-": No space left on device\n')


def test_no_gnuplot_is_said_in_clear_words(tmp_path):
    (tmp_path / "r.json").write_text(json.dumps(record()), encoding="ascii")
    run = plot(tmp_path / "r.json", "-o", tmp_path / "x.svg", env={"PATH": "/nonexistent"})
    assert run.returncode == 1 and "gnuplot is not installed" in run.stderr and len(run.stderr.splitlines()) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.json"]


@pytest.mark.parametrize("content, word", [
    (json.dumps(record(series=None)), "--ray-pss-accounting=series"), (json.dumps(record(series=[])), "no series"),
    ("{}", "no record of spank-ray-pss"), ("[1", "is not a record: line 1"), ("", "is not a record"),
])
def test_what_cannot_be_drawn_is_said(tmp_path, content, word):
    (tmp_path / "r.json").write_text(content, encoding="ascii")
    run = plot(tmp_path / "r.json", "-o", tmp_path / "x.svg")
    assert run.returncode == 1 and word in run.stderr and len(run.stderr.splitlines()) == 1, run.stderr
    assert not (tmp_path / "x.svg").exists()


@pytest.mark.parametrize("arguments, words", [
    (["65", "-o", "x.gif"], ['"x.gif" is not', ".svg, .png or .pdf"]), (["hello"], ['"hello"', ".json"]), (["--nonsense", "65"], ["nonsense"]),
    ([], ["no job given"]), (["65", "66"], ['"66"', "one job"]),
])
def test_wrong_use_is_said(arguments, words):
    run = plot(*arguments)
    assert run.returncode == 2 and all(word in run.stderr for word in words), run.stderr


@needs_gnuplot
def test_the_worst_record_of_a_job_is_drawn(tmp_path):
    folder = tmp_path / "spool/rig/65"
    folder.mkdir(parents=True)
    quiet = {"oom": {"verdict": "none"}}
    for one in (record(step="0", node="n1", **quiet), record(step="1", node="n2"), record(step="1", node="n3", **quiet),
                record(step="2", node="n1", series=None, oom={"verdict": "kernel"})):
        (folder / f"{one['step']}.{one['node']}.json").write_text(json.dumps(one), encoding="ascii")
    drawn = {}
    for name, arguments in {"all": ["65"], "step": ["65.0"], "node": ["65.1", "--node=n3"]}.items():
        run = plot(*arguments, "--spool", tmp_path / "spool", "-o", tmp_path / "x.svg")
        assert run.returncode == 0, run.stderr
        drawn[name] = re.search(r"Job 65, step (\w+) on (\w+)", (tmp_path / "x.svg").read_text(encoding="utf-8")).groups()
        assert ("of 4 records the worst: step 1 on n2" in run.stderr) == (name == "all")
    assert drawn == {"all": ("1", "n2"), "step": ("0", "n1"), "node": ("1", "n3")}
    assert "no record of step 7" in plot("65.7", "--spool", tmp_path / "spool").stderr
