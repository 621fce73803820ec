#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`set` and `unset` of scalars, objects and lists in every format: a long row of changes of one document, each
compared with a model of it, all bytes that are not of the change kept; at the end sops itself reads the same
values, and the same row of its own gives the same document. Exit 77 without sops: then the rest has run."""
import copy
import json
import os
import random
import subprocess
import sys
import tempfile

import reference

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("SANCTUM_BUILD", os.path.join(ROOT, "build"))
SANCTUM = os.path.join(BUILD, "sanctum")
REFERENCE = reference.program("sops")
YAML = """# top
a: one # beside
db:
  # about
  user: u
  list:
  - x
  - y: 1
    z: 2
  - [1, two, {k: v}]
  empty: {}
  none: []
  nothing:
  flow: {a: 1, b: [2]}
  text: |
    line one
    line two
# before last
last: 5
clear_unencrypted: plain
"""
JSON = ('{\n\t"a": "one",\n\t"db": {\n\t\t"user": "u",\n\t\t"list": ["x", {"y": 1}],\n\t\t"empty": {},\n'
        '\t\t"none": []\n\t},\n\t"last": null,\n\t"c_unencrypted": 1\n}\n')
COMPACT = '{"a":"one","db":{"user":"u","list":["x",{"y":1}],"empty":{},"none":[]},"last":null}'
ENV = "# c\nA=1\nB=two words\n\n# end\n"
INI = "; top\n[one]\nk = v\n; c\nk2 = v2\n\n[two]\nx = 1\n"
VALUES = ["text", 5, 1.5, True, False, None, "", "two\nlines\n", {}, [], "ENC[AES256_GCM,data:x]", "ümlaut 🔑",
          {"x": 1, "y": {"z": ["p", None, True, {}]}, "w": []}, ["s", 2, {"m": "n", "o": 3}, []], [[1], [[2]]]]
failures = []


def run(*cmd, **kw):
    return subprocess.run(cmd, capture_output=True, check=False, **kw)


def expect(good, what, r=None):
    if not good:
        failures.append(what)
        print(f"FAILED {what}: {(r.stdout + r.stderr).decode(errors='replace').strip()[:300] if r else ''}")


def read(path):
    with open(path, "rb") as f:
        return f.read()


def model_set(tree, path, value):
    """What sops does: missing members and elements are made, a scalar on the way gives way."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(head, int):
        out = list(tree) if isinstance(tree, list) else []
        if head < len(out):
            out[head] = model_set(out[head], rest, value)
        else:
            out.append(model_set(None, rest, value))
        return out
    out = dict(tree) if isinstance(tree, dict) else {}
    out[head] = model_set(out.get(head), rest, value)
    return out


def model_unset(tree, path):
    at = tree
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]


def paths(tree, at=()):
    """Every index into the tree, and some that lead just outside."""
    if isinstance(tree, dict):
        yield at + (random.choice(["new", "we: ird #", "🔑", "5", "true", "n_unencrypted"]),)
    if isinstance(tree, list):
        yield at + (len(tree) + random.randrange(2),)
    for key, sub in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield at + (key,)
        yield from paths(sub, at + (key,))
        if sub is None or sub in ({}, "text"):
            yield at + (key, "deep", 0, "er")


def index(path):
    return "".join(f"[{p}]" if isinstance(p, int) else f'["{p}"]' for p in path)


def values(path, program=(SANCTUM, "sops")):
    r = run(*program, "decrypt", *(["--json"] if program[0] == SANCTUM else ["--output-type", "json"]), path)
    try:
        doc = json.loads(r.stdout)
    except ValueError:
        return f"{r.returncode} {r.stderr.decode()[:200]}"
    if path.endswith(".ini"):
        return {k: v for k, v in doc.items() if k != "DEFAULT" or v}
    return doc


