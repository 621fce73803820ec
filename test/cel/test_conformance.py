#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every conformance vector through `sanctum cel eval --jsonl`; and controls that show it can fail."""
import copy
import gzip
import json
import os
import subprocess
import sys
import unittest

SANCTUM = os.path.join(os.environ["SANCTUM_BUILD"], "sanctum")
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "conformance.jsonl.gz")


def load():
    with gzip.open(DATA, "rt", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def evaluate(tests):
    """The answers to tests; what is expected is not shown to the program."""
    lines = [json.dumps({k: v for k, v in t.items() if k != "expect"}) for t in tests]
    out = subprocess.run([SANCTUM, "cel", "eval", "--jsonl"], input="\n".join(lines) + "\n", text=True,
                         capture_output=True, check=False, timeout=120)
    if out.returncode != 0:
        raise AssertionError(f"exit {out.returncode}: {out.stderr[-500:]}")
    return [json.loads(line) for line in out.stdout.splitlines()]


def is_nan(v):
    return v.get("t") == "double" and v.get("v") == "NaN"


def same(a, b):
    """Are two values in the suite's form the same? Maps without order, doubles by their bits."""
    if a.get("t") != b.get("t"):
        return False
    if a["t"] == "double":
        return a["bits"] == b["bits"] or (is_nan(a) and is_nan(b))
    if a["t"] == "list":
        return len(a["v"]) == len(b["v"]) and all(same(x, y) for x, y in zip(a["v"], b["v"]))
    if a["t"] == "map":
        rest = list(b["v"])
        for key, value in a["v"]:
            hit = next((e for e in rest if same(key, e[0]) and same(value, e[1])), None)
            if hit is None:
                return False
            rest.remove(hit)
        return not rest
    if a["t"] == "message":
        return a["type"] == b["type"] and a["wire"] == b["wire"]
    return a.get("v") == b.get("v") and a.get("type") == b.get("type")


def verdict(test, answer):
    """None, or what is wrong."""
    expect = test["expect"]
    if expect["kind"] == "error":
        return None if "error" in answer else f"an error expected, got {answer.get('value')}"
    if "error" in answer:
        return answer["error"]
    if expect["kind"] == "typed" and answer.get("type") != expect["type"]:
        return f"type {answer.get('type')}, expected {expect['type']}"
    if test.get("check_only"):
        return None
    return None if same(expect["value"], answer["value"]) else f"got {json.dumps(answer['value'])[:300]}"


def failures(tests):
    answers = evaluate(tests)
    if [a["line"] for a in answers] != list(range(1, len(tests) + 1)):
        raise AssertionError("an answer a line, in order")
    wrong = [(t, verdict(t, a)) for t, a in zip(tests, answers)]
    return [(t["id"], why, t["expr"], t["expect"].get("value")) for t, why in wrong if why]


class Conformance(unittest.TestCase):
    def test_every_vector(self):
        tests = load()
        self.assertEqual(len(tests), 1839)
        wrong = failures(tests)
        for line in wrong[:40]:
            print(*line, sep="\n    ", file=sys.stderr)
        self.assertEqual(len(wrong), 0)

    def test_the_runner_can_fail(self):
        planted = []
        for test in load()[::50]:
            test = copy.deepcopy(test)
            if test["expect"]["kind"] == "error":
                test["expect"] = {"kind": "value", "value": {"t": "null"}}
            else:
                test["expect"] = {"kind": "value", "value": {"t": "string", "v": "planted"}}
                test.pop("check_only", None)
            planted.append(test)
        self.assertEqual(len(failures(planted)), len(planted))

    def test_a_line_that_is_no_json(self):
        out = subprocess.run([SANCTUM, "cel", "eval", "--jsonl"], input='{"expr": "1"}\nnot json\n{"expr": "2"}\n',
                             text=True, capture_output=True, check=False, timeout=120)
        answers = [json.loads(line) for line in out.stdout.splitlines()]
        self.assertEqual(out.returncode, 2)
        self.assertEqual([("value" in a, "error" in a) for a in answers],
                         [(True, False), (False, True), (True, False)])


if __name__ == "__main__":
    unittest.main()
