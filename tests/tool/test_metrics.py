# SPDX-License-Identifier: GPL-2.0-or-later
"""raypss metrics: text that promtool accepts, and that a real node_exporter and Prometheus take over."""
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

import live_files
from live_files import FIGURES, GIB, RAYPSS, STEP, live_text, samples

CONTRIB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../contrib")


@pytest.fixture
def metrics(tmp_path):
    """Runs the command; files: live figures by name, in a /run/raypss that only the command sees."""
    live = tmp_path / "live"
    live.mkdir()

    def run(files, *options, before=""):
        for name, text in files.items():
            live_files.write(live, name, text)
        return subprocess.run(live_files.command(live, "metrics", *options, before=before), capture_output=True, text=True,
                              timeout=30, check=False)
    return run


def test_figures_of_a_step(metrics):
    run = metrics({"65.0.n1": live_text()}, "--no-spool")
    assert (run.returncode, run.stderr) == (0, "")
    found = samples(run.stdout)
    for name in ("footprint", "private", "shared", "kernel", "swap", "file", "rss", "limit", "store", "peak"):
        assert found[f"raypss_step_{name}_bytes", STEP] == FIGURES[name], name
    assert found["raypss_step_processes", STEP] == 8
    assert found["raypss_step_elapsed_seconds", STEP] == 5
    assert found["raypss_step_sample_age_seconds", STEP] < 100
    assert run.stdout.endswith("# EOF\n")


def test_what_is_not_known_is_left_out(metrics):
    run = metrics({"65.0.n1": live_text(limit=None, store=None)}, "--no-spool")
    found = samples(run.stdout)
    assert ("raypss_step_limit_bytes", STEP) not in found and ("raypss_step_store_bytes", STEP) not in found
    assert found["raypss_step_footprint_bytes", STEP] == 3 * GIB


def test_files_that_are_no_figures_are_passed_over(metrics):
    run = metrics({"unconfined": "", "65.0.n1": "", "66.batch.n1.x.y": live_text(), "67.0.n1": "sequence 1\nsequence 2\n",
                   "0.0.n1": live_text(), "68..n1": live_text(), "69.0.": live_text()}, "--no-spool")
    assert run.returncode == 0
    assert {labels for name, labels in samples(run.stdout) if labels} == {'job="66",step="batch",user="nobody",node="n1.x.y"'}


def test_labels_are_escaped(metrics):
    run = metrics({'65.0.n"1\\': live_text()}, "--no-spool")
    assert 'node="n\\"1\\\\"' in run.stdout


def test_no_directory_is_no_step(metrics):
    run = metrics({}, "--no-spool", before="umount /run/raypss; mount -t tmpfs none /run")
    assert run.returncode == 0 and samples(run.stdout) == {("raypss_steps_unread", None): 0}


def test_a_spool_that_cannot_be_read_is_said(metrics):
    run = metrics({}, "--spool", "/nonexistent")
    assert run.returncode == 1 and 'cannot read "/nonexistent"' in run.stderr
    assert samples(run.stdout)["raypss_spool_complete", None] == 0
    assert run.stdout.endswith("# EOF\n")


@pytest.mark.parametrize("arguments, word", [(["--nonsense"], "nonsense"), (["x"], '"x"'), (["--output=/nonexistent/x"], "/nonexistent/x")])
def test_wrong_use_is_said(arguments, word):
    run = subprocess.run([RAYPSS, "metrics", *arguments], capture_output=True, text=True, timeout=20, check=False)
    assert run.returncode != 0 and word in run.stderr and len(run.stderr.splitlines()) <= 20


def test_a_file_is_replaced_at_once(metrics, tmp_path):
    path = tmp_path / "raypss.prom"
    path.write_text("old", encoding="ascii")
    before = path.stat().st_ino
    run = metrics({"65.0.n1": live_text()}, "--no-spool", "--output", str(path))
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert path.read_text(encoding="ascii").endswith("# EOF\n")
    assert path.stat().st_ino != before and path.stat().st_mode & 0o777 == 0o644
    assert [entry.name for entry in tmp_path.iterdir() if "prom" in entry.name] == ["raypss.prom"]


def needs(*programs):
    missing = [program for program in programs if not shutil.which(program)]
    return pytest.mark.skipif(bool(missing), reason=f"missing: {' '.join(missing)}; on Debian: apt-get install prometheus "
                                                    "prometheus-node-exporter")


