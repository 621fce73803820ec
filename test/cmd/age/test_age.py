#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum age` as a program: failure classes on standard error, no half files, passphrases, and round trips
with age itself and with rage's library. Exit 77 when neither is here: then the rest has run."""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zlib

import reference

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("SANCTUM_BUILD", os.path.join(ROOT, "build"))
AGE = [os.path.join(BUILD, "sanctum"), "age"]
REFERENCE = reference.program("age")
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
    hybrid = os.path.join(work, "hybrid")
    keygen = reference.program("age-keygen")
    if keygen and run(keygen, "-pq", "-o", hybrid).returncode == 0:  # age 1.3 and later
        keys.append((["-r", run(keygen, "-y", hybrid).stdout.decode().strip()], ["-i", hybrid]))
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


RAGE = """
import sys, pyrage
how, key, plain = sys.argv[1:]
data = sys.stdin.buffer.read()
if how == "passphrase":
    out = pyrage.passphrase.decrypt(data, key) if plain == "open" else pyrage.passphrase.encrypt(data, key)
else:
    identity = pyrage.x25519.Identity.from_str(key) if how == "x25519" else pyrage.ssh.Identity.from_buffer(open(key, "rb").read())
    if plain == "open":
        out = pyrage.decrypt(data, [identity])
    elif how == "x25519":
        out = pyrage.encrypt(data, [identity.to_public()])
    else:
        out = pyrage.encrypt(data, [pyrage.ssh.Recipient.from_str(open(key + ".pub").read().strip())])
sys.stdout.buffer.write(out)
"""


def locked_ssh(work):
    """SSH keys under a passphrase, of every kind and number of rounds; the wrong passphrase opens none."""
    if not shutil.which("ssh-keygen"):
        return
    for kind, rounds in (("ed25519", "1"), ("ed25519", "40"), ("rsa", "16")):
        path = os.path.join(work, f"locked-{kind}-{rounds}")
        made = run("ssh-keygen", "-q", "-t", kind, "-a", rounds, "-N", "pass words", "-f", path)
        expect(made.returncode == 0, f"ssh-keygen {kind}", made)
        sealed = run(*AGE, "-R", path + ".pub", input=b"text").stdout
        right, wrong = (dict(os.environ, AGE_PASSPHRASE=p) for p in ("pass words", "pass word"))
        opened = run(*AGE, "-d", "-i", path, input=sealed, env=right)
        expect(opened.stdout == b"text", f"locked {kind} {rounds}", opened)
        refused = run(*AGE, "-d", "-i", path, input=sealed, env=wrong)
        expect(refused.returncode == 2 and b"wrong passphrase" in refused.stderr and not refused.stdout,
               f"locked {kind}: wrong passphrase", refused)
        own = run(*AGE, "-e", "-i", path, input=b"own", env=right)
        expect(run(*AGE, "-d", "-i", path, input=own.stdout, env=right).stdout == b"own", f"locked {kind}: -e -i", own)


def as_json(work, key, to):
    """--json everywhere; inspect says what age-inspect says."""
    plain, out = os.path.join(work, "json-in"), os.path.join(work, "json-out")
    with open(plain, "wb") as f:
        f.write(bytes(70000))
    made = json.loads(run(*AGE, "keygen", "--json").stdout)
    expect(made["recipient"].startswith("age1") and made["identity"].startswith("AGE-SECRET-KEY-1"), "keygen --json")
    expect(json.loads(run(*AGE, "keygen", "-y", "--json", key).stdout) == {"recipients": [to]}, "keygen -y --json")
    r = run(*AGE, "--json", "-r", to, "-o", out, plain)
    expect(json.loads(r.stderr) == {"result": "ok", "file": plain}, "encrypt --json", r)
    r = run(*AGE, "-d", "--json", "-i", key, plain)
    expect(json.loads(r.stderr)["result"] == "header failure" and r.returncode == 1, "a failure with --json", r)
    for text, says in ((b"-----BEGIN AGE ENCRYPTED FILE-----\nxx\n", b"armor failure: standard input: a line that is not "
                        b"canonical base64, at byte 35"),
                       (b"age-encryption.org/v1\n-> X25519 abc\n", b"header failure: standard input: the header ends in the "
                        b"middle, at byte 36")):
        r = run(*AGE, "-d", "-i", key, input=text)
        expect(says in r.stderr and not r.stdout, "where a failure is", r)
    about = json.loads(run(*AGE, "inspect", "--json", out).stdout)
    expect(about["stanza_types"] == ["X25519"] and about["postquantum"] == "no" and not about["armor"], "inspect")
    expect(about["sizes"]["min_payload"] == 70000 and about["sizes"]["overhead"] == 48, "inspect: sizes")
    expect(about["sizes"]["header"] + 70048 == os.path.getsize(out), "inspect: header")
    expect(run(*AGE, "inspect", out).stdout.count(b"\n") == 6, "inspect: text")
    expect(run(*AGE, "inspect", plain).returncode == 1, "inspect: no age file")
    theirs = reference.program("age-inspect")
    for armor in ([], ["-a"]):
        for n in (0, 65536, 65537):
            sealed = run(*AGE, *armor, "-r", to, input=bytes(n)).stdout
            ours = json.loads(run(*AGE, "inspect", "--json", input=sealed).stdout)
            if theirs:
                expect(json.loads(run(theirs, "--json", input=sealed).stdout) == ours, f"age-inspect, {n} {armor}")
    expect(run(*AGE, "keygen", "-pq").stdout.count(b"AGE-SECRET-KEY-PQ-1") == 1, "keygen -pq")
    r = run(*AGE, "-d", "-j", "yubikey", out)
    expect(r.returncode == 2 and b"yubikey: plugins are not run" in r.stderr, "-j refused by name", r)


def rage_both_ways(work, key, to, data):
    """The same with rage's library: age's other implementation."""
    secret = next(line for line in open(key, encoding="ascii").read().splitlines() if line.startswith("AGE-"))
    env = dict(os.environ, AGE_PASSPHRASE="secret words")
    keys = [("x25519", secret, ["-r", to], ["-i", key]), ("passphrase", "secret words", ["-p"], [])]
    path = os.path.join(work, "ed25519")
    if os.path.exists(path):
        keys.append(("ssh", path, ["-R", path + ".pub"], ["-i", path]))
    for how, name, seal, unseal in keys:
        for n in (0, 1, 65536, 65537, len(data)) if how != "passphrase" else (1,):
            plain = data[:n]
            sealed = run(*AGE, *seal, input=plain, env=env)
            opened = run(reference.python(), "-c", RAGE, how, name, "open", input=sealed.stdout)
            expect(opened.returncode == 0 and opened.stdout == plain, f"rage opens ours, {how} {n}", opened)
            sealed = run(reference.python(), "-c", RAGE, how, name, "seal", input=plain)
            opened = run(*AGE, "-d", *unseal, input=sealed.stdout, env=env)
            expect(opened.returncode == 0 and opened.stdout == plain, f"we open rage's, {how} {n}", opened)


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
        locked_ssh(work)
        as_json(work, key, to)
        if REFERENCE:
            both_ways(work, key, to, data)
        if reference.python():
            rage_both_ways(work, key, to, data)
    print(f"{len(failures)} failed; age: {REFERENCE or reference.missing('age')}; "
          f"rage: {'pyrage' if reference.python() else reference.missing('references')}")
    sys.exit(1 if failures else 0 if REFERENCE and reference.python() else 77)


if __name__ == "__main__":
    main()