def random_row(work, ext, text, to, steps):
    """Random changes of a YAML or JSON document."""
    path = os.path.join(work, f"row.{ext}")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    expect(run(SANCTUM, "sops", "encrypt", "--age", to, "-i", path).returncode == 0, f"encrypt {text[:20]!r}")
    theirs, row = path + f".ref.{ext}", []
    with open(theirs, "wb") as f:
        f.write(read(path))
    tree = values(path)
    for _ in range(steps):
        at = random.choice(list(paths(tree)))
        before, was = read(path), tree
        there = at_path(tree, at)
        if there and random.random() < 0.3:
            tree = copy.deepcopy(tree)
            model_unset(tree, at)
            row.append(("unset", index(at)))
        else:
            value = copy.deepcopy(random.choice(VALUES))
            tree = model_set(tree, at, value)
            row.append(("set", index(at), json.dumps(value)))
        r = run(SANCTUM, "sops", row[-1][0], path, *row[-1][1:])
        got = values(path)
        expect(r.returncode == 0 and got == tree and json.dumps(got) == json.dumps(tree), f"{ext}: {row[-1]} of {was}: {got}", r)
        if failures:
            return
        if there or row[-1][0] == "set":
            few_lines(before, read(path), row[-1], at)
    if REFERENCE:
        expect(values(path, (REFERENCE,)) == tree, f"{ext}: sops reads other values after {row}")
        for step in row[-12:]:
            run(REFERENCE, step[0], theirs, *step[1:])


def at_path(tree, path):
    for step in path:
        if isinstance(tree, dict) and step in tree or isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        else:
            return False
    return True


def few_lines(before, after, step, at):
    """Lines that are no part of the change are still there."""
    if len(at) < 2 or before.count(b"\n") < 10:
        return
    head, *rest = before.split(f"\n{at[0]}:".encode())
    expect(not rest or after.startswith(head), f"{step}: what stands before it changed")


def same_as_reference(work, to):
    """One row of changes by both tools: equal documents at the end."""
    rows = {
        "yaml": (YAML, [('["new"]', '{"x": [1, {"y": null}]}'), ('["db"]["list"][9]', '"end"'), ('["db"]["user"]', '{"p": []}'),
                        ('["db"]["text"]["deep"]', "1.5"), ('["db"]["empty"]["k"]', "true"), ('["db"]["none"][0]', "{}"),
                        ('["db"]["flow"]["c"]', '"v"'), ('["db"]["nothing"]', '"now"'), ('["clear_unencrypted"]', '{"a": 1}')]),
        "json": (JSON, [('["new"]', '{"x": [1, {"y": null}]}'), ('["db"]["list"][9]', '"end"'), ('["last"]["x"][0]', "1")]),
        "env": (ENV, [('["A"]', '"5"'), ('["NEW"]', '"a b=c#"'), ('["B"]', "true"), ('["F"]', "1.5"), ('["M"]', '"a\\nb"')]),
        "ini": (INI, [('["one"]["k"]', '"w"'), ('["one"]["new"]', '" s "'), ('["three"]', '{"a": "b"}'), ('["four"]["k"]', '"7"')])}
    for ext, (text, row) in rows.items():
        ours, theirs = os.path.join(work, f"o.{ext}"), os.path.join(work, f"t.{ext}")
        with open(ours, "w", encoding="utf-8") as f:
            f.write(text)
        run(SANCTUM, "sops", "encrypt", "--age", to, "-i", ours)
        with open(theirs, "wb") as f:
            f.write(read(ours))
        for at, value in row:
            r = run(SANCTUM, "sops", "set", ours, at, value)
            expect(r.returncode == 0, f"{ext} set {at} {value}", r)
            if REFERENCE and value[0] != "[":  # which it takes inside of an object only
                r = run(REFERENCE, "set", theirs, at, value)
                expect(r.returncode == 0, f"sops: {ext} set {at} {value}", r)
        if REFERENCE:
            a, b, c = values(ours), values(ours, (REFERENCE,)), values(theirs, (REFERENCE,))
            expect(a == b == c, f"{ext}: {a}\n{b}\n{c}")
            plain = [run(REFERENCE, "decrypt", p).stdout for p in (ours, theirs)]
            if ext == "env":
                plain.append(run(SANCTUM, "sops", "decrypt", theirs).stdout)
                expect(plain[0].split() == plain[1].split() == plain[2].split(), f"{ext}: {plain}")


