# SPDX-License-Identifier: GPL-2.0-or-later
"""The live figures of raypss run."""
import os
import subprocess

RAYPSS = os.path.join(os.environ["RAYPSS_PREFIX"], "bin/raypss")


def run(script, *options, **environment):
    return subprocess.run([RAYPSS, "run", *options, "--", "sh", "-c", script], env={**os.environ, **environment},
                          capture_output=True, text=True, timeout=60, check=False)


def test_the_file_has_figures_and_goes_with_the_command(tmp_path):
    script = ("timeout 20 sh -c 'until grep -q \"^footprint *[1-9]\" $RAYPSS_STATE; do sleep 0.05; done'; "
              "cat $RAYPSS_STATE; echo path $RAYPSS_STATE; echo env $RAYPSS_MEMORY_LIMIT")
    result = run(script, "--limit=100M", TMPDIR=str(tmp_path))
    figures = dict(line.split() for line in result.stdout.splitlines())
    assert figures["limit"] == figures["env"] == str(100 << 20)
    assert int(figures["headroom"]) == (100 << 20) - int(figures["footprint"])
    assert figures["level"] == "0" and figures["path"].startswith(str(tmp_path))
    assert not os.listdir(tmp_path)


def test_figures_of_an_outer_step_are_not_taken_for_the_command_s():
    result = run('echo "${RAYPSS_MEMORY_LIMIT-none}"; test "$RAYPSS_STATE" != /outer', RAYPSS_STATE="/outer",
                 RAYPSS_MEMORY_LIMIT="5")
    assert (result.returncode, result.stdout) == (0, "none\n")


def test_the_command_runs_without_figures_too():
    result = run('echo "${RAYPSS_STATE-none}"', TMPDIR="/nonexistent")
    assert (result.returncode, result.stdout) == (0, "none\n")
    assert 'no live figures: cannot make "/nonexistent/raypss-run.' in result.stderr