@needs("promtool")
def test_promtool_accepts_it(metrics):
    text = metrics({"65.0.n1": live_text(), "66.batch.n1": live_text()}, "--no-spool").stdout
    run = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0 and not run.stdout + run.stderr, run.stdout + run.stderr


@needs("promtool")
@pytest.mark.parametrize("words", [["check", "rules", "raypss-rules.yml"], ["test", "rules", "raypss-rules-test.yml"]], ids=" ".join)
def test_the_alert_rules_do_what_they_say(words):
    run = subprocess.run(["promtool", *words], cwd=f"{CONTRIB}/node_exporter", capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def running(*command):
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def ask(port, path, **query):
    """The answer of an HTTP server, None while there is none."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}?{urllib.parse.urlencode(query)}", timeout=10) as answer:
            return answer.read().decode()
    except (urllib.error.URLError, ConnectionError):
        return None


def wait_for(predicate, deadline=60):
    end = time.monotonic() + deadline
    while not (value := predicate()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
    return value


def dashboard_queries():
    with open(f"{CONTRIB}/grafana/raypss-dashboard.json", encoding="utf-8") as file:
        dashboard = json.load(file)
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


@needs("prometheus", "prometheus-node-exporter")
def test_node_exporter_and_prometheus_take_it_over(metrics, tmp_path):
    """Each query of the dashboard finds something, and an alert is raised."""
    folder = tmp_path / "textfile"
    folder.mkdir()
    # 60 is near its limit; 61 is over it in the sum of RSS only.
    files = {"60.0.n1": live_text(footprint=int(3.9 * GIB)), "61.0.n1": live_text()}
    assert metrics(files, "--no-spool", "--output", f"{folder}/raypss.prom").returncode == 0
    with open(folder / "raypss.prom", "a", encoding="ascii") as file:
        file.write('raypss_spool_left_bytes{cluster="c"} 5\nraypss_spool_verdicts{cluster="c",verdict="none"} 1\n')
    exporter, listening, port = free_port(), free_port(), free_port()
    own = tmp_path / "own"
    own.mkdir()
    live_files.write(own, "62.0.n1", live_text(rss=3 * GIB))
    with open(f"{CONTRIB}/node_exporter/raypss-rules.yml", encoding="utf-8") as file:
        rules = file.read().replace("for: 1m", "for: 0s")
    (tmp_path / "rules.yml").write_text(rules, encoding="utf-8")
    (tmp_path / "prometheus.yml").write_text(
        f"global: {{scrape_interval: 200ms, evaluation_interval: 200ms}}\nrule_files: [{tmp_path}/rules.yml]\nscrape_configs:\n"
        f"- job_name: node\n  honor_labels: true\n  static_configs: [{{targets: ['127.0.0.1:{exporter}']}}]\n"
        f"- job_name: raypss\n  honor_labels: true\n  static_configs: [{{targets: ['127.0.0.1:{listening}']}}]\n", encoding="utf-8")

    def found(query):
        answer = ask(port, "/api/v1/query", query=query)
        return answer and json.loads(answer)["data"]["result"]
    with running("prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile",
                 f"--collector.textfile.directory={folder}", f"--web.listen-address=127.0.0.1:{exporter}"), \
            running(*live_files.command(own, "metrics", "--no-spool", "--listen", f"127.0.0.1:{listening}")), \
            running("prometheus", f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data",
                    f"--web.listen-address=127.0.0.1:{port}"):
        one = wait_for(lambda: found('raypss_step_footprint_bytes{job="61"}'))
        assert int(one[0]["value"][1]) == 3 * GIB and one[0]["metric"]["user"] == "nobody"
        if os.path.exists(os.path.join(os.environ["RAYPSS_PREFIX"], "libexec/raypss/raypss-http")):
            one = wait_for(lambda: found('raypss_step_footprint_bytes{job="62",instance="127.0.0.1:%d"}' % listening))
            assert int(one[0]["value"][1]) == 3 * GIB
        assert found("node_textfile_scrape_error")[0]["value"][1] == "0"
        for query in dashboard_queries():
            assert found(re.sub(r"\$\w+", ".*", query)), query
        names = wait_for(lambda: len(found("ALERTS") or []) >= 2 and found("ALERTS"))
        assert {(alert["metric"]["alertname"], alert["metric"]["job"]) for alert in names} == {
            ("RaypssStepNearLimit", "60"), ("RaypssStepFlaggedFalsely", "61")}
