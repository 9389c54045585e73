# SPDX-License-Identifier: GPL-2.0-or-later
"""contrib/epilog/raypss-left: lists what the records name, and on wish removes exactly that."""
import os
import subprocess

import pytest

LEFT = os.path.join(os.path.dirname(__file__), "../../contrib/epilog/raypss-left")
USER = 65534

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: a /dev/shm and processes of its own")

# What two steps of user 65534 left: a file, one in a folder, one that another file has replaced since, one that is not
# the user's, one that a symbolic link leads to, one outside of the places, and a segment. Nothing tells of /dev/shm/other.
MAKE = r"""
mount -t tmpfs -o mode=1777 none /dev/shm
mount -t tmpfs -o mode=1777 none /mnt
user='setpriv --reuid=65534 --clear-groups'
$user sh -c 'cd /dev/shm && mkdir folder && echo 1 >file && echo 1 >folder/below && echo 1 >replaced && echo 1 >other'
echo 1 >/dev/shm/root
echo 1 >/mnt/target
chown 65534 /mnt/target
ln -s /mnt /dev/shm/link
segment=$($user ipcmk -M 4096 | grep -o '[0-9]*$')
$user ipcmk -M 4096 >/dev/null
number() { stat -c %i "$1"; }
file() { printf '{"kind":"file","name":"%s","id":%s,"bytes":2}' "$1" "${2:-$(number "$1")}"; }
folder=$spool/cluster/7
mkdir -p "$folder"
printf '{"uid":65534,"left_objects":[%s,%s,%s,%s]}' "$(file /dev/shm/file)" "$(file /dev/shm/folder/below)" \
    "$(file /dev/shm/replaced 1)" "$(file /dev/shm/root)" >"$folder/0.n1.json"
printf '{"uid":65534,"left_objects":[%s,%s,{"kind":"sysv","name":"","id":%s,"bytes":4096}]}' \
    "$(file /dev/shm/link/target)" "$(file /mnt/target)" "$segment" >"$folder/1.n1.json"
printf '{"uid":65534,"left_objects":[%s]}' "$(file /dev/shm/other)" >"$folder/0.n2.json"
echo 'no record' >"$folder/2.n1.json"
"""
SHOW = r"""
echo --
find /dev/shm /mnt -type f -printf '%f\n' | sort
ipcs -m | grep -c '^0x'
"""


def left(tmp_path, *arguments, before=""):
    """The lines that raypss-left printed, the files that are still there, and the number of segments."""
    script = f'set -e{MAKE}{before}\nset +e\n"$left" --spool "$spool" --cluster cluster --job 7 --node n1 "$@"{SHOW}'
    run = subprocess.run(["unshare", "--mount", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
                          script, "sh", *arguments], capture_output=True, text=True, check=True, timeout=60,
                         env={**os.environ, "spool": str(tmp_path), "left": LEFT})
    assert not run.stderr, run.stderr
    said, there = run.stdout.split("--\n")
    *files, segments = there.splitlines()
    return said.splitlines(), files, int(segments)


ALL = ["below", "file", "other", "replaced", "root", "target"]


def test_lists_and_removes_nothing(tmp_path):
    said, files, segments = left(tmp_path)
    assert len(said) == 7
    assert said[0] == f"job 7 of user {USER} left /dev/shm/file, 2 bytes"
    assert said[-1].startswith(f"job 7 of user {USER} left segment ")
    assert (files, segments) == (ALL, 2)


def test_a_spool_whose_nodes_do_not_know_the_clusters_name(tmp_path):
    assert len(left(tmp_path, "--cluster=another")[0]) == 7


def test_removes_exactly_what_the_records_name(tmp_path):
    said, files, segments = left(tmp_path, "--remove")
    assert [line.endswith(", removed") for line in said] == [True, True, False, False, False, False, True]
    assert all(line.endswith((", removed", ", not there any more")) for line in said)
    assert (files, segments) == (["other", "replaced", "root", "target"], 1)


def test_keeps_all_while_the_user_has_a_process(tmp_path):
    said, files, segments = left(tmp_path, "--remove", before="$user sleep 60 >&- 2>&- &\nuntil pgrep -u 65534 >/dev/null; do :; done")
    assert all(line.endswith(", kept: the user still has processes") for line in said)
    assert (files, segments) == (ALL, 2)


def test_says_what_is_missing():
    run = subprocess.run([LEFT], capture_output=True, text=True, check=False, timeout=60, env={"PATH": os.environ["PATH"]})
    assert run.returncode == 1
    assert run.stderr == "raypss-left: no job or node: SLURM_JOB_ID and SLURMD_NODENAME are not set\n"


@pytest.mark.parametrize("arguments, words", [(["--nonsense"], "--nonsense"), (["--job"], "--job: expected one argument"),
                                              (["extra"], "extra")])
def test_wrong_use_is_one_line(arguments, words):
    run = subprocess.run([LEFT, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 2 and not run.stdout
    assert run.stderr.startswith("raypss-left: ") and words in run.stderr and run.stderr.count("\n") == 1
    assert "allowed: --spool" in run.stderr


def test_the_epilog_wants_a_job():
    env = {key: value for key, value in os.environ.items() if key != "SLURM_JOB_ID"}
    run = subprocess.run([os.path.join(os.path.dirname(LEFT), "raypss-epilog")], capture_output=True, text=True, check=False,
                         timeout=60, env=env)
    assert run.returncode == 1
    assert run.stderr == "raypss-epilog: SLURM_JOB_ID is not set; slurmctld sets it for EpilogSlurmctld\n"
