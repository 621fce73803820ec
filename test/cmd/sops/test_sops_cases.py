#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every document of test/secrets/sops/data: exactly the ones that must open do, with the values and comments
they must have. The control shows that a wrong expectation is seen."""
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("SANCTUM_BUILD", os.path.join(ROOT, "build"))
DATA = os.path.join(ROOT, "test", "secrets", "sops", "data")
SOPS = [os.path.join(BUILD, "sanctum"), "sops"]
CLASSES = {"key", "decrypt", "mac", "format"}


def value(node):
    """A typed tree of cases.json as what JSON output gives; numbers as text."""
    (kind, v), = node.items()
    if kind == "map":
        return {k: value(n) for k, n in v}
    if kind == "list":
        return [value(n) for n in v]
    if kind == "null":
        return None
    if kind in ("int", "float"):
        return ("number", v)
    return v


def decrypt(case, identities, *more):
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "SOPS_AGE_KEY": " ".join(identities)}
    path = os.path.join(DATA, "files", case["file"])
    return subprocess.run([*SOPS, "decrypt", "--input-type", case["format"], *more, path], env=env,
                          capture_output=True, check=False)


def documents(text):
    number = lambda s: ("number", s)
    decoder = json.JSONDecoder(parse_int=number, parse_float=number)
    at, out = 0, []
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        doc, at = decoder.raw_decode(text, at)
        out.append(doc)
    return out


def check(case, keys):
    """None, or what is wrong."""
    ids = [keys[n]["identity"] for n in case["identities"]]
    r = decrypt(case, ids, "--json")
    if case["expect"] != "ok":
        word = r.stderr.decode().split(": ")[1] if r.returncode else "ok"
        if r.returncode == 0 or r.stdout:
            return "opened"
        return None if word in CLASSES else f"no class: {r.stderr.decode()}"
    if r.returncode:
        return r.stderr.decode().strip()
    want = [value(d) for d in case["plain"]]
    got = documents(r.stdout.decode())
    if case["format"] == "binary":
        want = [{"data": d} if isinstance(d, str) else d for d in want]
    if got != want:
        return f"values: {got} not {want}"
    clear = decrypt(case, ids).stdout.decode()
    for comment in case["comments"]:
        if comment.strip() not in clear:
            return f"comment {comment!r} missing"
    return None if "ENC[" not in clear else "something stayed sealed"


def main():
    with open(os.path.join(DATA, "cases.json"), encoding="utf-8") as f:
        data = json.load(f)
    wrong = 0
    for case in data["cases"]:
        problem = check(case, data["keys"])
        if problem:
            wrong += 1
            print(f"{case['name']}: {problem}")
    print(f"{len(data['cases'])} cases, {wrong} wrong")
    control = dict(next(c for c in data["cases"] if c["name"] == "basic-json"))
    control["plain"] = [{"map": []}]
    if check(control, data["keys"]) is None or check(dict(control, expect="mac"), data["keys"]) is None:
        print("the control was not seen")
        wrong += 1
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
