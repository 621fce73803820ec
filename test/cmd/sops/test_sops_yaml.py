#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""YAML of every shape. yaml_cases.json holds texts with the values sops 3.13.3 finds in each (null: it refuses
the text): sanctum sops finds the same or refuses, and what it writes opens in sops with the same values. Exit 77
when there is no sops: then only the part without it has run."""
import json
import os
import subprocess
import sys
import tempfile

import reference

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("SANCTUM_BUILD", os.path.join(ROOT, "build"))
SANCTUM = os.path.join(BUILD, "sanctum")
REFERENCE = reference.program("sops")
CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "yaml_cases.json")
MORE = [["a: " + "y" * 5000 + "\n", {"a": "y" * 5000}], ["a: " + "word " * 400 + "\n", {"a": ("word " * 400).strip()}]]
failures = []


def run(*cmd):
    return subprocess.run(cmd, capture_output=True, check=False)


def expect(good, what, r=None):
    if not good:
        failures.append(what)
        print(f"FAILED {what}: {(r.stdout + r.stderr).decode(errors='replace').strip()[:300] if r else ''}")


def first(r):
    """The first document of a JSON output; None where there is none."""
    try:
        return json.JSONDecoder().raw_decode(r.stdout.decode().strip())[0] if r.returncode == 0 else None
    except ValueError:
        return None


def same(a, b):
    """Equal values and types; 1 and 1.0 are one number in JSON."""
    if isinstance(a, bool) or isinstance(b, bool) or not isinstance(a, (dict, list)):
        numbers = {type(a), type(b)} <= {int, float}
        return (a == b or (numbers and float(a) == float(b))) and isinstance(a, bool) == isinstance(b, bool)
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))


def one(work, to, text, want):
    path, sealed = os.path.join(work, "c.yaml"), os.path.join(work, "s.yaml")
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(text)
    if os.path.exists(sealed):
        os.unlink(sealed)
    r = run(SANCTUM, "sops", "encrypt", "--age", to, "-o", sealed, path)
    if want is None:
        expect(r.returncode == 2 and not os.path.exists(sealed), f"{text!r} was taken", r)
        return
    expect(r.returncode == 0, f"{text!r} is refused", r)
    if r.returncode:
        return
    r = run(SANCTUM, "sops", "decrypt", "--json", sealed)
    expect(same(first(r), want), f"{text!r} as JSON, not {want}", r)
    clear = os.path.join(work, "again.yaml")
    r = run(SANCTUM, "sops", "decrypt", "-o", clear, sealed)
    again = run(SANCTUM, "sops", "encrypt", "--age", to, "-o", sealed + ".again.yaml", clear)
    expect(again.returncode == 0, f"{text!r}: its clear document is refused", again)
    if REFERENCE:
        r = run(REFERENCE, "decrypt", "--output-type", "json", sealed)
        expect(same(first(r), want), f"{text!r} in sops, not {want}", r)


def kept(work, to):
    """What is not a value keeps its bytes: tags, anchors nobody uses, explicit keys."""
    for text in ("a: &x 1\n", "a: !Ref thing\nb: !GetAtt [x, y]\n", "? a\n: b\n", "a: {? x : y}\n", "%YAML 1.1\n---\na: 1\n",
                 "a: [b: c]\n", "a: {b, c: 1}\n", "a: !!set {x, y}\n"):
        path = os.path.join(work, "k.yaml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        run(SANCTUM, "sops", "encrypt", "--age", to, "--unencrypted-regex", ".", "-i", path)
        r = run(SANCTUM, "sops", "decrypt", path)
        expect(r.stdout.decode() == text, f"{text!r} came back", r)


def bombs(work, to):
    """Aliases of aliases end early, and so do many of one."""
    lol = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10))
    wide = "a: &a {" + ", ".join(f"k{i}: v" for i in range(2000)) + "}\n" + "".join(f"b{i}: *a\n" for i in range(2000))
    for text in (lol, wide, "a: &a [*a]\n", "a: &a\n  b: *a\n"):
        path = os.path.join(work, "b.yaml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        r = subprocess.run([SANCTUM, "sops", "encrypt", "--age", to, path], capture_output=True, check=False, timeout=120)
        expect(r.returncode == 2 and b"alias" in r.stderr, f"{text[:40]!r}", r)


def main():
    with open(CASES, encoding="utf-8") as f:
        cases = json.load(f) + MORE
    with tempfile.TemporaryDirectory() as work:
        key = os.path.join(work, "key")
        run(SANCTUM, "age", "keygen", "-o", key)
        os.environ["SOPS_AGE_KEY_FILE"] = key
        to = run(SANCTUM, "age", "keygen", "-y", key).stdout.decode().strip()
        for text, want in cases:
            one(work, to, text, want)
        kept(work, to)
        bombs(work, to)
    if same({"a": 1}, {"a": True}) or same({"a": "1"}, {"a": 1}) or not same({"a": [1]}, {"a": [1.0]}):
        failures.append("the control was not seen")
    print(f"{len(cases)} texts, {len(failures)} failures, {REFERENCE or reference.missing('sops')}")
    return 1 if failures else 0 if REFERENCE else 77


if __name__ == "__main__":
    sys.exit(main())
