#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The vault role: provider keys reach the provider and nobody else; masking keys outlive restarts."""
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, "test/role")
from daemon import CONFIG, SANCTUM, Daemon  # noqa: E402


SEEN = []
HOLD = threading.Event()  # until it is set, a request that says WAIT has no answer
WAIT = "wait"
KEY = "sk-canary-5c1f-provider"


class Upstream(http.server.BaseHTTPRequestHandler):
    """An OpenAI-compatible server that keeps what it was sent."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        said = json.loads(body)["messages"][0]["content"]
        SEEN.append((self.headers.get("authorization"), said))
        if said == WAIT:
            HOLD.wait()
        answer = json.dumps({"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "ok"}}]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


class VaultRole(Daemon):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.config_text = CONFIG.replace("providers:", "gates: 1\nproviders:").replace("kind: echo,", 'kind: openai, key: "vault:up", base_url: '
                                          f'"http://127.0.0.1:{self.server.server_port}/v1",')
        SEEN.clear()
        super().setUp()

    def give(self, value):
        out = subprocess.run([SANCTUM, "vault", "set", "up", "--state", self.state], input=value, text=True,
                             capture_output=True, check=False, timeout=120)
        self.assertEqual(out.returncode, 0, out.stderr)

    def test_a_key_set_while_it_runs_goes_to_the_provider_only(self):
        self.assertNotEqual(self.chat(self.key)[0], 200)  # there is none yet
        self.assertEqual(SEEN, [])
        self.give(KEY)
        self.until(lambda: self.chat(self.key)[0] == 200, "the key is used")
        self.assertEqual(SEEN[-1][0], "Bearer " + KEY)
        self.assertNotIn("anna@example.org", SEEN[-1][1])
        self.log.flush()
        for folder, _, names in os.walk(self.dir.name):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        self.assertNotIn(KEY.encode(), f.read(), path)

    def reads(self):
        return [(r["actor"], r["object"]) for r in self.records() if r["kind"] == "secret_read"]

    def test_each_read_is_recorded_before_the_value_is_given(self):
        self.assertNotEqual(self.chat(self.key)[0], 200)
        self.assertEqual(self.reads(), [])  # nothing was there to read
        self.give(KEY)
        self.until(lambda: self.chat(self.key)[0] == 200, "the key is used")
        self.assertEqual(self.reads(), [("gate/0", "vault:up")])
        self.assertEqual([(r["actor"], r["object"]) for r in self.records() if r["kind"] == "secret_set"],
                         [("command", "vault:up")])
        for _ in range(5):
            self.chat(self.key)
        self.assertEqual(len(self.reads()), 1)  # the gate holds it
        gate, = self.pids("gate")
        os.kill(gate, 9)
        self.until(lambda: self.chat(self.key)[0] == 200, "a new gate")
        self.assertEqual(self.reads(), [("gate/0", "vault:up")] * 2)
        self.assertNotIn(KEY, json.dumps(self.records()))

    def test_without_a_ledger_no_key_is_read(self):
        """The ledger stands still: the read waits, and works when the ledger does."""
        self.give(KEY)
        ledger, = self.pids("ledger")
        os.kill(ledger, signal.SIGSTOP)
        try:
            asked = []
            thread = threading.Thread(target=lambda: asked.append(self.chat(self.key)))
            thread.start()
            thread.join(2)
            self.assertEqual(SEEN, [])
            self.assertNotIn(200, [status for status, _ in asked])
        finally:
            os.kill(ledger, signal.SIGCONT)
        thread.join(120)
        self.until(lambda: self.chat(self.key)[0] == 200, "service")
        self.assertEqual(self.reads(), [("gate/0", "vault:up")])

    def test_reads_outlive_a_killed_ledger(self):
        self.give(KEY)
        for _ in range(4):
            for role in ("ledger", "gate"):
                pid, = self.pids(role)
                os.kill(pid, 9)
            self.until(lambda: self.chat(self.key)[0] == 200, "service")
        self.assertGreaterEqual(len(self.reads()), 4)
        self.assertEqual(set(self.reads()), {("gate/0", "vault:up")})

    def generation(self):
        try:
            return self.status()["parent"]["generation"]
        except ValueError:
            return None  # control starts anew too

    def test_a_reload_reads_again_and_loses_no_request(self):
        self.give(KEY)
        self.until(lambda: self.chat(self.key)[0] == 200, "the key is used")
        for generation in range(2, 5):
            self.daemon.send_signal(signal.SIGHUP)
            self.until(lambda g=generation: self.generation() == g, "a reload")
            self.assertEqual([self.chat(self.key)[0] for _ in range(3)], [200] * 3)
            self.assertEqual(self.reads(), [("gate/0", "vault:up")] * generation)

    def test_a_reload_while_an_older_one_still_answers(self):
        """What drains keeps its own vault; the new one is heard by the ledger all the same, wherever both stand."""
        self.give(KEY)
        self.until(lambda: self.chat(self.key)[0] == 200, "the key is used")
        for generation in (2, 3, 4):
            HOLD.clear()
            self.addCleanup(HOLD.set)
            answers = []
            held = threading.Thread(target=lambda: answers.append(self.chat(self.key, WAIT)[0]))
            at = len(SEEN)
            held.start()
            self.until(lambda: len(SEEN) > at, "the provider is asked")
            self.daemon.send_signal(signal.SIGHUP)
            self.until(lambda g=generation: self.generation() == g, "a reload")
            self.assertEqual(self.chat(self.key)[0], 200)
            HOLD.set()
            held.join()
            self.assertEqual(answers, [200])
        self.assertEqual(self.reads(), [("gate/0", "vault:up")] * 4)

    def test_tokens_stay_the_same_over_a_restart(self):
        self.give(KEY)
        self.until(lambda: self.chat(self.key)[0] == 200, "the key is used")
        before = SEEN[-1][1]
        pid, = self.pids("vault")
        os.kill(pid, 9)
        gate, *_ = self.pids("gate")
        os.kill(gate, 9)
        self.until(lambda: self.pids("vault") not in ([], [pid]), "a new vault")
        self.until(lambda: self.chat(self.key)[0] == 200, "service")
        self.assertEqual(SEEN[-1][1], before)


if __name__ == "__main__":
    unittest.main()
