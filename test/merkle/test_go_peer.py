#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Logs written here are read by Go's note and tlog packages, and theirs here. Skipped (77) where the
go program or the packages cannot be had."""
import os
import shutil
import subprocess
import sys
import tempfile

BUILD = os.environ["SANCTUM_BUILD"]
HERE = os.path.dirname(os.path.abspath(__file__))


def run(*args, **more):
    return subprocess.run(args, capture_output=True, text=True, timeout=250, check=False, **more)


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def over_http(peer, folder, log, key):
    """The same log as a state directory's, given out by `sanctum ledger serve`."""
    state = os.path.join(folder, "state")
    shutil.copytree(log, os.path.join(state, "ledger"))
    server = subprocess.Popen([os.path.join(BUILD, "sanctum"), "ledger", "serve", "--listen", "127.0.0.1:0", "--state",
                               state], stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().split()[1]
        fetched = run(peer, "fetch", url, key)
        assert fetched.stdout == "checked 1000\n", (fetched.stdout, fetched.stderr)
        with open(os.path.join(state, "ledger", "tile", "entries", "001"), "r+b") as f:
            f.seek(40)
            f.write(b"~")
        assert run(peer, "fetch", url, key).returncode == 1
    finally:
        server.terminate()
        server.wait()


def main():
    if not shutil.which("go"):
        skip("no go")
    with tempfile.TemporaryDirectory() as folder:
        peer, ours, theirs = (os.path.join(folder, n) for n in ("peer", "ours", "theirs"))
        source = shutil.copytree(os.path.join(HERE, "go"), os.path.join(folder, "source"))
        built = run("go", "build", "-o", peer, ".", cwd=source)
        if built.returncode:
            skip(built.stderr[-500:])

        wrote = run(os.path.join(BUILD, "test_tile_log"), "write", ours)
        assert wrote.returncode == 0, wrote.stderr
        key = wrote.stdout.strip()
        checked = run(peer, "check", ours, key)
        assert checked.stdout == "checked 1000\n", (checked.stdout, checked.stderr)

        over_http(peer, folder, ours, key)

        wrote = run(peer, "write", theirs)
        assert wrote.returncode == 0, wrote.stderr
        verify = [os.path.join(BUILD, "libexec", "sanctum-verify"), "--key", wrote.stdout.strip(), theirs]
        checked = run(*verify)
        assert (checked.returncode, checked.stdout) == (0, f"{theirs}: intact, 1000 of 1000 entries checked\n"), checked

        # Both sides can fail.
        for log, name, check in ((ours, "tile/0/001", [peer, "check", ours, key]),
                                 (theirs, "tile/entries/002", verify)):
            with open(os.path.join(log, name), "r+b") as f:
                f.seek(40)
                byte = f.read(1)
                f.seek(40)
                f.write(bytes([byte[0] ^ 1]))
            assert run(*check).returncode == 1, name
    print("round trip: 1000 records each way")


if __name__ == "__main__":
    main()
