# SPDX-License-Identifier: GPL-2.0-or-later
"""raypss check on a sound node with cgroup v2, with a real step whose record is compared with the truth."""
import os
import subprocess

import slurm
from conftest import PATIENT, cluster

RAYPSS = os.path.join(cluster.PREFIX, "bin/raypss")
# hostfs has no access control lists.
SPOOL = "/var/tmp/spool"


def test_a_sound_node_is_well():
    os.makedirs(SPOOL, mode=0o755, exist_ok=True)
    with slurm.plugstack(f"optional {cluster.PLUGIN} spool={SPOOL} interval=100ms {PATIENT}"):
        run = subprocess.run([RAYPSS, "check", "--step", "--", "--mem=300"], capture_output=True, text=True, timeout=120,
                             check=False)
    lines = [line.split(None, 2) for line in run.stdout.splitlines() if line.startswith(("ok ", "warning ", "broken "))]
    # This Slurm has no slurmdbd, and that is all there is to say.
    assert run.returncode == 1, run.stdout
    assert [line[:2] for line in lines if line[0] != "ok"] == [["warning", "slurmdbd"]], run.stdout
    texts = {part: text for level, part, text in lines if level == "ok" and "cgroup" in text}
    assert "cgroup v2" in texts.get("kernel", ""), run.stdout
    assert any(part == "step" and "shared 64.0 MiB" in text for _, part, text in lines), run.stdout
