# SPDX-License-Identifier: GPL-2.0-or-later
"""A private Slurm with the plugin around a script of this folder, and its slurm module (tests/cluster)."""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../cluster"))
import slurm  # noqa: E402

RIG = os.path.join(HERE, "../../contrib/quickstart/private-slurm")


def add_arguments(parser):
    parser.add_argument("--build", default=os.environ.get("RAYPSS_BUILD", "build"), metavar="DIR",
                        type=os.path.realpath, help="where make check was run (default: $RAYPSS_BUILD or build)")
    parser.add_argument("--prefix", default=os.environ.get("RAYPSS_PREFIX"), metavar="DIR", type=os.path.realpath,
                        help="where the plugin is installed (default: $RAYPSS_PREFIX)")
    parser.add_argument("--json", metavar="FILE", type=os.path.realpath, help="write all figures to FILE")


def enter(o, *settings, plugin=True):
    """Returns in the rig: outside of it this program becomes the rig, which runs it again."""
    if plugin and not o.prefix:
        sys.exit("the plugin must be installed: give --prefix DIR")
    if not slurm.STATE:
        state = tempfile.mkdtemp(prefix="raypss-bench.")
        os.chmod(state, 0o755)
        line = [RIG, "--state", state, "--no-slurmdbd", "--set", "JobAcctGatherType=jobacct_gather/linux"]
        for setting in settings:
            line += ["--set", setting]
        os.nice(-20)  # what else runs on the machine shows less
        line += ["--", sys.executable, os.path.realpath(sys.argv[0]), *sys.argv[1:]]
        status = subprocess.run(line, check=False).returncode
        if not status:
            shutil.rmtree(state, ignore_errors=True)
        sys.exit(status)
    os.makedirs(slurm.OUTPUT, exist_ok=True)
    os.chmod(os.path.join(slurm.STATE, "spool"), 0o755)


def plugstack(o, *arguments):
    return slurm.plugstack(" ".join([f"optional {o.prefix}/lib/slurm/ray_pss.so spool={slurm.STATE}/spool publish=none",
                                     *arguments]))


def cpu_seconds(pid):
    """Of all threads, to the nanosecond: a clock tick is more than a look costs."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def processes(begin):
    """The pids whose command line begins like that."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                if file.read().startswith(begin):
                    yield int(pid)
        except OSError:
            pass
