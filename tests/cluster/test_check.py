# SPDX-License-Identifier: GPL-2.0-or-later
"""raypss check: all is well on a sound node, and each fault has the line that names it."""
import json
import os
import shlex
import subprocess

import pytest

import conftest
import daemons
import slurm

pytestmark = pytest.mark.plugin
RAYPSS = os.path.join(conftest.PREFIX, "bin/raypss")
LIBEXEC = os.path.join(conftest.PREFIX, "libexec/raypss")
OK, WARNING, BROKEN = 0, 1, 2


def check(*options, before=""):
    """Runs the check. before: shell commands in a mount namespace that only the check is in."""
    command = f"{before}\nexec {shlex.join([RAYPSS, 'check', *options])}"
    run = subprocess.run(["unshare", "-m", "sh", "-ec", command], capture_output=True, text=True, timeout=120, check=False)
    assert not run.stderr, run.stderr
    return run.returncode, run.stdout


def lines(text):
    """(level, part, text) of each line."""
    return [tuple(line.split(None, 2)) for line in text.splitlines() if line.startswith(("ok ", "warning ", "broken "))]


def has_line(text, level, part, *words):
    found = [line for line in lines(text) if line[:2] == (level, part) and all(word in line[2] for word in words)]
    assert found, (level, part, words, text)


def test_a_sound_node_is_well():
    with slurm.plugstack(conftest.plugstack_line()):
        status, text = check()
    assert status == OK, text
    assert {line[0] for line in lines(text)} == {"ok"}
    has_line(text, "ok", "maxrss", "maxrss=auto")
    has_line(text, "ok", "maxrss", "maxrss=exact")
    parts = {line[1] for line in lines(text)}
    assert parts >= {"plugstack", "plugin", "raypssd", "watch", "confine", "publisher", "slurm", "slurmctld", "slurmdbd", "publish",
                     "gather", "maxrss", "spool", "live", "kernel", "slurmd"}


def test_the_same_as_json():
    with slurm.plugstack(conftest.plugstack_line("mod=always")):
        status, text = check("--json")
    told = json.loads(text)
    assert (status, told["result"]) == (BROKEN, "broken")
    assert [line["text"] for line in told["lines"] if line["level"] == "broken" and "mod=" in line["text"]]


def test_a_real_step_is_compared_with_the_truth():
    with slurm.plugstack(conftest.plugstack_line()):
        status, text = check("--step", "--", "--mem=300")
    assert status == OK, text
    has_line(text, "ok", "step", "shared 64.0 MiB")


def test_a_step_that_is_not_accounted_is_said():
    with slurm.plugstack(conftest.plugstack_line("mode=off")):
        status, text = check("--step")
    assert status == BROKEN, text
    has_line(text, "broken", "step", "not accounted")
    has_line(text, "warning", "plugstack", "mode=off")


@pytest.mark.parametrize("arguments, level, words", [
    (["mod=always"], "broken", ['"mod=always" is not known', "line 1"]),
    (["mode=always", "mode=opt-in"], "warning", ['"mode=always" does nothing: a later word has the same key']),
    (["maxrss=maybe"], "broken", ['maxrss="maybe" is not auto, pss, leave or exact']),
    (["interval=1ms", "publish=paper"], "broken", ['publish="paper"']),
    (["interval=1ms", "publish=paper"], "broken", ['interval="1ms"']),
    (["mode=off"], "warning", ["no step is accounted"]),
])
def test_words_of_plugstack_conf(arguments, level, words):
    with slurm.plugstack(conftest.plugstack_line(*arguments)):
        status, text = check()
    assert status == {"warning": WARNING, "broken": BROKEN}[level], text
    has_line(text, level, "plugstack", *words)


def other_build(path, mark="spank-ray-pss 0.0.1, Slurm 22.05, block 01/0000001"):
    """Shell commands that put a program of another build in the place of one of ours."""
    fake = f"{slurm.STATE}/other-build"
    return (f"printf '#!/bin/sh\\necho build {mark}\\n' >{fake}; chmod 755 {fake}; mount --bind {fake} {path}")


