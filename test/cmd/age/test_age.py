#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum age` as a program: failure classes on standard error, no half files, passphrases, and round trips
with age itself (AGE_REFERENCE or on the path). Exit 77 when there is no age: then the rest has run."""
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("SANCTUM_BUILD", os.path.join(ROOT, "build"))
AGE = [os.path.join(BUILD, "sanctum"), "age"]
REFERENCE = os.environ.get("AGE_REFERENCE") or shutil.which("age")
VECTORS = os.path.join(ROOT, "test", "age", "data", "vectors")
failures = []


def run(*cmd, **kw):
    return subprocess.run(cmd, capture_output=True, check=False, **kw)


def expect(good, what, r=None):
    if not good:
        failures.append(what)
        print(f"FAILED {what}: {r.stderr.decode(errors='replace').strip()[:300] if r else ''}")


def vector(name, work):
    with open(os.path.join(VECTORS, name), "rb") as f:
        head, body = f.read().split(b"\n\n", 1)
    lines = [line.split(": ", 1) for line in head.decode().split("\n")]
    fields = dict(lines)
    if fields.get("compressed") == "zlib":
        body = zlib.decompress(body)
    env = {k: v for k, v in os.environ.items() if k != "AGE_PASSPHRASE"}
    args = []
    ids = [v for k, v in lines if k == "identity"]
    if ids:
        key = os.path.join(work, "vector.key")
        with open(key, "w", encoding="ascii") as f:
            f.write("\n".join(ids))
        args = ["-i", key]
    elif "passphrase" in fields:
        env["AGE_PASSPHRASE"] = fields["passphrase"]
    out = os.path.join(work, "vector.out")
    r = run(*AGE, "-d", *args, input=body, env=env)
    again = run(*AGE, "-d", "-o", out, *args, input=body, env=env)
    success = fields["expect"] == "success"
    problems = []
    if (r.returncode == 0) != success or (not success and fields["expect"] not in r.stderr.decode()):
        problems.append(f"expected {fields['expect']}, got {r.returncode} {r.stderr.decode().strip()}")
    if fields.get("payload", hashlib.sha256(b"").hexdigest()) != hashlib.sha256(r.stdout).hexdigest():
        problems.append("released other bytes")
    if os.path.exists(out) != success or again.returncode != r.returncode:
        problems.append("-o left a file" if not success else "-o left none")
    if os.path.exists(out):
        os.unlink(out)
    if os.listdir(work) not in ([], ["vector.key"]):
        problems.append(f"left behind {os.listdir(work)}")
    return "; ".join(problems)


def vectors():
    with tempfile.TemporaryDirectory() as work:
        names = sorted(os.listdir(VECTORS))
        for name in names:
            problem = vector(name, work)
            expect(not problem, f"{name}: {problem}")
        expect(len(names) >= 86, "vectors are missing")


def both_ways(work, key, to, data):
    """Every kind of key and size, sealed by one and opened by the other."""
    keys = [(["-r", to], ["-i", key])]
    for kind in ("ed25519", "rsa"):
        path = os.path.join(work, kind)
        if shutil.which("ssh-keygen") and run("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path).returncode == 0:
            keys.append((["-R", path + ".pub"], ["-i", path]))
    for seal, unseal in keys:
        for armor in ([], ["-a"]):
            for n in (0, 1, 65536, 65537, len(data)):
                plain = data[:n]
                for name, ours, theirs in (("theirs", AGE, [REFERENCE]), ("ours", [REFERENCE], AGE)):
                    sealed = run(*theirs, *seal, *armor, input=plain)
                    opened = run(*ours, "-d", *unseal, input=sealed.stdout)
                    expect(opened.returncode == 0 and opened.stdout == plain, f"{name} {seal[0]} {n} {armor}", opened)


def main():
    vectors()
    with tempfile.TemporaryDirectory() as work:
        key, out, plain = (os.path.join(work, n) for n in ("key", "out", "plain"))
        data = os.urandom(5_000_001)
        with open(plain, "wb") as f:
            f.write(data)
        expect(run(*AGE, "keygen", "-o", key).returncode == 0, "keygen")
        expect(os.stat(key).st_mode & 0o777 == 0o600, "keygen: mode")
        expect(run(*AGE, "keygen", "-o", key).returncode == 2, "keygen wrote over a key")
        to = run(*AGE, "keygen", "-y", key).stdout.decode().strip()
        expect(run(*AGE, "-r", to, "-o", out, plain).returncode == 0, "encrypt")
        expect(run(*AGE, "-d", "-i", key, out).stdout == data, "decrypt")
        with open(out, "r+b") as f:  # damage after the first chunks: no file, and old content stays
            f.seek(-10, 2)
            f.write(b"0123456789")
        target = os.path.join(work, "target")
        with open(target, "w", encoding="ascii") as f:
            f.write("old")
        r = run(*AGE, "-d", "-i", key, "-o", target, out)
        expect(r.returncode == 1 and b"payload failure" in r.stderr, "payload failure", r)
        expect(open(target, encoding="ascii").read() == "old", "-o changed the file")
        r = run(*AGE, "-d", "-i", key, out)
        expect(len(r.stdout) % 65536 == 0 and data.startswith(r.stdout) and r.stdout, "whole chunks only")
        r = run(*AGE, "-p", input=b"x", env=dict(os.environ, AGE_PASSPHRASE="secret words"))
        back = run(*AGE, "-d", input=r.stdout, env=dict(os.environ, AGE_PASSPHRASE="secret words"))
        expect(back.stdout == b"x", "passphrase", back)
        wrong = run(*AGE, "-d", input=r.stdout, env=dict(os.environ, AGE_PASSPHRASE="other"))
        expect(b"no match" in wrong.stderr and wrong.returncode == 1, "wrong passphrase", wrong)
        r = run(*AGE, "-r", "age1yubikey1q2w7u3vpya839jxxuq8g0sedh3d740d4xvn639sat9s4e6r3r5r", input=b"x")
        expect(r.returncode == 2 and b"plugin" in r.stderr, "plugin refused by name", r)
        if REFERENCE:
            both_ways(work, key, to, data)
    print(f"{len(failures)} failed, reference {REFERENCE or 'not installed'}")
    sys.exit(1 if failures else 0 if REFERENCE else 77)


if __name__ == "__main__":
    main()
