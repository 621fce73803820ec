#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Documents through sanctum sops and, where it is installed, through sops itself, both ways; unchanged bytes
stay; a changed byte is refused. Exit 77 when there is no sops: then only the part without it has run."""
import json
import os
import subprocess
import sys
import tempfile

import growth
import reference

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("SANCTUM_BUILD", os.path.join(ROOT, "build"))
SANCTUM = os.path.join(BUILD, "sanctum")
REFERENCE = reference.program("sops")

YAML = """# a comment at the top
first: one   # beside a value
db:
    # about the user
    user: "app: x"
    password: 'it''s "quoted"'
    port: 5432
    ratio: 0.1
    on: true
    off: ~
    empty: ""
    when: 2026-01-02
    text: |
        line one

          indented
        last
    folded: >-
        some words
        that go on
list:
# above an element
- a   # beside an element
- 2
-   deep: x
    other: [1, two, {three: 3.5}]
- - nested
  - again
nothing: {}
plain_unencrypted: stays: clear
"""
YAML = YAML.replace("stays: clear", "stays clear")
JSON = '{"a": {"b": "x\\u00e9\\ny", "n": -12, "f": 1.50, "t": true, "z": null},\n  "l": [1, "two", [], {}], "e": ""}\n'
ENV = "# about A\nA=one two  \nB=a=b\nEMPTY=\nMULTI=line\\nnext\n"
INI = "; top\n[one]\nk = v\nother=  spaced text\n\n[two]\n# hash\nx = 1\n"
FILES = {"f.yaml": YAML, "f.json": JSON, "f.env": ENV, "f.ini": INI, "f.bin": "\x00\x01binary\n\xff"}
failures = []


def run(*cmd, **kw):
    return subprocess.run(cmd, capture_output=True, check=False, **kw)


def expect(good, what, r=None):
    if not good:
        failures.append(what)
        print(f"FAILED {what}: {r.stderr.decode(errors='replace').strip()[:300] if r else ''}")


def own(name, path, ids):
    """Encrypt, decrypt, set, rotate, updatekeys, edit, with own tools only."""
    clear = open(path, "rb").read()
    enc = path + ".enc" + os.path.splitext(path)[1]
    r = run(SANCTUM, "sops", "encrypt", "--age", ids["alice"], "-o", enc, path)
    expect(r.returncode == 0, f"encrypt {name}", r)
    if r.returncode:
        return None
    sealed = open(enc, "rb").read()
    expect(b"app: x" not in sealed and b"binary" not in sealed, f"{name}: clear text left")
    r = run(SANCTUM, "sops", "decrypt", enc)
    expect(r.returncode == 0, f"decrypt {name}", r)
    a, b = run(SANCTUM, "sops", "decrypt", "--json", enc), r
    if name == "f.bin":
        expect(b.stdout == clear, f"{name}: bytes differ")
    if name == "f.env":
        expect(b.stdout == clear, f"{name}: {b.stdout!r}")
    if name in ("f.yaml", "f.ini"):
        expect(b.stdout.count(b"\n") >= clear.count(b"\n") - 2 and clear.split(b"\n")[0] in b.stdout, f"{name}: shape")
    expect(a.returncode == 0, f"json {name}", a)
    mac = max(sealed.find(b"mac:"), sealed.find(b'"mac"'), sealed.find(b"mac="), sealed.find(b"mac  "))
    for at in range(40, mac + 200, max(1, len(sealed) // 60)):  # a cut document never opens
        cut = path + ".cut" + os.path.splitext(path)[1]
        open(cut, "wb").write(sealed[:at])
        expect(run(SANCTUM, "sops", "decrypt", cut).returncode != 0, f"{name}: cut at {at} opened")
    editor = path + ".sh"
    open(editor, "w", encoding="utf-8").write("#!/bin/sh\nsed -i 's/one/ONE/' \"$1\"\n")
    os.chmod(editor, 0o755)
    before = open(enc, "rb").read().split(b"\n")
    r = run(SANCTUM, "sops", "edit", enc, env=dict(os.environ, EDITOR=editor))
    expect(r.returncode == 0, f"edit {name}", r)
    after = open(enc, "rb").read().split(b"\n")
    if name in ("f.yaml", "f.env"):
        changed = [x for x, y in zip(before, after) if x != y]
        expect(len(before) == len(after) and len(changed) <= 5, f"{name}: edit changed {len(changed)} lines")
    r = run(SANCTUM, "sops", "rotate", "-i", enc)
    expect(r.returncode == 0, f"rotate {name}", r)
    r2 = run(SANCTUM, "sops", "decrypt", "--json", enc)
    expect(r2.returncode == 0, f"decrypt after rotate {name}", r2)
    return enc


def set_value(work, ids):
    path = os.path.join(work, "s.yaml")
    open(path, "w", encoding="utf-8").write("# c\na: 1\nb:\n  c: [x, y]\n  d: z\n")
    run(SANCTUM, "sops", "encrypt", "--age", ids["alice"], "-i", path)
    before = open(path, "rb").read().split(b"\n")
    r = run(SANCTUM, "sops", "set", path, '["b"]["c"][1]', input=b'"new"')
    expect(r.returncode == 0, "set", r)
    after = open(path, "rb").read().split(b"\n")
    expect(sum(x != y for x, y in zip(before, after)) <= 3, "set changed more than three lines")
    got = run(SANCTUM, "sops", "decrypt", "--extract", '["b"]["c"][1]', path)
    expect(got.stdout == b"new", "set: value", got)
    r = run(SANCTUM, "sops", "exec-env", path, "true")
    expect(r.returncode == 2, "exec-env took nested values")
    r = run(SANCTUM, "sops", "exec-file", path, "cat {}")
    expect(b"new" in r.stdout, "exec-file", r)
    env = os.path.join(work, "e.env")
    open(env, "w", encoding="utf-8").write("A=b c\n")
    run(SANCTUM, "sops", "encrypt", "--age", ids["alice"], "-i", env)
    r = run(SANCTUM, "sops", "exec-env", env, "echo \"$A\"")
    expect(r.stdout == b"b c\n", "exec-env", r)
    return path


def groups(work, ids):
    """A creation rule with key groups; updatekeys to another one."""
    path = os.path.join(work, "g.yaml")
    open(os.path.join(work, ".sops.yaml"), "w", encoding="utf-8").write(
        "creation_rules:\n  - path_regex: nothing\n    age: x\n  - path_regex: g\\.ya?ml$\n    shamir_threshold: 2\n"
        f"    key_groups:\n      - age: [{ids['alice']}]\n      - age:\n          - {ids['bob']}\n      - age: [{ids['carol']}]\n")
    open(path, "w", encoding="utf-8").write("k: v\n")
    r = run(SANCTUM, "sops", "encrypt", "-i", path)
    expect(r.returncode == 0, "encrypt with groups", r)
    two = dict(os.environ, SOPS_AGE_KEY=f"{os.environ['SOPS_AGE_KEY']} {ids['bob-secret']}")
    expect(run(SANCTUM, "sops", "decrypt", path).returncode == 1, "one of two shares opened")
    r = run(SANCTUM, "sops", "decrypt", path, env=two)
    expect(r.stdout == b"k: v\n", "two of three shares", r)
    if REFERENCE:
        r = run(REFERENCE, "decrypt", path, env=two)
        expect(r.returncode == 0 and b"k: v" in r.stdout, "sops opens our groups", r)
    r = run(SANCTUM, "sops", "updatekeys", "--age", ids["alice"], path, env=two)
    expect(r.returncode == 0, "updatekeys", r)
    expect(run(SANCTUM, "sops", "decrypt", path).stdout == b"k: v\n", "after updatekeys")
    os.unlink(os.path.join(work, ".sops.yaml"))


def values(r):
    """JSON output; an INI file's empty default section is the reference's own."""
    doc = json.loads(r.stdout or b"{}")
    if doc.get("DEFAULT") == {}:
        del doc["DEFAULT"]
    return doc


def refused(work, ids):
    """What the reference cannot read back is not written: keys that are no text, numbers past 63 bits, lists."""
    path = os.path.join(work, "refused.yaml")
    texts = {"1: a": 2, "true: a": 2, "~: a": 2, "2026-01-02: a": 2, "'1': a": 0, "yes: a": 0, "- a": 2,
             "a: 9223372036854775807": 0, "a: -9223372036854775808": 0, "a: 9223372036854775808": 2,
             "a: 18446744073709551616": 2, "a: &x 1": 0, "a: .inf": 0, "\ufeffa: 1": 0, "---\na: 1\n...": 0,
             "# c\n---\n# d\na: 1": 0, "---\na: 1\n---\nb: 2": 0}
    for text, status in texts.items():
        with open(path, "w", encoding="utf-8") as f:
            f.write(text + "\n")
        r = run(SANCTUM, "sops", "encrypt", "--age", ids["alice"], path)
        expect(r.returncode == status, f"{text!r}: {r.returncode}", r)
        if status:
            continue
        with open(path, "wb") as f:
            f.write(r.stdout)
        back = run(SANCTUM, "sops", "decrypt", path)
        expect(back.returncode == 0 and back.stdout.decode().rstrip() == text,
               f"{text!r} came back as {back.stdout!r}", back)
        if REFERENCE:
            theirs = run(REFERENCE, "decrypt", path)
            expect(theirs.returncode == 0 and theirs.stdout.strip() not in (b"", b"{}"), f"sops opens {text!r}", theirs)


def grows(work, ids):
    """Eight times the input takes about eight times as long."""
    shapes = {"flow": lambda n: "a: [" + ", ".join(["1"] * n) + "]\n", "comments": lambda n: "# c\n" * n + "a: 1\n",
              "list": lambda n: "k:\n" + "  - x\n" * n, "keys": lambda n: "".join(f"k{i}: v\n" for i in range(n)),
              "blank": lambda n: "a: x\n" + "\n" * n + "b: y\n", "folded": lambda n: "a: x\n" + "  y\n" * n}

    def encrypt(path):
        r = run(SANCTUM, "sops", "encrypt", "--input-type", "yaml", "--age", ids["alice"], path)
        expect(r.returncode == 0, f"growth {path}", r)
    for name, make in shapes.items():
        grew = growth.grown(work, lambda n, text=make: text(n).encode(), encrypt, 10000)
        expect(grew < growth.BAD, f"{name}: {growth.BY} times the input takes {grew:.1f} times the time")


def both_ways(name, path, enc, ids):
    ours = json.loads(run(SANCTUM, "sops", "decrypt", "--json", enc).stdout or b"{}")
    if name == "f.bin":
        r = run(REFERENCE, "decrypt", "--input-type", "binary", "--output-type", "binary", enc)
        expect(r.returncode == 0 and r.stdout.replace(b"ONE", b"one") == open(path, "rb").read(), f"sops opens our {name}", r)
    else:
        r = run(REFERENCE, "decrypt", "--output-type", "json", enc)
        expect(b"possibly unencrypted" not in r.stderr, f"{name}: sops cannot open a comment of ours", r)
        expect(r.returncode == 0 and values(r) == ours, f"sops opens our {name}: ", r)
    theirs = path + ".ref" + os.path.splitext(path)[1]
    r = run(REFERENCE, "encrypt", "--age", ids["alice"], "--output", theirs, path)
    expect(r.returncode == 0, f"sops encrypts {name}", r)
    r, q = run(SANCTUM, "sops", "decrypt", "--json", theirs), run(REFERENCE, "decrypt", "--output-type", "json", theirs)
    if name != "f.bin":
        expect(r.returncode == 0 and values(r) == values(q), f"we open their {name}", r)
    r = run(SANCTUM, "sops", "decrypt", theirs)
    expect(r.returncode == 0 and b"ENC[" not in r.stdout, f"comments of their {name}: {r.stdout[:200]!r}", r)


def main():
    with tempfile.TemporaryDirectory() as work:
        ids = {}
        for who in ("alice", "bob", "carol"):
            r = run(SANCTUM, "age", "keygen")
            secret = next(line for line in r.stdout.decode().splitlines() if line.startswith("AGE-"))
            ids[who + "-secret"] = secret
            ids[who] = run(SANCTUM, "age", "keygen", "-y", input=secret.encode()).stdout.decode().strip()
        os.environ["SOPS_AGE_KEY"] = ids["alice-secret"]
        os.environ["HOME"] = work
        for name, text in FILES.items():
            path = os.path.join(work, name)
            open(path, "wb").write(text.encode("latin-1") if name == "f.bin" else text.encode())
            enc = own(name, path, ids)
            if enc and REFERENCE:
                both_ways(name, path, enc, ids)
        set_value(work, ids)
        groups(work, ids)
        refused(work, ids)
        grows(work, ids)
    print(f"{len(failures)} failed, {REFERENCE or reference.missing('sops')}")
    sys.exit(1 if failures else 0 if REFERENCE else 77)


if __name__ == "__main__":
    main()
