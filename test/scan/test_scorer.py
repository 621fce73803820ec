#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/eval_scan.py counts what it says. Planted errors change the figures as worked out by hand; on the
labelled texts with errors planted by rule the counts are those of an independent scorer (2026-11-21)."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLD = os.path.join(ROOT, "test/scan/data/structured_dev.jsonl")
TOOL = os.path.join(ROOT, "tools/eval_scan.py")
sys.path.insert(0, os.path.join(ROOT, "tools"))
import eval_scan  # noqa: E402

TEXT = "Mail anna@x.org or ring 212-555-0123, card 4111 1111 1111 1111."
RIGHT = [("EMAIL_ADDRESS", 5, 15), ("PHONE_NUMBER", 24, 36), ("CREDIT_CARD", 43, 62)]
# What the independent scorer counted: true positives, false positives, misses.
PLANTED = {
    "exact": {"PERSON": [825, 312, 216], "LOCATION": [286, 57, 120], "URL": [24, 205, 5],
              "PHONE_NUMBER": [341, 60, 136], "CREDIT_CARD": [101, 15, 41], "SECRET": [27, 4, 8]},
    "iou": {"PERSON": [952, 185, 89], "LOCATION": [343, 0, 63], "URL": [28, 201, 1],
            "PHONE_NUMBER": [401, 0, 76], "CREDIT_CARD": [116, 0, 26], "SECRET": [31, 0, 4]},
    "word": {"PERSON": [2186, 1005, 194], "LOCATION": [795, 0, 187], "URL": [420, 871, 11],
             "PHONE_NUMBER": [1802, 0, 409], "CREDIT_CARD": [318, 0, 58], "SECRET": [322, 0, 13]},
}
MACRO_F2 = {"exact": 0.7256, "iou": 0.8578, "word": 0.8577}


def counts(pred, kind, name):
    table = eval_scan.Table()
    table.add(TEXT, RIGHT, pred)
    return table.counts[kind].get(name, [0, 0, 0])


def planted():
    """Every 7th span begins late, every 11th is dropped, every 13th has another type, every 17th has
    a companion."""
    k = 0
    with open(GOLD, encoding="utf-8") as f:
        for line in f:
            spans = []
            for s in json.loads(line)["spans"]:
                k += 1
                start = s["start"] + (k % 7 == 0)
                if k % 11 == 0:
                    continue
                if k % 17 == 0:
                    spans.append({"entity_type": "URL", "start": s["start"], "end": s["end"]})
                if s["end"] > start:
                    name = "PERSON" if k % 13 == 0 else s["entity_type"]
                    spans.append({"entity_type": name, "start": start, "end": s["end"]})
            yield {"spans": spans}


class Scorer(unittest.TestCase):
    def test_all_right(self):
        for kind, words in (("exact", 1), ("iou", 1), ("word", 5)):
            self.assertEqual(counts(RIGHT, kind, "EMAIL_ADDRESS"), [words, 0, 0])

    def test_dropped(self):
        self.assertEqual(counts(RIGHT[1:], "exact", "EMAIL_ADDRESS"), [0, 0, 1])
        self.assertEqual(counts(RIGHT[1:], "word", "EMAIL_ADDRESS"), [0, 0, 5])

    def test_added(self):
        more = [*RIGHT, ("EMAIL_ADDRESS", 0, 4)]
        self.assertEqual(counts(more, "exact", "EMAIL_ADDRESS"), [1, 1, 0])
        self.assertEqual(counts(more, "word", "EMAIL_ADDRESS"), [5, 1, 0])

    def test_shifted(self):
        late = [RIGHT[0], ("PHONE_NUMBER", 28, 36), RIGHT[2]]  # 8 of 12 characters
        self.assertEqual(counts(late, "exact", "PHONE_NUMBER"), [0, 1, 1])
        self.assertEqual(counts(late, "iou", "PHONE_NUMBER"), [1, 0, 0])
        self.assertEqual(counts(late, "word", "PHONE_NUMBER"), [3, 0, 2])
        later = [RIGHT[0], ("PHONE_NUMBER", 32, 36), RIGHT[2]]  # 4 of 12
        self.assertEqual(counts(later, "iou", "PHONE_NUMBER"), [0, 1, 1])

    def test_relabelled(self):
        other = [RIGHT[0], RIGHT[1], ("PHONE_NUMBER", 43, 62)]
        self.assertEqual(counts(other, "exact", "CREDIT_CARD"), [0, 0, 1])
        self.assertEqual(counts(other, "exact", "PHONE_NUMBER"), [1, 1, 0])

    def test_scores(self):
        p, r, f1, f2 = eval_scan.scores(3, 1, 2)
        self.assertEqual((p, r), (0.75, 0.6))
        self.assertAlmostEqual(f1, 2 / 3)
        self.assertAlmostEqual(f2, 5 * 0.75 * 0.6 / (4 * 0.75 + 0.6))
        self.assertEqual(eval_scan.scores(0, 0, 0), (0.0, 0.0, 0.0, 0.0))

    def test_as_the_independent_scorer(self):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as f:
            f.writelines(json.dumps(x) + "\n" for x in planted())
            f.flush()
            out = subprocess.run([sys.executable, TOOL, "--gold", GOLD, "--pred", f.name, "--json"],
                                 stdout=subprocess.PIPE, check=True).stdout
            table = subprocess.run([sys.executable, TOOL, "--gold", GOLD, "--pred", f.name],
                                   stdout=subprocess.PIPE, check=True).stdout.decode()
        have = json.loads(out)["counts"]
        for kind, rows in PLANTED.items():
            for name, want in rows.items():
                self.assertEqual(have[kind][name], want, (kind, name))
            self.assertIn("MACRO F2 %-6s %.4f over 66 types" % (kind, MACRO_F2[kind]), table)


if __name__ == "__main__":
    unittest.main()
