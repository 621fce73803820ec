#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Logs, proofs and cosignatures written here are read by Go's note and tlog packages and by
transparency-dev's formats, and theirs here. Skipped (77) where the go program or the packages cannot be had."""
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request

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


def post(url, data):
    with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=120) as answer:
        return answer.read()


def witnessed(peer, folder, log, key):
    """Cosignatures and proofs written here, read there."""
    sanctum, home = os.path.join(BUILD, "sanctum"), os.path.join(folder, "watcher")
    state = os.path.join(folder, "asked")
    shutil.copytree(log, os.path.join(state, "ledger"))
    files = {n: os.path.join(folder, n) for n in ("ask", "answer", "cosigned", "seven.tlog-proof")}
    witness = run(sanctum, "witness", "init", "witness.example/a", "--state", home).stdout.strip()
    server = subprocess.Popen([sanctum, "witness", "serve", "--log", key, "--listen", "127.0.0.1:0", "--state", home],
                              stdout=subprocess.PIPE, text=True)
    ledger = [sanctum, "ledger"]
    here = ["--key", key, "--state", state]
    try:
        url = server.stdout.readline().split()[1]
        run(*ledger, "ask-witness", "-o", files["ask"], *here)
        with open(files["ask"], "rb") as ask, open(files["answer"], "wb") as answer:
            answer.write(post(url + "add-checkpoint", ask.read()))
    finally:
        server.terminate()
        server.wait()
    run(*ledger, "add-cosignature", files["ask"], files["answer"], "--witness", witness, "-o", files["cosigned"], *here)
    run(*ledger, "prove", "7", "--checkpoint", files["cosigned"], "-o", files["seven.tlog-proof"], *here)
    for name, words in (("cosigned", "cosigned 1000\n"), ("seven.tlog-proof", "proven 7\n")):
        mode = "cosigned" if name == "cosigned" else "proof"
        read = run(peer, mode, files[name], key, witness)
        assert read.stdout == words, (name, read)
        with open(files[name], "rb") as f:
            data = f.read()
        at = data.rindex("— witness".encode()) + 60  # in the cosignature
        with open(files[name], "wb") as f:
            f.write(data[:at] + (b"A" if data[at:at + 1] != b"A" else b"B") + data[at + 1:])
        assert run(peer, mode, files[name], key, witness).returncode == 1, name


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
        witnessed(peer, folder, ours, key)

        wrote = run(peer, "write", theirs)
        assert wrote.returncode == 0, wrote.stderr
        verify = [os.path.join(BUILD, "libexec", "sanctum-verify"), "--key", wrote.stdout.strip(), theirs]
        checked = run(*verify)
        assert (checked.returncode, checked.stdout) == (0, f"{theirs}: intact, 1000 of 1000 entries checked\n"), checked

        # Their cosignature, read here.
        seen = shutil.copytree(theirs, os.path.join(folder, "seen"))
        witness = run(peer, "cosign", os.path.join(seen, "checkpoint"), "witness.example/go").stdout.strip()
        asked = [*verify[:3], "--witness", witness]
        assert run(*asked, seen).returncode == 0
        assert run(*asked, theirs).returncode == 1  # not cosigned

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
