# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes that look like Ray's by what users control, and mean harm: ray_likeness.py FILES DIRECTORY

FILES says what the raylet's own files are: great (1 GiB of holes behind what Ray writes), fifos, links. Workers are shells
with a title of our choice and a log behind descriptor 1. Makes DIRECTORY/ready, and ends when DIRECTORY/until appears.
"""
import os
import shutil
import subprocess
import sys
import time

GIB = 1 << 30
STATE = b"- num local plasma objects: 7\n- num pinned objects size: 4096\n- num bytes currently spilled: 8192\n"
KILLED = b"Selected to kill: (task)\n"
HOSTILE = "\x1b]0;owned\x07\x1b[2J\n\r\"}],\u202e\\u0000%s%n".encode() + b"\xff\xfe"


def great(path, text):
    with open(path, "wb") as file:
        file.write(text)
        file.truncate(GIB)


def fifo(path, _):
    os.mkfifo(path)


def link(path, text):
    with open(f"{path}.target", "wb") as file:
        file.write(text)
    os.symlink(f"{path}.target", path)


FILES = {"great": great, "fifos": fifo, "links": link}


def like(title, *arguments, program, log, stdin):
    """A process that waits for the end of stdin."""
    return subprocess.Popen([title, "-c", "read x", *arguments], executable=program, stdin=stdin, stdout=log)


def opened(path, make, text):
    make(path, text)
    # For writing only, the open of a FIFO would wait for a reader.
    return os.open(path, os.O_RDWR)


# Title, log, how the log is made, what it says.
WORKERS = [
    (b"ray::" + HOSTILE, "worker-1-1-1.out", fifo, b""),
    (b"ray::linked", "worker-2-1-2.out", link, b":actor_name:Stolen\n"),
    (b"ray::f" + b"\x1b" * 100000, "worker-3-1-3.out", great, b":task_name:f\n"),
    (b"ray::called", "worker-4-1-4.out", great, b":actor_name:" + HOSTILE.replace(b"\n", b"") + b"\n"),
    (b"ray::unended", "worker-5-1-5.out", great, b":actor_name:" + b"x" * 100000),
]


def main():
    make, folder = FILES[sys.argv[1]], sys.argv[2]
    os.makedirs(f"{folder}/session/logs")
    os.makedirs(f"{folder}/session/ray_spilled_objects_1")
    make(f"{folder}/session/logs/debug_state.txt", STATE)
    make(f"{folder}/session/logs/raylet.out", KILLED)
    raylet = f"{folder}/raylet"
    shutil.copy(os.path.realpath("/bin/sh"), raylet)
    # The shells end with this process, which has the other end.
    stdin, _ = os.pipe()
    like(raylet, "raylet", f"--session_dir={folder}/session", "--object_store_memory=99999999999999999999999",
         "--static_resource_list=memory,-1,CPU", program=raylet, log=subprocess.DEVNULL, stdin=stdin)
    for title, name, log, text in WORKERS:
        like(title, program="/bin/sh", log=opened(f"{folder}/{name}", log, text), stdin=stdin)
    with open(f"{folder}/ready", "w", encoding="ascii"):
        pass
    end = time.monotonic() + 60
    while not os.path.exists(f"{folder}/until") and time.monotonic() < end:
        time.sleep(0.05)


main()
