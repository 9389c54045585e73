# SPDX-License-Identifier: GPL-2.0-or-later
"""What the words of --ray-pss-accounting and the arguments in plugstack.conf do to a step."""
import os
import shlex

import pytest

import conftest
import jobs
import slurm
import workload

pytestmark = [pytest.mark.plugin, pytest.mark.usefixtures("installed")]
OPTION = "--ray-pss-accounting"


@pytest.mark.parametrize("word, corrected", [("maxrss=leave", False), ("maxrss=pss", "pss")])
def test_maxrss_is_corrected_or_left(word, corrected):
    with workload.held(["--mem=4000", f"{OPTION}={word}"], ["--processes=8", "--shared=100", "--private=5"],
                       before_poll=True) as step:
        truth = step.seen_for(workload.ONE_POLL_SECONDS).truth()
        run = step.release(between_polls=True)
    found = slurm.max_rss(run.job)
    assert found == pytest.approx(truth["pss" if corrected else "rss"], rel=0.05)
    assert slurm.record(run.job)["corrected"] == corrected


def test_a_step_that_is_not_accounted_has_no_figures_of_another_one():
    run = slurm.srun("-n1", f"{OPTION}=off", "sh", "-c", "echo ${RAYPSS_STATE-none} ${RAYPSS_MEMORY_LIMIT-none}",
                     env={"RAYPSS_STATE": "/of/another/step", "RAYPSS_MEMORY_LIMIT": "5"})
    assert (run.rc, run.out) == (0, "none none\n"), run.err


@pytest.mark.parametrize("asked, notified", [("USR1@50%", True), ("USR1@99%", False)])
def test_tasks_are_notified_at_a_part_of_the_limit(asked, notified):
    script = f"trap 'echo notified' USR1; {workload.STORE} --processes=1 --shared=0 --private=70 --hold=1 & wait; wait"
    run = slurm.srun("-n1", "--mem=100", f"{OPTION}=notify={asked}", "bash", "-c", script)
    assert run.rc == 0, run.err
    assert ("notified" in run.out) == notified
    record = slurm.record(run.job)
    assert (0 <= record["notified"] <= record["elapsed"]) if notified else record["notified"] is None


# Fills 70 of 100 MiB, gives them back, and fills them again, as often as it is told. It goes on when raypssd has seen it.
DRIVER = """
import mmap, os, signal, sys, time
received = 0
def handler(*_):
    global received
    received += 1
signal.signal(signal.SIGUSR1, handler)
def footprint():
    with open(os.environ["RAYPSS_STATE"]) as file:
        figures = dict(line.split() for line in file)
    return 0 if figures["footprint"] == "-" else int(figures["footprint"])
def wait_for(condition):
    end = time.monotonic() + 20
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
for _ in range(2):
    memory = mmap.mmap(-1, 70 << 20, flags=mmap.MAP_PRIVATE)
    memory.write(b"x" * len(memory))
    wait_for(lambda: footprint() > 70 << 20)
    memory.close()
    wait_for(lambda: footprint() < 35 << 20)
print("received", received)
"""


def test_a_driver_below_a_wrapper_is_notified_once_for_each_crossing():
    """The wrapper has no handler: the signal would end it, and the step with it."""
    run = slurm.srun("-n1", "--mem=100", f"{OPTION}=notify=USR1@50%,interval=100ms", "bash", "-c",
                     "python3 -c \"$0\"; echo wrapper $?", DRIVER)
    assert run.rc == 0, run.err
    assert run.out.split("\n")[:2] == ["received 2", "wrapper 0"]
    assert "notify" not in run.err


def test_a_task_without_a_handler_is_left_alone_and_its_user_is_told():
    run = slurm.srun("-n1", "--mem=100", f"{OPTION}=quiet,notify=USR1@50%", workload.STORE, "--processes=1", "--shared=0",
                     "--private=70", "--hold=1")
    assert run.rc == 0, run.err
    assert slurm.our_lines(run.err) == [
        "ray_pss: notify: signal USR1 was not sent to 1 of 1 tasks at 50 % of the limit: no process there has a handler, "
        "and the signal would have ended it"]


