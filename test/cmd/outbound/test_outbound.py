#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Messages to people, by command and by HTTP: the same result, what stays, what goes, failing closed."""
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import harness  # noqa: E402

ROWS = [
    ("Your SSN 536-22-8714 is on file.", "Your SSN [SSN] is on file.", {"SSN": 1}),
    ("Paid with 4111 1111 1111 1111 today", "Paid with [CARD_NUMBER] today", {"CARD_NUMBER": 1}),
    ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN ****3000 please", {"ACCOUNT_NUMBER": 1}),
    ("Refund to bank account number 000123456789.", "Refund to bank account number ****6789.",
     {"ACCOUNT_NUMBER": 1}),
    ("the password is hunter2-Xk9#vLq2 ok", None, {"SECRET": 1}),
    ("SSN 536-22-8714, card 4111111111111111, again 536-22-8714", "SSN [SSN], card [CARD_NUMBER], again [SSN]",
     {"SSN": 2, "CARD_NUMBER": 1}),
]
KEPT = [
    "Dear Margaret Thornbury, write to jane.roe@corp-mail.net or call +1 212 555 0123.",
    "We meet at 42 Station Road, Leeds LS1 4DY on 2026-03-04 at 10:30.",
    "Invoice 2024-118, order 88412, 3 × 19.99 €. See https://corp-mail.net/a?b=1",
    "ünïcode 😀 stays, also \u0000 and\r\nline ends\n",
    "",
]


def command(text, *args):
    return subprocess.run([harness.PROGRAM, "outbound", *args], input=text, capture_output=True, check=False, timeout=60)


class Outbound(harness.Served):
    def both(self, text):
        """The answer of command and gate, which are the same."""
        r = command(json.dumps({"text": text}).encode(), "--json")
        self.assertEqual((r.returncode, r.stderr), (0, b""))
        self.assertTrue(r.stdout.endswith(b"}\n"))
        status, _, body = self.s.post("/guard/outbound", {"text": text})
        self.assertEqual((status, json.loads(body)), (200, json.loads(r.stdout)))
        plain = command(text.encode())
        self.assertEqual((plain.returncode, plain.stdout.decode()), (0, json.loads(r.stdout)["text"]))
        return json.loads(body)

    def test_what_goes(self):
        for text, want, counts in ROWS:
            out = self.both(text)
            if want is not None:
                self.assertEqual(out["text"], want)
            self.assertEqual({k: n for k, n in out["counts"].items() if n}, counts, text)
            self.assertEqual(sorted(out["counts"]), ["ACCOUNT_NUMBER", "CARD_NUMBER", "SECRET", "SSN"])

    def test_secrets(self):
        out = self.both("use postgres://app:Xk9vLq2Tz7@db.corp-mail.net/x and AKIAZ52KNGFHQRJ3LM7X")
        self.assertNotIn("Xk9vLq2Tz7", out["text"])
        self.assertIn("[SECRET]", out["text"])

    def test_what_stays(self):
        for text in KEPT:
            out = self.both(text)
            self.assertEqual(out["text"], text)
            self.assertEqual(sum(out["counts"].values()), 0)

    def test_cleaning_twice_changes_nothing(self):
        for text, _, _ in ROWS:
            once = self.both(text)["text"]
            self.assertEqual(self.both(once)["text"], once)

    def test_fails_closed(self):
        for bad in (b"", b"{", b"[]", b"{}", b'{"text":1}', b'{"text":"a","text":"b"}', b'{"text":"a"} x', b'{"text":"\xff"}'):
            r = command(bad, "--json")
            self.assertEqual((r.returncode, r.stdout), (2, b""), bad)
            self.assertTrue(r.stderr)
            status, _, body = self.s.post("/guard/outbound", None, raw=bad)
            self.assertEqual(status, 400, bad)
            self.assertIn("error", json.loads(body))
        with open("/dev/full", "wb") as full:
            r = subprocess.run([harness.PROGRAM, "outbound"], input=b"x", stdout=full, stderr=subprocess.PIPE,
                               check=False, timeout=60)
        self.assertEqual(r.returncode, 2)

    def test_needs_a_key(self):
        self.assertEqual(self.s.post("/guard/outbound", {"text": "x"}, key=False)[0], 401)

    def test_counts_are_recorded(self):
        _, headers, _ = self.s.post("/guard/outbound", {"text": ROWS[5][0]})
        request = headers["x-sanctum-request-id"]
        mine = harness.until(lambda: [r for r in self.s.records() if r.get("request_id") == request])
        self.assertEqual(len(mine), 1)
        self.assertEqual(mine[0]["surface"], "/guard/outbound")
        self.assertEqual(mine[0]["masked"], 3)
        self.assertEqual((mine[0]["key"], mine[0]["status"]), ("agent1", 200))
        said = {k: v for k, v in mine[0].items() if k not in ("boot", "time", "mono_us", "latency_ms", "request_id")}
        self.assertNotIn("8714", json.dumps(said))  # digits of a clock may be any


if __name__ == "__main__":
    unittest.main()
