# SPDX-License-Identifier: GPL-2.0-or-later
"""Live memory figures of the own job step, and help to stay below its limit.

For programs in a step that ray_pss accounts (srun --ray-pss-accounting) or under "raypss run". One file without
dependencies: copy it beside the program, or put its directory into PYTHONPATH. run() needs Ray, the others do not.

    import raypss

    raypss.usage()["footprint"]                  # bytes that the step uses on this node
    raypss.wait_below(0.8)                       # wait until at most 80 % of the limit are used
    for result in raypss.run(task, items):       # Ray tasks, as many at once as fit below the limit
        ...

All figures are those of the node that the calling process runs on.
"""
import collections
import glob
import os
import socket
import time
from typing import Any, Callable, Deque, Dict, Iterable, Iterator, Optional, Set, Union

__all__ = ["NotAccounted", "usage", "wait_below", "run"]

Figures = Dict[str, Optional[int]]

# Where ray_pss.so keeps the live figures of running steps: DIRECTORY/JOB.STEP.NODE
DIRECTORY = "/run/raypss"

# Seconds between two looks at the figures. raypssd writes them 1 to 20 times a second.
_POLL = 0.05
# A task that has not ended counts as grown up when nothing grew for that long: seconds, and part of the limit per second.
_SETTLED_SECONDS = 2.0
_SETTLED_GROWTH = 0.01
# Steps that are tried by number, where only the job is known.
_STEPS = 32


class NotAccounted(RuntimeError):
    """There are no live figures: the step is not accounted, or has ended."""


def _paths(job: Optional[str]) -> Iterator[str]:
    """Where the figures may be, best first. Users may not list the directory, so names are put together."""
    if job is None and os.environ.get("RAYPSS_STATE"):
        yield os.environ["RAYPSS_STATE"]
    job = job or os.environ.get("SLURM_JOB_ID")
    if not job:
        return
    host = socket.gethostname().split(".")[0]
    nodes = dict.fromkeys(name for name in (os.environ.get("SLURMD_NODENAME"), host) if name)
    steps = [os.environ.get("SLURM_STEP_ID"), "batch", "interactive", *map(str, range(_STEPS))]
    for step in dict.fromkeys(step for step in steps if step):
        for node in nodes:
            yield f"{DIRECTORY}/{job}.{step}.{node}"
        # Where the user may list the directory, other names of the node are found too.
        yield from glob.glob(f"{glob.escape(DIRECTORY)}/{glob.escape(job)}.{step}.*")


def _parse(text: str) -> Optional[Figures]:
    """The figures of a text, or None if raypssd was just writing it."""
    figures: Figures = {}
    sequences = []
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        value = value.strip()
        number = int(value) if value.isdigit() else None
        if key == "sequence":
            sequences.append(number)
        figures[key] = number
    return figures if len(sequences) == 2 and sequences[0] == sequences[1] else None


def _read(path: str) -> Figures:
    """Raises OSError; TimeoutError if the file has no whole text for a second."""
    end = time.monotonic() + 1
    while True:
        with open(path, encoding="ascii", errors="replace") as file:
            figures = _parse(file.read(65536))
        if figures is not None:
            return figures
        if time.monotonic() > end:
            raise TimeoutError(f"{path}: no whole text of live figures")
        time.sleep(0.01)


def _job_number(job: Union[int, str]) -> str:
    text = str(job)
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"job={job!r} is not a job's number, such as 1234")
    return text


