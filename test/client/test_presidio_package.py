#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""/anonymize and /deanonymize give what the published anonymizer package gives, on requests drawn at random.

Two differences are on purpose and left out here: where spans of two types overlap partly (each character has one
owner here), and the `score` that the package repeats in each item from 2.2.366 on."""
import json
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness  # noqa: E402

harness.use_client_python()
from presidio_anonymizer import AnonymizerEngine, DeanonymizeEngine  # noqa: E402
from presidio_anonymizer.entities import OperatorConfig, OperatorResult, RecognizerResult  # noqa: E402

TYPES = ["PERSON", "PHONE_NUMBER", "LOCATION", "A", "B_C"]
LETTERS = "abc XYZ 0123 äß漢😀\n\t.,-"
SALT = "0123456789abcdef01"
KEY = "WmZq4t7w!z%C&F)J"
CASES = 2000


def draw_operator(rng):
    kind = rng.choice(["replace", "replace", "redact", "mask", "hash", "keep"])
    if kind == "replace":
        return {"type": kind, **rng.choice([{}, {"new_value": ""}, {"new_value": "<X>"}, {"new_value": "漢字"}])}
    if kind == "mask":
        return {"type": kind, "masking_char": rng.choice("*#漢"), "chars_to_mask": rng.randint(-2, 12),
                "from_end": rng.random() < 0.5}
    if kind == "hash":
        return {"type": kind, "hash_type": rng.choice(["sha256", "sha512"]), "salt": SALT}
    return {"type": kind}


def draw_case(rng):
    text = "".join(rng.choice(LETTERS) for _ in range(rng.randint(1, 40)))
    spans = []
    for _ in range(rng.randint(0, 6)):
        start = rng.randint(0, len(text) - 1)
        end = rng.randint(start + 1, min(len(text), start + rng.choice([3, 8, 40])))
        spans.append({"start": start, "end": end, "score": rng.choice([0.1, 0.5, 0.5, 0.85, 1.0]),
                      "entity_type": rng.choice(TYPES)})
    operators = {name: draw_operator(rng) for name in [*TYPES, "DEFAULT"] if rng.random() < 0.5}
    return {"text": text, "analyzer_results": spans, "anonymizers": operators}


def unions(spans):
    """The spans, those of one type that overlap as one."""
    out = []
    for x in sorted(spans, key=lambda x: (x["entity_type"], x["start"])):
        if out and out[-1][0] == x["entity_type"] and x["start"] < out[-1][2]:
            out[-1][2] = max(out[-1][2], x["end"])
        else:
            out.append([x["entity_type"], x["start"], x["end"]])
    return out


def overlaps_partly(spans):
    all_ = unions(spans)
    return any(a < c < b < d for _, a, b in all_ for _, c, d in all_)


def configs(operators):
    return {name: OperatorConfig(o["type"], {k: v for k, v in o.items() if k != "type"})
            for name, o in operators.items()}


def without_score(result):
    out = json.loads(result.to_json())
    for item in out["items"]:
        del item["score"]
    return out


class Package(harness.Served):
    served = dict(config=harness.ECHO)

    def call(self, path, body):
        status, _, answer = self.s.post(path, body)
        self.assertEqual(status, 200, answer)
        return json.loads(answer)

    def test_anonymize(self):
        rng, compared, contained = random.Random(20), 0, 0
        while compared < CASES:
            case = draw_case(rng)
            if overlaps_partly(case["analyzer_results"]):
                continue
            theirs = without_score(AnonymizerEngine().anonymize(
                case["text"], [RecognizerResult.from_json(x) for x in case["analyzer_results"]],
                configs(case["anonymizers"])))
            self.assertEqual(self.call("/anonymize", case), theirs, case)
            contained += len(theirs["items"]) < len(case["analyzer_results"])
            compared += 1
        self.assertGreater(contained, CASES // 10)  # conflicts did come up

    def test_what_one_encrypts_the_other_decrypts(self):
        text, place = "Write to Jané 😀 today", {"start": 9, "end": 15, "entity_type": "PERSON"}
        ours = self.call("/anonymize", {"text": text, "analyzer_results": [{**place, "score": 1}],
                                        "anonymizers": {"DEFAULT": {"type": "encrypt", "key": KEY}}})
        back = DeanonymizeEngine().deanonymize(ours["text"], [OperatorResult.from_json(i) for i in ours["items"]],
                                               {"DEFAULT": OperatorConfig("decrypt", {"key": KEY})})
        self.assertEqual(back.text, text)
        theirs = AnonymizerEngine().anonymize(text, [RecognizerResult("PERSON", 9, 15, 1.0)],
                                              {"DEFAULT": OperatorConfig("encrypt", {"key": KEY})})
        self.assertNotIn("Jané", theirs.text)
        undone = self.call("/deanonymize", {"text": theirs.text, "anonymizer_results": json.loads(theirs.to_json())["items"],
                                            "deanonymizers": {"DEFAULT": {"type": "decrypt", "key": KEY}}})
        self.assertEqual(undone["text"], text)


if __name__ == "__main__":
    unittest.main()
