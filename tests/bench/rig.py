# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a script of this folder inside a private Slurm with the plugin, and gives it tests/cluster's slurm module."""
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


def enter(o, *settings, plugin=True, options=()):
    """Returns inside the private Slurm. Outside, it replaces this program by private-slurm, which runs the program again.
    options: further ones of private-slurm."""
    if plugin and not o.prefix:
        sys.exit("the plugin must be installed: give --prefix DIR")
    if not slurm.STATE:
        state = tempfile.mkdtemp(prefix="raypss-bench.")
        os.chmod(state, 0o755)
        line = [RIG, "--state", state, "--no-slurmdbd", "--set", "JobAcctGatherType=jobacct_gather/linux",
                *options]
        for setting in settings:
            line += ["--set", setting]
        os.nice(-20)  # load on the machine matters less
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
    """CPU time of all threads in nanoseconds, because a clock tick is longer than a look."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def processes(begin):
    """Pids of the processes whose command line begins with the text."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                if file.read().startswith(begin):
                    yield int(pid)
        except OSError:
            pass
