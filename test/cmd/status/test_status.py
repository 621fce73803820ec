#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum status` with a daemon and without."""
import os
import signal
import sys
import unittest

sys.path.insert(0, "test/role")
from daemon import Daemon, free_port  # noqa: E402


class Status(Daemon):
    def test_status_shows_what_holds(self):
        self.until(lambda: {p["state"] for p in self.status()["parent"]["processes"]} == {"serving"}, "all serve")
        s = self.status()
        roles = {p["role"] for p in s["parent"]["processes"]}
        self.assertEqual(roles, {"gate", "ledger", "vault", "control", "resolve"})
        for p in s["parent"]["processes"]:
            self.assertIn("calls", p["holds"], p)
        self.assertEqual((s["ledger"]["keys"], s["ledger"]["storing"], s["not_answering"]), (1, True, 0))
        self.assertEqual(s["vault"]["secrets"], 0)
        text = self.run_it("status")
        self.assertEqual(text.returncode, 0)
        self.assertIn("vault opened by key file", text.stdout)
        self.assertTrue(all(0 <= p["up_s"] < 60 for p in s["parent"]["processes"]))

    def test_status_counts(self):
        quiet = "trouble: 0 records lost, 0 malformed, 0 failures to store, 0 keys read without a record\n"
        for _ in range(5):
            self.assertEqual(self.chat(self.key)[0], 200)
        self.assertEqual(self.chat("sk-sanctum-none")[0], 401)
        text = self.run_it("status").stdout
        self.assertRegex(text, r"requests: [5-9] answered, [0-9]+ refused, [0-9]+ clients now\n")
        self.assertIn(quiet, text)
        gate, *_ = self.pids("gate")
        os.kill(gate, signal.SIGKILL)
        self.until(lambda: "1" in [str(p["restarts"]) for p in self.status()["parent"]["processes"]], "a restart is told")

    def test_listeners(self):
        other = free_port()
        with open(self.config, "w", encoding="utf-8") as f:
            f.write((self.config_text % (self.port, self.mode)).replace(
                f"listen: 127.0.0.1:{self.port}",
                f"listen: [{{address: \"127.0.0.1:{self.port}\"}}, {{address: \"127.0.0.1:{other}\", as: kitchen}}]"))
        self.daemon.send_signal(signal.SIGHUP)
        self.until(lambda: "kitchen" in self.run_it("status").stdout, "the reload")
        self.assertEqual(self.status()["parent"]["listeners"], [
            {"address": f"127.0.0.1:{self.port}", "tls": False},
            {"address": f"127.0.0.1:{other}", "as": "kitchen", "tls": False}])
        self.assertIn(f"listens on 127.0.0.1:{self.port}\nlistens on 127.0.0.1:{other}, without a key as kitchen\n",
                      self.run_it("status").stdout)

    def test_without_a_daemon(self):
        self.stop()
        out = self.run_it("status")
        self.assertEqual((out.returncode, out.stdout), (2, ""))
        self.assertIn("no daemon", out.stderr)


if __name__ == "__main__":
    unittest.main()