def test_live_figures_are_the_user_s_to_read():
    # A step may read the file before the first sample.
    script = ("timeout 10 sh -c 'until grep -q \"^footprint *[1-9]\" $RAYPSS_STATE; do sleep 0.05; done'; "
              "cat $RAYPSS_STATE; echo limit_env $RAYPSS_MEMORY_LIMIT")
    run = slurm.srun("-n1", "--mem=100", OPTION, "sh", "-c", script, user="nobody")
    assert run.rc == 0, run.err
    figures = dict(line.split() for line in run.out.splitlines())
    assert figures["limit"] == figures["limit_env"] == str(100 * slurm.MIB)
    assert int(figures["footprint"]) > 0 and int(figures["processes"]) >= 1


@pytest.fixture(scope="module")
def programs():
    """Programs with the names of Ray and of what starts it. They only end."""
    folder = os.path.join(slurm.OUTPUT, "programs")
    os.makedirs(folder, exist_ok=True)
    for name in ("ray", "serve", "conda", "uv", "apptainer"):
        path = os.path.join(folder, name)
        with open(path, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\nexit 0\n")
        os.chmod(path, 0o755)
    return folder


@pytest.mark.parametrize("command, accounted", [
    ("{}/ray start --head", True),
    ("{}/serve run app:graph", True),
    ("{}/conda run -n any ray start", True),
    ("{}/uv run ray start", True),
    ("{}/apptainer exec image ray start", True),
    ("python3 -m ray.scripts.scripts start", True),
    ("sh -c '{}/ray start --head --block'", True),
    ("env RAY_ADDRESS= ls -d /", False),
    ("ls -d ray", False),
])
def test_auto_knows_a_command_of_ray(programs, command, accounted):
    with slurm.plugstack(conftest.plugstack_line("mode=auto")):
        run = slurm.srun("-n1", "--mem=100", *shlex.split(command.format(programs)))
    assert bool(slurm.our_lines(run.err)) == accounted, run.err


@pytest.mark.parametrize("script, accounted", [
    ("PATH={}:$PATH\nray start --head\n", True),
    ("python3 - <<'END'\ntry:\n    import ray\nexcept ImportError:\n    pass\nEND\n", True),
    ("# ray start\necho ray start\n", False),
])
def test_auto_knows_a_batch_script_of_ray(programs, script, accounted):
    with slurm.plugstack(conftest.plugstack_line("mode=auto")):
        job = slurm.sbatch(script.format(programs), "-n1", "--mem=100").job
        assert slurm.wait_job(job) == "COMPLETED"
    assert bool(slurm.our_lines(slurm.job_output(job))) == accounted


@pytest.mark.parametrize("argument, environment, accounted", [
    ("mode=auto", {"RAY_ADDRESS": "127.0.0.1:6379"}, True),
    ("mode=auto", {"RAY_DEDUP_LOGS": "0"}, False),
    ("mode=auto", {}, False),
    ("mode=always", {}, True),
    ("mode=opt-in", {}, False),
])
def test_mode_says_which_steps_are_accounted(argument, environment, accounted):
    with slurm.plugstack(conftest.plugstack_line(argument)):
        words = [f"{name}={value}" for name, value in environment.items()]
        run = slurm.srun("-n1", "--mem=100", *([f"--export=ALL,{','.join(words)}"] if words else []), "true")
        assert run.rc == 0
    assert bool(slurm.our_lines(run.err)) == accounted, run.err


def test_a_costly_correction_is_told():
    """6 GiB of RSS at a poll every second are more than 5 % of a core."""
    before = slurm.slurmd_log_size()
    with workload.held(["--mem=4000", OPTION], ["--processes=8", "--shared=750", "--private=1"],
                       env={"SLURM_ACCTG_FREQ": "task=1"}) as step:
        slurm.wait_for(lambda: jobs.live(f"{step.job}.").get("rss", 0) > 5.5 * 1024 * slurm.MIB, 10, "a look at all of it")
        run = step.release()
    assert run.rc == 0, run.err
    assert slurm.record(run.job)["corrected"]
    told = [line for line in slurm.our_lines(slurm.slurmd_log(since=before)) if "maxrss=leave" in line]
    assert len(told) == 1 and "of a core" in told[0]


# Without a cgroup v2 the files are ours. Where the step has one with a limit, they are the kernel's.
LIMITS = """
cd /sys/fs/cgroup || exit 1
timeout 20 sh -c 'until [ "$(cat memory.current)" -gt 0 ]; do sleep 0.05; done' || exit 1
echo max $(cat memory.max) $(grep -c '^inactive_file [0-9]' memory.stat)
echo ray $RAY_DEFAULT_OBJECT_STORE_MAX_MEMORY_BYTES $RAY_OVERRIDE_RESOURCES $RAY_memory_monitor_refresh_ms
touch memory.max && echo written
"""


def limits_left():
    return [name for name in os.listdir(jobs.LIVE) if name.endswith(".cgroup")]


@pytest.mark.parametrize("site, word", [("", "limits"), ("limits=on", "on")])
def test_tasks_find_their_limit_where_programs_look_for_it(site, word):
    with slurm.plugstack(conftest.plugstack_line(*site.split())):
        run = slurm.srun("-n1", "--mem=100", f"{OPTION}={word}", "sh", "-c", LIMITS, user="nobody")
    limit = 100 * slurm.MIB
    assert run.out.splitlines() == [f"max {limit} 1", f'ray {limit * 3 // 10} {{"memory":{limit * 7 // 10}}} 100'], run.err
    assert not limits_left()


@pytest.mark.parametrize("site, word", [("", "on"), ("limits=on", "nolimits")])
def test_limits_are_shown_only_if_wanted(site, word):
    with slurm.plugstack(conftest.plugstack_line(*site.split())):
        run = slurm.srun("-n1", "--mem=100", f"{OPTION}={word}", "sh", "-c",
                         "cat /sys/fs/cgroup/memory.max; echo $RAY_OVERRIDE_RESOURCES")
    assert str(100 * slurm.MIB) not in run.out and "memory\":" not in run.out


def test_what_the_user_has_told_ray_stays():
    words = {"RAY_DEFAULT_OBJECT_STORE_MAX_MEMORY_BYTES": "5", "RAY_OVERRIDE_RESOURCES": "{}"}
    run = slurm.srun("-n1", "--mem=100", f"{OPTION}=limits", "sh", "-c",
                     "echo $RAY_DEFAULT_OBJECT_STORE_MAX_MEMORY_BYTES $RAY_OVERRIDE_RESOURCES", env=words)
    assert run.out == "5 {}\n"


def test_memory_in_the_command_comes_before_the_limit():
    run = slurm.srun("-n1", "--mem=100", f"{OPTION}=limits", "sh", "-c", "echo \"<$RAY_OVERRIDE_RESOURCES>\"", "x",
                     "--memory=7")
    assert run.out == "<>\n"


def test_limits_that_cannot_be_shown_are_told_to_the_user():
    """Something else is where the directory of the files must be."""
    with slurm.allocation("-n1", "--mem=100") as job:
        nodes = slurm.query("squeue", "-h", "-j", job, "-o", "%N").strip()
        path = f"{jobs.LIVE}/{job}.0.{nodes}.cgroup"
        os.makedirs(jobs.LIVE, mode=0o711, exist_ok=True)
        with open(path, "w", encoding="ascii"):
            pass
        try:
            run = slurm.srun(f"--jobid={job}", "-n1", f"{OPTION}=limits", "true", job=job)
        finally:
            os.unlink(path)
    assert run.rc == 0
    told = "ray_pss: limits: cannot show the step's limit in /sys/fs/cgroup: Not a directory"
    assert any(line.endswith(told) for line in slurm.our_lines(run.err)), run.err