def refused(work, to):
    """Nothing is written where nothing can be set."""
    cases = {"yaml": [('["db"]["list"]["x"]', "1"), ('["db"][0]', "1"), ('["sops"]', "1"), ('["sops"]["mac"]', '"x"'), ("bad", "1"),
                      ('["x"', "1"), ("[x]", "1"), ("", "1"), ('["a"]', "nope"), ('["a"]', '1},"b":{'), ('["a"]', "1 2"), ('["a"]', "")],
             "env": [('["A"]["b"]', "1"), ('["sops_x"]', "1"), ('["a=b"]', "1"), ('["A"]', "{}"), ('["A"]', "[1]")],
             "ini": [('["one"]["k"]["z"]', "1"), ('["top"]', "1"), ('["one"]["a=b"]', "1"), ('["one"]["k"]', "[1]")]}
    for ext, text in {"yaml": YAML, "env": ENV, "ini": INI}.items():
        path = os.path.join(work, f"r.{ext}")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        run(SANCTUM, "sops", "encrypt", "--age", to, "-i", path)
        before = read(path)
        for at, value in cases[ext]:
            r = run(SANCTUM, "sops", "set", path, at, value)
            expect(r.returncode == 2 and r.stderr.count(b"\n") == 1 and read(path) == before, f"{ext} set {at} {value}", r)
        r = run(SANCTUM, "sops", "unset", path, '["nowhere"]')
        expect(r.returncode == 2 and read(path) == before, f"{ext} unset of nothing", r)
        expect(run(SANCTUM, "sops", "unset", "--idempotent", path, '["nowhere"]').returncode == 0, f"{ext} unset --idempotent")


def ways(work, to):
    """The value by file and by standard input; --idempotent leaves the file alone; rules are looked at again."""
    path, value = os.path.join(work, "w.yaml"), os.path.join(work, "value")
    with open(path, "w", encoding="utf-8") as f:
        f.write("a: 1\nb: [x]\n# secret\nc: 2\nd: 3\n")
    with open(value, "w", encoding="utf-8") as f:
        f.write('{"k": "v"}\n')
    run(SANCTUM, "sops", "encrypt", "--age", to, "--encrypted-comment-regex", "secret", "-i", path)
    before = read(path)
    r = run(SANCTUM, "sops", "set", "--idempotent", path, '["b"]', '["x"]')
    expect(r.returncode == 0 and read(path) == before, "--idempotent wrote", r)
    run(SANCTUM, "sops", "set", path, '["b"]', '["x"]')
    expect(read(path) != before, "set without --idempotent wrote nothing")
    expect(run(SANCTUM, "sops", "set", "--value-file", path, '["e"]', value).returncode == 0, "--value-file")
    expect(run(SANCTUM, "sops", "set", "--value-stdin", path, '["f"]', input=b"7").returncode == 0, "--value-stdin")
    expect(run(SANCTUM, "sops", "set", path, '["g"]', input=b'"in"').returncode == 0, "standard input")
    expect(run(SANCTUM, "sops", "unset", path, '["c"]').returncode == 0, "unset below a comment")
    text = read(path)
    expect(b"d: ENC[" in text and b"a: 1" in text and b"f: 7" in text, f"the rule was not looked at again: {text.decode()}")
    expect(values(path) == {"a": 1, "b": ["x"], "d": 3, "e": {"k": "v"}, "f": 7, "g": "in"}, f"{values(path)}")
    if REFERENCE:
        expect(values(path, (REFERENCE,)) == values(path), "sops reads other values")


def main():
    random.seed(int(os.environ.get("SEED", "7")))
    with tempfile.TemporaryDirectory() as work:
        key = os.path.join(work, "key")
        run(SANCTUM, "age", "keygen", "-o", key)
        os.environ["SOPS_AGE_KEY_FILE"] = key
        to = run(SANCTUM, "age", "keygen", "-y", key).stdout.decode().strip()
        for ext, text in (("yaml", YAML), ("json", JSON), ("json", COMPACT), ("yaml", "a: 1\n"), ("yaml", "{a: {b: 1}}\n"), ("yaml", "k:\r\n  l: m\r\n")):
            random_row(work, ext, text, to, 60)
        same_as_reference(work, to)
        refused(work, to)
        ways(work, to)
        if model_set({"a": [1]}, ("a", 5), 2) != {"a": [1, 2]} or model_set({}, ("a",), 1) == {}:
            failures.append("the control was not seen")
    print(f"{len(failures)} failures, {REFERENCE or reference.missing('sops')}")
    return 1 if failures else 0 if REFERENCE else 77


if __name__ == "__main__":
    sys.exit(main())