# What is in the file plugstack.conf, shell commands, and the line that has to be there.
LINE = "optional {plugin} spool={spool}"
FAULTS = {
    "no line": ("# optional ray_pss.so", "", "broken", "plugstack", ["no line names ray_pss.so"]),
    "no plugin": ("optional /nonexistent/ray_pss.so", "", "broken", "plugin", ['"/nonexistent/ray_pss.so"', "No such file"]),
    "not in PluginDir": ("optional ray_pss.so", "", "broken", "plugin", ["PluginDir"]),
    "two lines": (LINE + "\n" + LINE, "", "warning", "plugstack", ["2 lines name"]),
    "required": (LINE.replace("optional", "required"), "", "warning", "plugstack", ['"required"']),
    "another kind of line": ("optionl x.so\n" + LINE, "", "warning", "plugstack", ["line 1", "neither"]),
    "plugin of others": (LINE, "cp {plugin} {state}/p.so; chmod 666 {state}/p.so; mount --bind {state}/p.so {plugin}",
                         "broken", "plugin", ["others than root", "0666"]),
    "no plugin of ours": (LINE, "mount --bind /etc/passwd {plugin}", "broken", "plugin", ["no mark"]),
    "no raypssd": (LINE, "mount --bind /dev/null {libexec}/raypssd", "broken", "raypssd", ["Permission denied"]),
    "other raypssd": (LINE, other_build("{libexec}/raypssd"), "broken", "raypssd", ["another build", "0.0.1"]),
    "no publisher": (LINE, "mount --bind /dev/null {libexec}/raypss-publisher", "broken", "publisher", ["Permission denied"]),
    "other publisher": (LINE, other_build("{libexec}/raypss-publisher"), "broken", "publisher", ["another build"]),
    "no dormant": (LINE + " mode=auto", "mount --bind /dev/null {libexec}/raypss-dormant", "broken", "watch", ["Permission denied"]),
    "other dormant": (LINE + " mode=auto", other_build("{libexec}/raypss-dormant"), "broken", "watch", ["another build", "0.0.1"]),
    "no slurm.conf": (LINE, "export SLURM_CONF=/nonexistent", "broken", "slurm", ["SLURM_CONF=/nonexistent: No such file"]),
    "spool is a file": ("optional {plugin} spool=/etc/passwd", "", "broken", "spool", ["no directory"]),
    "spool on nothing": (LINE + "/new/one", "mount -t tmpfs -o ro none {spool}", "broken", "spool", ["cannot be made"]),
    "spool read-only": (LINE, "mount -t tmpfs -o ro,mode=711 none {spool}", "broken", "spool", ["Read-only file system"]),
    "spool of all": (LINE, "mount -t tmpfs -o mode=1777 none {spool}", "broken", "spool", ["every user may write"]),
    "spool is closed": (LINE, "mount -t tmpfs -o mode=700 none {spool}", "warning", "spool", ["users cannot enter"]),
    "spool without ACLs": (LINE, "mount -t ramfs -o mode=711 none {spool}", "broken", "spool", ["no access control lists"]),
    "spool is full": (LINE, "mount -t tmpfs -o size=1m,mode=711 none {spool}", "warning", "spool", ["are free in"]),
    "live figures of all": (LINE, "mkdir -p /run/raypss; mount -t tmpfs -o mode=777 none /run/raypss", "broken", "live",
                            ["every user may write"]),
    "live figures on disk": (LINE, "mkdir -p /run/raypss {state}/disk; chmod 711 {state}/disk; mount --bind {state}/disk "
                                   "/run/raypss", "warning", "live", ["not on a tmpfs"]),
    "no conf": (None, "", "broken", "plugstack", ["No such file"]),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told(name, tmp_path):
    conf, before, level, part, words = FAULTS[name]
    names = {"plugin": conftest.PLUGIN, "spool": f"{slurm.STATE}/spool", "state": slurm.STATE, "libexec": LIBEXEC}
    path = tmp_path / "plugstack.conf"
    if conf is not None:
        path.write_text(conf.format(**names) + "\n", encoding="ascii")
    status, text = check("--plugstack", str(path), before=before.format(**names))
    assert status == {"warning": WARNING, "broken": BROKEN}[level], text
    has_line(text, level, part, *words)


@pytest.mark.parametrize("words, told", [("mode=auto watch=off", "watch=off"), ("mode=opt-in", "only mode=auto")])
def test_dormant_is_not_asked_for_where_it_is_not_used(words, told, tmp_path):
    (tmp_path / "plugstack.conf").write_text(conftest.plugstack_line(words) + "\n", encoding="ascii")
    status, text = check("--plugstack", str(tmp_path / "plugstack.conf"),
                         before=f"mount --bind /dev/null {LIBEXEC}/raypss-dormant")
    assert status == OK, text
    has_line(text, "ok", "watch", told)


def test_included_files_are_read(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "plugstack.conf").write_text("include d/*.conf\n", encoding="ascii")
    (tmp_path / "d/ray_pss.conf").write_text(conftest.plugstack_line("mode=alwys") + "\n", encoding="ascii")
    status, text = check("--plugstack", str(tmp_path / "plugstack.conf"))
    assert status == BROKEN
    has_line(text, "broken", "plugstack", "d/ray_pss.conf, line 1", 'mode="alwys"')


def test_file_beside_slurm_conf_is_the_default(tmp_path):
    with open(os.environ["SLURM_CONF"], encoding="ascii") as file:
        kept = [line for line in file if not line.startswith("PlugStackConfig=")]
    (tmp_path / "slurm.conf").write_text("".join(kept), encoding="ascii")
    (tmp_path / "plugstack.conf").write_text(conftest.plugstack_line("mode=alwys") + "\n", encoding="ascii")
    _, text = check(before=f"export SLURM_CONF={tmp_path}/slurm.conf")
    has_line(text, "broken", "plugstack", f"{tmp_path}/plugstack.conf, line 1", 'mode="alwys"')


# How a site may place its files, as shell commands in a mount namespace of the check's own; {d} is a directory for the scenario.
PLACES = {
    "PlugStackConfig elsewhere": "export SLURM_CONF={d}/slurm.conf",
    "configless": "unset SLURM_CONF; mount -t tmpfs none /etc/slurm; mount -t tmpfs none /run; "
                  "mkdir -p /run/slurm/conf; cp {d}/* /run/slurm/conf",
}


@pytest.mark.parametrize("publisher", ["with", "without"])
@pytest.mark.parametrize("place", PLACES)
def test_plugstack_conf_is_where_slurm_conf_says(place, publisher, tmp_path):
    """Also where the publisher, which has Slurm's library, cannot tell."""
    with open(os.path.join(slurm.STATE, "etc/slurm.conf"), encoding="utf-8") as file:
        (tmp_path / "slurm.conf").write_text(file.read() + f"PlugStackConfig={tmp_path}/spank.conf\n")
    (tmp_path / "spank.conf").write_text(conftest.plugstack_line("mode=alwys") + "\n")
    gone = f"mount --bind /dev/null {LIBEXEC}/raypss-publisher" if publisher == "without" else ""
    status, text = check(before=PLACES[place].format(d=tmp_path) + "\n" + gone)
    assert status == BROKEN
    has_line(text, "broken", "plugstack", f"{tmp_path}/spank.conf, line 1", 'mode="alwys"')


def test_a_field_that_slurmdbd_does_not_get_is_told():
    with slurm.plugstack(conftest.plugstack_line("publish=extra")):
        status, text = check()
    if slurm.release() < "23.02":
        assert status == BROKEN
        has_line(text, "broken", "publish", "AccountingStoreFlags=job_extra")
    else:
        assert status == OK, text


def test_jobstats_in_the_field_is_told():
    with slurm.plugstack(conftest.plugstack_line()):
        run = slurm.start("srun", "-n1", "--mem=100", "sleep", "60")
        try:
            slurm.wait_for(lambda: slurm.job_state(run.job) == "RUNNING", 20, "the job to run")
            slurm.query("scontrol", "update", f"job={run.job}", "admincomment=JS1:H4sIAAAAAAAA")
            status, text = check()
            slurm.query("scontrol", "update", f"job={run.job}", "admincomment=")
        finally:
            run.end()
            # The next scenario takes slurmctld away. A step that ends then would try again after a minute.
            slurm.wait_for(lambda: not slurm.processes_named("slurmstepd"), 30, "the step to be over")
    assert status == WARNING, text
    has_line(text, "warning", "publish", "JS1:")


@pytest.mark.parametrize("daemon", ["slurmctld", "slurmdbd"])
def test_a_daemon_that_is_gone_is_told(daemon):
    with slurm.plugstack(conftest.plugstack_line()), daemons.gone(daemon):
        status, text = check()
    assert status == BROKEN, text
    has_line(text, "broken", daemon, "does not answer")


def test_an_ordinary_user_is_told_what_was_not_tried():
    with slurm.plugstack(conftest.plugstack_line()):
        run = subprocess.run([RAYPSS, "check"], user="nobody", group="nogroup", extra_groups=[], capture_output=True, text=True,
                             timeout=60, check=False)
    assert run.returncode == WARNING, run.stdout
    has_line(run.stdout, "warning", "spool", "needs root")


@pytest.mark.parametrize("arguments, word", [(["--nonsense"], "nonsense"), (["now"], '"now"')])
def test_wrong_use_is_said(arguments, word):
    run = subprocess.run([RAYPSS, "check", *arguments], capture_output=True, text=True, timeout=20, check=False)
    assert (run.returncode, run.stdout) == (2, "") and word in run.stderr
