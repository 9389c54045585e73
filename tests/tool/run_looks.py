# SPDX-License-Identifier: GPL-2.0-or-later
"""What raypss run tells while its command runs: how often it has looked."""
import contextlib
import pathlib
import re
import time

# sh -c LINKED FOLDER COMMAND.. makes a link to the live figures in the folder, for looks().
LINKED = 'ln -s "$RAYPSS_STATE" "$0/state"; exec "$@"'


def looks(folder):
    """How many looks the live figures in the folder tell of."""
    with contextlib.suppress(OSError):
        return int((re.findall(r"^sequence +(\d+)", (pathlib.Path(folder) / "state").read_text(), re.MULTILINE) or "0")[0])
    return 0


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
