#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 of every role under load: the service resumes and every acknowledged request is in the records.
KILLS in the environment says how often (14 here, 50 and more in check-long)."""
import collections
import json
import os
import random
import signal
import sys
import threading
import unittest
import urllib.error

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import harness  # noqa: E402

KILLS = int(os.environ.get("KILLS", "14"))
ROLES = ["gate", "ledger", "vault", "ledger", "resolve", "ledger", "control"]


class Kill(unittest.TestCase):
    def load(self, s, stop, acknowledged, i):
        n = 0
        while not stop.is_set():
            n += 1
            text = f"I am Nora Petersen, nora{i}.{n}@example.com"
            try:
                status, headers, body = s.post("/v1/chat/completions", {
                    "model": "say", "messages": [{"role": "user", "content": text}]})
            except (urllib.error.URLError, OSError):
                continue
            if status == 200:
                self.assertEqual(json.loads(body)["choices"][0]["message"]["content"], text)
                acknowledged.append(headers["x-sanctum-request-id"])

    def unclosed(self, rows, acknowledged):
        closed = {r["request_id"] for r in rows if r["kind"] == "closed"}
        return [a for a in acknowledged if a not in closed]

    def test_kills_under_load(self):
        random.seed(7)
        with harness.Sanctum(gates=2) as s:
            stop, acknowledged = threading.Event(), []
            threads = [threading.Thread(target=self.load, args=(s, stop, acknowledged, i)) for i in range(4)]
            for t in threads:
                t.start()
            for k in range(KILLS):
                role = ROLES[k % len(ROLES)]
                pids = s.pids(role)
                self.assertTrue(pids, f"{role} is not there before kill {k}:\n{s.read_log()[-1500:]}")
                before = len(acknowledged)
                os.kill(random.choice(pids), signal.SIGKILL)
                harness.until(lambda: len(acknowledged) >= before + 20 and s.pids(role))
                self.assertGreater(len(acknowledged), before, f"no answers after the kill of {role}")
            stop.set()
            for t in threads:
                t.join()
            s.await_health()
            gate_kills = sum(ROLES[k % len(ROLES)] == "gate" for k in range(KILLS))
            harness.until(lambda: len(self.unclosed(s.records(), acknowledged)) <= 4 * gate_kills)
            rows = s.records()
            opened = {r["request_id"] for r in rows if r["kind"] == "opened"}
            missing = [a for a in acknowledged if a not in opened]
            self.assertEqual(missing, [])
            self.assertEqual([r["seq"] for r in rows], list(range(len(rows))))
            told = collections.Counter((r["request_id"], r["kind"]) for r in rows if "request_id" in r)
            self.assertEqual([t for t, n in told.items() if n > 1], [], "records that are there twice")
            unclosed = self.unclosed(rows, acknowledged)  # those that a killed gate had just answered
            self.assertLessEqual(len(unclosed), 4 * gate_kills)
            self.assertEqual(json.loads(s.run("ledger", "verify", "--json").stdout)["ok"], True)
            for value in ("@example.com", "Petersen"):
                self.assertNotIn(value.encode(), bytes(s.stub.raw))
            print(f"{KILLS} kills, {len(acknowledged)} requests acknowledged, each once in the {len(rows)} records, "
                  f"{len(unclosed)} without their end; the log verifies", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
