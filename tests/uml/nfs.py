# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's NFS 4.1 server and a mount of it, on this machine. Root of the client is nobody on the server.

exportfs and rpc.mountd are not needed: they only fill the server's caches. The lines are those that ip_map_parse() of
net/sunrpc/svcauth_unix.c, svc_export_parse() and expkey_parse() of fs/nfsd/export.c read.
"""
import contextlib
import ctypes
import errno
import os
import subprocess

NFSD = "/proc/fs/nfsd"
ADDRESS = "10.77.1.1"
# NFSEXP_INSECURE_PORT, _ROOTSQUASH, _NOSUBTREECHECK and _FSID of linux/nfsd/export.h: the mount's root has the number 0.
FLAGS = 0x0002 | 0x0004 | 0x0400 | 0x2000
NOBODY, FOR_EVER = 65534, 0x7fffffff
FINIT_MODULE = 313  # on x86-64


def _modules(name):
    return os.path.join("/usr/lib/uml/modules", os.uname().release, name)


def load(*names):
    """Loads modules with those that they need, in the order of modules.dep; there is no modprobe here."""
    with open(_modules("modules.dep"), encoding="ascii") as file:
        needs = {line.split(":")[0]: line.split(":")[1].split() for line in file}
    libc = ctypes.CDLL(None, use_errno=True)
    for name in names:
        path = next(path for path in needs if path.endswith(f"/{name}.ko"))
        for module in [*reversed(needs[path]), path]:
            with open(_modules(module), "rb") as file:
                # The module may be there already.
                if libc.syscall(FINIT_MODULE, file.fileno(), b"", 0) and ctypes.get_errno() != errno.EEXIST:
                    raise OSError(ctypes.get_errno(), f"cannot load {module}")


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def serve(threads):
    """Starts the server, or stops it with 0. In the first 10 s it lets nobody open a file, because a client from before may
    come back. No shorter time is possible."""
    if threads:
        write(f"{NFSD}/versions", "-2 -3 +4 +4.1\n")
        for name in ("nfsv4leasetime", "nfsv4gracetime"):
            write(f"{NFSD}/{name}", "10\n")
        write(f"{NFSD}/portlist", "tcp 2049\n")
    write(f"{NFSD}/threads", f"{threads}\n")


def export(directory):
    write("/proc/net/rpc/auth.unix.ip/channel", f"nfsd {ADDRESS} {FOR_EVER} rig\n")
    write("/proc/net/rpc/nfsd.export/channel", f"rig {directory} {FOR_EVER} {FLAGS} {NOBODY} {NOBODY} 0\n")
    write("/proc/net/rpc/nfsd.fh/channel", f"rig 1 \\x00000000 {FOR_EVER} {directory}\n")


@contextlib.contextmanager
def mounted(directory, where):
    """Exports the directory, which an ordinary file system has, and mounts it."""
    load("nfsd", "nfsv4")
    subprocess.run(["mount", "-t", "nfsd", "none", NFSD], check=True)
    address("add")
    serve(2)
    export(directory)
    options = f"vers=4.1,addr={ADDRESS},clientaddr={ADDRESS},proto=tcp,sec=sys,actimeo=0,timeo=5,retrans=1"
    try:
        subprocess.run(["mount", "-i", "-t", "nfs4", "-o", options, f"{ADDRESS}:/", where], check=True)
        yield
    finally:
        subprocess.run(["umount", "--force", "--lazy", where], check=False)
        serve(0)
        subprocess.run(["umount", NFSD], check=True)


def address(change):
    subprocess.run(["ip", "address", change, f"{ADDRESS}/32", "dev", "lo"], check=True)


@contextlib.contextmanager
def silent():
    """The server cannot be reached for a while. Whoever needs the mount waits."""
    address("del")
    try:
        yield
    finally:
        address("add")
