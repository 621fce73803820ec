#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One value at a time: what sanctum sops seals opens again with the value it had, here and in sops; what neither
can hold is refused and the file stays. Exit 77 when there is no sops: then only the part without it has run."""
import json
import os
import subprocess
import sys
import tempfile

import reference

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
SANCTUM = os.path.join(os.environ.get("SANCTUM_BUILD", os.path.join(ROOT, "build")), "sanctum")
REFERENCE = reference.program("sops")

REFUSED = {"yaml": ["- a\n- b", "just text", "a: - b", "a: ? b", "1: one", "true: two", "~: x", "1.5: x", "2001-01-01: x",
                    "a: {1: x}", "a:\n  true: x", "big: 12345678901234567890", "big: 9223372036854775808",
                    "neg: -9223372036854775809", "big: 99999999999999999999999", "big: 0xFFFFFFFFFFFFFFFF",
                    "a_unencrypted: 12345678901234567890"],
           "json": ['{"a":12345678901234567890}', '{"a":9223372036854775808}', '{"a":1e400}', "[1,2]", '"x"']}
# source -> the clear document after a round trip, and the value in JSON
KEPT = {"yaml": {"a: 9223372036854775807": ("a: 9223372036854775807", "9223372036854775807"),
                 "a: -9223372036854775808": ("a: -9223372036854775808", "-9223372036854775808"),
                 "a: 017": ("a: 15", "15"), "a: 019": ("a: 19", "19"), "a: 0x_F": ("a: 15", "15"),
                 "a: 1_000": ("a: 1000", "1000"), "a: 1.5e300": ("a: 1.5e+300", None), "a: 1e20": ("a: 1e+20", None),
                 "a: 5e-324": ("a: 5e-324", None), "a: .inf": ("a: .inf", None), "a: -.INF": ("a: -.inf", None),
                 "a: .nan": ("a: .nan", None), "a: 1e400": ('a: "1e400"', '"1e400"'),
                 "a: 2001-12-14t21:59:43.10-05:00": ("a: 2001-12-14T21:59:43.1-05:00", '"2001-12-14T21:59:43.1-05:00"'),
                 "a: 2001-1-4 1:02:03": ("a: 2001-01-04T01:02:03Z", '"2001-01-04T01:02:03Z"'),
                 "a: 2020-13-45": ('a: "2020-13-45"', '"2020-13-45"'),
                 "a: 2020-02-30": ('a: "2020-02-30"', '"2020-02-30"'),
                 "a: 2001-12-14T21:59:43": ('a: "2001-12-14T21:59:43"', '"2001-12-14T21:59:43"'),
                 '"1": one': ('"1": one', '"one"'), "yes: x": ("yes: x", '"x"')},
        "json": {'{"a": 1.5e300}': ('{"a": 1.5e+300}', None), '{"a": 0.1000}': ('{"a": 0.1}', "0.1"),
                 '{"a": -0}': ('{"a": 0}', "0")}}
# what sops writes for these opens here
THEIRS = {"a: [1,\n  2, # c\n  3]": "a:\n    - 1\n    # c\n    - 2\n    - 3\n", "a: .inf": "a: .inf\n", "a: .nan": "a: .nan\n",
          "a: 1.5e300": "a: 1.5e+300\n", "a: 2001-12-14 21:59:43.10": "a: 2001-12-14T21:59:43.1Z\n"}
failures = []


def run(*cmd):
    return subprocess.run(cmd, capture_output=True, text=True, check=False)


def expect(good, what, r=None):
    if not good:
        failures.append(what)
        print(f"FAILED {what}: {(r.stdout + r.stderr).strip()[:300] if r else ''}")


def put(work, ext, text):
    path = os.path.join(work, "v." + ext)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text + "\n")
    return path


def refused(work, to):
    for ext, texts in REFUSED.items():
        for text in texts:
            path = put(work, ext, text)
            r = run(SANCTUM, "sops", "encrypt", "--age", to, "-i", path)
            with open(path, encoding="utf-8") as f:
                expect(r.returncode == 2 and f.read() == text + "\n", f"{text!r} was taken", r)


def kept(work, to):
    for ext, texts in KEPT.items():
        for text, (clear, value) in texts.items():
            path = put(work, ext, text)
            r = run(SANCTUM, "sops", "encrypt", "--age", to, "-i", path)
            expect(r.returncode == 0, f"{text!r} is refused", r)
            r = run(SANCTUM, "sops", "decrypt", path)
            expect(r.stdout == clear + "\n", f"{text!r}: clear document", r)
            r = run(SANCTUM, "sops", "decrypt", "--json", path)
            expect(value is None or r.stdout.strip().endswith(f":{value}}}"), f"{text!r}: value", r)
            if REFERENCE:
                r = run(REFERENCE, "decrypt", path)
                expect(r.returncode == 0, f"sops opens {text!r}", r)
                if value is not None and ext == "json":
                    expect(json.loads(r.stdout) == json.loads(text), f"sops reads {text!r}", r)


def theirs(work, to):
    for text, clear in THEIRS.items():
        path = put(work, "yaml", text)
        r = run(REFERENCE, "encrypt", "--age", to, "-i", path)
        expect(r.returncode == 0, f"sops encrypts {text!r}", r)
        r = run(SANCTUM, "sops", "decrypt", path)
        expect(r.returncode == 0 and r.stdout == clear, f"their {text!r}", r)
        r = run(SANCTUM, "sops", "rotate", "-i", path)
        expect(r.returncode == 0, f"rotate their {text!r}", r)
        r = run(REFERENCE, "decrypt", path)
        expect(r.returncode == 0 and r.stdout == clear, f"their {text!r} after rotate", r)


def empty_lists(work, to):
    """sops keeps a comment beside an empty list as its only element; the list is still empty here."""
    for text in ("a: [] # c", "a: 1\nb:\n  c: [] # d\n  e: [] # f\ng: []"):
        path = put(work, "yaml", text)
        run(REFERENCE, "encrypt", "--age", to, "-i", path)
        want = json.loads(run(REFERENCE, "decrypt", "--output-type", "json", path).stdout)
        for step in (("decrypt",), ("rotate", "-i"), ("set",)):
            if step[0] != "decrypt":
                r = run(SANCTUM, "sops", *step, path, *(['["n"]', "1"] if step[0] == "set" else []))
                expect(r.returncode == 0, f"{step} of {text!r}", r)
            want.update({"n": 1} if step[0] == "set" else {})
            r = run(SANCTUM, "sops", "decrypt", "--json", path)
            expect(r.returncode == 0 and json.loads(r.stdout) == want, f"{step} of {text!r}, here", r)
            r = run(REFERENCE, "decrypt", "--output-type", "json", path)
            expect(r.returncode == 0 and json.loads(r.stdout) == want, f"{step} of {text!r}, in sops", r)
        clear = run(SANCTUM, "sops", "decrypt", path).stdout
        expect("[] #" in clear, f"{text!r} came back as {clear!r}")


def shared_spelling(work, to):
    """INI values of which sops would read less or more than stands there get back quotes, sealed or clear."""
    values = {"a": ("p#1", "p#1"), "b": ("x;y", "x;y"), "c": ("C:\\dir\\", "C:\\dir\\"), "d": ('"q # r"', "q # r"), "e": ("plain", "plain"),
              "f": ("`t;u`", "t;u")}
    text = "[s]\n" + "".join(f"{name} = {source}\n" for name, (source, _) in values.items())
    want = "[s]\n" + "".join(f"{name} = {value if name == 'e' else f'`{value}`'}\n" for name, (_, value) in values.items())
    for rule in ((), ("--unencrypted-regex", ".")):
        path = put(work, "ini", text)
        r = run(SANCTUM, "sops", "encrypt", "--age", to, *rule, "-i", path)
        expect(r.returncode == 0, f"INI {rule}", r)
        r = run(SANCTUM, "sops", "decrypt", path)
        expect(r.returncode == 0 and r.stdout.strip() == want.strip(), f"INI {rule}: clear document", r)
        if REFERENCE:
            r = run(REFERENCE, "decrypt", "--output-type", "json", path)
            expect(r.returncode == 0 and json.loads(r.stdout)["s"] == {n: v for n, (_, v) in values.items()}, f"INI {rule} in sops", r)


def main():
    with tempfile.TemporaryDirectory() as work:
        key = os.path.join(work, "key")
        run(SANCTUM, "age", "keygen", "-o", key)
        os.environ["SOPS_AGE_KEY_FILE"] = key
        to = run(SANCTUM, "age", "keygen", "-y", key).stdout.strip()
        refused(work, to)
        kept(work, to)
        shared_spelling(work, to)
        if REFERENCE:
            theirs(work, to)
            empty_lists(work, to)
    print(f"{len(failures)} failures")
    return 1 if failures else 0 if REFERENCE else 77


if __name__ == "__main__":
    sys.exit(main())