def usage(job: Optional[Union[int, str]] = None) -> Figures:
    """The live figures of this process's step: key to number, None for what is not known.

    Bytes: limit, footprint, private, shared, kernel, swap, file, locked, hugetlb, rss, store, fallback, peak, headroom (what
    is left to the limit). growth is in bytes per second. level is 0 to 3: calm, rising, high, critical. ray_pss(8), LIVE
    FIGURES, defines all of them.

    job: number of a job of the same user on this node, for programs outside of it, such as a notebook. Without it the step is
    found by RAYPSS_STATE, or else by SLURM_JOB_ID. If several steps of the job may be meant, the first one counts of: the one
    in SLURM_STEP_ID, batch, interactive, 0, 1 ...

    Raises NotAccounted if there are no figures, and ValueError if job is no number.
    """
    for path in _paths(None if job is None else _job_number(job)):
        try:
            return _read(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise NotAccounted(f"the live figures cannot be read: {error}") from error
    job = job or os.environ.get("SLURM_JOB_ID")
    if not job:
        raise NotAccounted("no live figures: this process is in no step of Slurm, and not under \"raypss run\"")
    raise NotAccounted(f"no live figures of job {job} on {socket.gethostname()}: it has ended, runs on other nodes, or is not "
                       "accounted (srun --ray-pss-accounting)")


def _used(figures: Figures) -> Optional[int]:
    """Bytes that count towards the limit; None without a limit."""
    limit, headroom = figures.get("limit"), figures.get("headroom")
    return None if limit is None or headroom is None else limit - headroom


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _check_fraction(name: str, value: Any) -> None:
    if not _is_number(value) or not 0 < value <= 1:
        raise ValueError(f"{name}={value!r} is not a number above 0 and at most 1")


def wait_below(fraction: float, timeout: Optional[float] = None) -> bool:
    """Waits until at most this fraction of the step's limit is used.

    Returns True then, and at once if the step has no limit; False after timeout seconds. Raises NotAccounted if there are no
    figures, also when they vanish while it waits, and ValueError if an argument is wrong.
    """
    _check_fraction("fraction", fraction)
    if timeout is not None and not (_is_number(timeout) and timeout >= 0):
        raise ValueError(f"timeout={timeout!r} is not None or a number of seconds")
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        figures = usage()
        used = _used(figures)
        if used is None or used <= fraction * (figures["limit"] or 0):
            return True
        if end is not None and time.monotonic() >= end:
            return False
        time.sleep(_POLL)


class _Governor:
    """Says whether one more task fits below the limit, by what the tasks so far have needed."""

    def __init__(self, high: float, read: Callable[[], Figures] = usage, clock: Callable[[], float] = time.monotonic):
        self._high, self._read, self._clock = high, read, clock
        self._base: Optional[int] = None  # used when no task ran
        self._each = 0  # the most that one task has needed
        self._known = False  # whether _each is more than a beginning
        self._peak: Optional[int] = None
        self._quiet_since = clock()

    def _learn(self, figures: Figures, used: int, running: int) -> None:
        seen, peak = used, figures.get("peak") or 0
        # A peak between two looks.
        if self._peak is not None and peak > self._peak:
            seen = max(seen, peak)
        self._peak = peak
        if not running:
            self._base = used
        if self._base is None:
            self._base = used
        if running:
            self._each = max(self._each, (seen - self._base) // running)
        if (figures.get("growth") or 0) > _SETTLED_GROWTH * (figures["limit"] or 0):
            self._quiet_since = self._clock()

    def admits(self, running: int) -> bool:
        """Whether a task may start while so many run. Where nothing is known about the memory, any may."""
        try:
            figures = self._read()
        except NotAccounted:
            return True
        used = _used(figures)
        if used is None:
            return True
        self._learn(figures, used, running)
        if not running:
            return True
        if not self._known and self._clock() - self._quiet_since < _SETTLED_SECONDS:
            return False
        # Tasks that have just started will need as much as the greatest one before.
        expected = max(used, (self._base or 0) + self._each * running) + self._each
        return expected <= self._high * (figures["limit"] or 0)

    def started(self) -> None:
        """A task was started: what it needs is not seen yet."""
        self._quiet_since = self._clock()

    def ended(self) -> None:
        """A task has ended: what a task needs is known now."""
        self._known = True


def run(task: Any, items: Iterable[Any], high: float = 0.9, at_once: Optional[int] = None) -> Iterator[Any]:
    """Runs task.remote(item) of Ray for each item, and returns an iterator of the results in the order of the items.

    A task starts only if the step is expected to stay below the fraction high of its limit: the first one alone; then as
    many at once as fit, by the most that one has needed so far. One task always runs, whatever the memory says, so the work
    goes on. At most at_once run at one time (default: the CPUs of the Ray cluster). Without a limit, or in a step that is
    not accounted, only at_once counts.

    Tasks start while the iterator is asked for results. If a task fails, its exception comes in place of its result and ends
    the iterator; tasks that run go on.

    The figures are those of this node. On several nodes, give run() the tasks of this node.

    Raises TypeError or ValueError if an argument is wrong.
    """
    _check_fraction("high", high)
    if at_once is not None and not (isinstance(at_once, int) and at_once >= 1):
        raise ValueError(f"at_once={at_once!r} is not None or a whole number of at least 1")
    if not hasattr(task, "remote"):
        raise TypeError(f"task={task!r} is not Ray's: it needs the decorator @ray.remote")
    return _results(task, iter(items), _Governor(high), at_once)


def _results(task: Any, waiting: Iterator[Any], governor: _Governor, at_once: Optional[int]) -> Iterator[Any]:
    import ray  # pylint: disable=import-outside-toplevel

    at_once = at_once or max(1, int(ray.cluster_resources().get("CPU", 1)))
    more = True
    ordered: Deque[Any] = collections.deque()
    running: Set[Any] = set()
    while more or ordered:
        # Results that wait for an earlier one take memory too, so there are not many of them.
        while more and len(running) < at_once and len(ordered) < 4 * at_once and governor.admits(len(running)):
            try:
                item = next(waiting)
            except StopIteration:
                more = False
                break
            ref = task.remote(item)
            ordered.append(ref)
            running.add(ref)
            governor.started()
        if running:
            done, _ = ray.wait(list(running), num_returns=1, timeout=_POLL, fetch_local=False)
            if done:
                governor.ended()
            running.difference_update(done)
        while ordered and ordered[0] not in running:
            yield ray.get(ordered.popleft())
