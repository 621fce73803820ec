#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records and keys with the daemon running: revocation from the next request, every acknowledged
request in the records after kill -9 of any role."""
import json
import os
import signal
import sys
import threading
import time
import unittest

sys.path.insert(0, "test/role")
from daemon import Daemon  # noqa: E402


class Books(Daemon):
    def test_a_request_leaves_two_records_without_content(self):
        code, request = self.chat(self.key)
        self.assertEqual(code, 200)
        mine = lambda: [r for r in self.records() if r.get("request_id") == request]
        self.until(lambda: len(mine()) == 2, "both records are there")
        opened, closed = mine()
        self.assertEqual((opened["kind"], closed["kind"]), ("opened", "closed"))
        self.assertEqual((opened["key"], opened["provider"], opened["model"]), ("agent1", "echo", "m"))
        self.assertGreaterEqual(closed["masked"], 1)
        self.assertEqual(closed["status"], 200)
        self.assertGreater(closed["latency_ms"], 0)
        for folder, _, names in os.walk(self.state):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        self.assertNotIn(b"anna@example", f.read(), path)

    def test_keys_change_while_it_runs(self):
        other = self.create("agent2")
        self.assertEqual(self.chat(other["key"])[0], 200)
        self.assertEqual(self.run_it("key", "revoke", other["id"]).stdout, "1 revoked\n")
        self.assertEqual(self.chat(other["key"])[0], 401)  # the very next request
        self.assertEqual(self.chat(self.key)[0], 200)
        self.assertEqual(self.chat(self.key[:-1] + ("0" if self.key[-1] != "0" else "1"))[0], 401)
        states = {k["name"]: k["state"] for k in map(json.loads, self.run_it("key", "list", "--json").stdout.splitlines())}
        self.assertEqual(states, {"agent1": "active", "agent2": "revoked"})
        kinds = [r["kind"] for r in self.records() if r.get("key") == "agent2" and r["kind"].startswith("key_")]
        self.assertEqual(kinds, ["key_created", "key_revoked"])

    def test_keys_and_revocations_outlive_a_killed_ledger(self):
        other = self.create("agent2")
        self.run_it("key", "revoke", "agent2")
        pid, = self.pids("ledger")
        os.kill(pid, signal.SIGKILL)
        self.until(lambda: self.pids("ledger") not in ([], [pid]), "a new ledger")
        self.until(lambda: self.chat(self.key)[0] == 200, "service")
        self.assertEqual(self.chat(other["key"])[0], 401)

    def test_every_acknowledged_request_is_recorded_after_kills(self):
        acknowledged, stop = [], threading.Event()

        def client():
            while not stop.is_set():
                code, request = self.chat(self.key)
                if code == 200:
                    acknowledged.append(request)

        clients = [threading.Thread(target=client) for _ in range(4)]
        for c in clients:
            c.start()
        kills = 0
        for role in ("ledger", "gate", "vault", "ledger", "control", "resolve", "ledger", "gate"):
            time.sleep(0.25)
            self.until(lambda r=role: self.run_it("status").returncode == 0 and self.pids(r), f"{role} is there")
            os.kill(self.pids(role)[0], signal.SIGKILL)
            kills += 1
        self.until(lambda: self.chat(self.key)[0] == 200, "service resumes")
        self.until(lambda: len(acknowledged) > 50, "many are acknowledged")
        stop.set()
        for c in clients:
            c.join()
        opened = lambda: {r["request_id"] for r in self.records() if r["kind"] == "opened"}
        self.until(lambda: set(acknowledged) <= opened(), "every acknowledged request is in the records")
        self.assertEqual(self.run_it("ledger", "verify").returncode, 0)

    def test_a_clean_end_is_recorded(self):
        self.chat(self.key)
        self.stop()
        self.assertEqual(self.daemon.returncode, 0)
        kinds = [r["kind"] for r in self.records()]
        self.assertEqual((kinds[-1], kinds.count("started")), ("stopped", 1))
        self.assertEqual(kinds.count("opened"), kinds.count("closed"))


class BatchedBooks(Books):
    mode = "batched"


if __name__ == "__main__":
    unittest.main()
