#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""More connections than limits.connections: each gets a 503 it can read, in its dialect where that can be known,
a flood costs no memory, and service is back when clients have gone. More bytes than limits.buffered_total: one
principal's large bodies leave room for another's."""
import json
import os
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import harness  # noqa: E402

CHAT = "/v1/chat/completions"
LIMIT, HEARD = 8, 64  # limits.connections here; GATE_CROWD
FLOOD = 1000


def read_all(c):
    got = b""
    try:
        while True:
            more = c.recv(65536)
            if not more:
                return got
            got += more
    except ConnectionResetError:
        return got


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


class Overload(unittest.TestCase):
    def open_one(self, s):
        c = socket.create_connection(("127.0.0.1", s.port), 120)
        self.addCleanup(c.close)
        return c

    def served_again(self, s):
        body = {"model": "say", "messages": [{"role": "user", "content": "x"}]}
        self.assertTrue(harness.until(lambda: s.post(CHAT, body)[0] == 200))

    def fill(self, s):
        """Take every place there is; each answers, so each is one."""
        held = [self.open_one(s) for _ in range(LIMIT)]
        for c in held:
            c.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
            self.assertIn(b" 200 ", c.recv(4096))
        return held

    def ask(self, s, path, extra="", body=b"{}"):
        c = self.open_one(s)
        c.sendall(f"POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {s.key}\r\n{extra}"
                  f"content-length: {len(body)}\r\n\r\n".encode() + body)
        head, _, answer = read_all(c).partition(b"\r\n\r\n")
        return head, answer

    def refused(self, head, answer):
        self.assertIn(b" 503 ", head)
        self.assertIn(b"retry-after: 1", head.lower())
        self.assertIn(b"connection: close", head.lower())
        self.assertIn(b"too_many_connections", answer)
        self.assertIn(b"content-length: %d" % len(answer), head.lower())
        return json.loads(answer)

    def test_refused_in_the_callers_dialect(self):
        with harness.Sanctum(extra=f"limits: {{connections: {LIMIT}}}") as s:
            held = self.fill(s)
            openai = self.refused(*self.ask(s, CHAT))
            self.assertEqual(set(openai["error"]), {"message", "type", "param", "code"})
            anthropic = self.refused(*self.ask(s, "/v1/messages"))
            self.assertEqual((anthropic["type"], anthropic["error"]["type"]), ("error", "overloaded_error"))
            self.assertIsInstance(self.refused(*self.ask(s, "/api/chat"))["error"], str)
            self.refused(*self.ask(s, CHAT, body=b"{" + b" " * 3_000_000))  # a body that nobody will read
            self.refused(*self.ask(s, CHAT, extra="expect: 100-continue\r\n"))
            self.assertEqual(s.stub.requests, [])
            held.pop().close()
            self.served_again(s)

    def test_a_silent_client_holds_no_place_for_long(self):
        with harness.Sanctum(extra=f"limits: {{connections: {LIMIT}}}\ntimeouts: {{header: 1h}}") as s:
            self.fill(s)
            self.assertEqual(read_all(self.open_one(s)), b"")  # closed, though its head has an hour

    def test_a_flood_costs_no_memory_and_each_is_answered(self):
        with harness.Sanctum(extra=f"limits: {{connections: {LIMIT}}}") as s:
            held = self.fill(s)
            gate, = s.pids("gate")
            before = resident_kib(gate)
            began = time.monotonic()
            flood = [self.open_one(s) for _ in range(FLOOD)]
            took = time.monotonic() - began
            answers = [read_all(c) for c in flood]
            for answer in filter(None, answers):
                self.refused(*answer.partition(b"\r\n\r\n")[::2])
            # The first are waited for, who have not said what they want; every two seconds others may take their place.
            answered = FLOOD - answers.count(b"")
            self.assertGreaterEqual(answered, FLOOD - HEARD * (1 + int(took / 2)))
            grown = resident_kib(gate) - before
            self.assertLess(grown, 4096, "KiB")
            for c in held + flood:
                c.close()
            self.served_again(s)
            print(f"{answered} of {FLOOD} turned away at once, gate grew by {grown} KiB", file=sys.stderr)

    def buffered(self, s):
        return sum(g["buffered_bytes"] for g in json.loads(s.run("status", "--json").stdout)["gates"])

    def test_one_principal_does_not_hold_all_memory(self):
        mib = 1 << 20
        with harness.Sanctum(extra="limits: {buffered_total: 8MiB}") as s:
            other = json.loads(s.run("key", "create", "--name", "agent2", "--json").stdout)["key"]
            head = (f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {s.key}\r\n"
                    f"content-length: {mib + 1}\r\n\r\n").encode()
            held = [self.open_one(s) for _ in range(8)]
            for c in held:  # all but the last byte: each is held until it comes
                c.sendall(head + b" " * mib)
            self.assertTrue(harness.until(lambda: self.buffered(s) >= 5 * mib))
            harness.until(lambda: self.buffered(s) == (time.sleep(0.3), self.buffered(s))[1])  # all has come
            body = {"model": "fixed", "messages": [{"role": "user", "content": "word " * 250_000}]}
            mine, others = s.post(CHAT, body)[0], s.post(CHAT, body, key=other)[0]
            for c in held:
                c.close()
            self.assertEqual((mine, others), (503, 200))
            self.assertTrue(harness.until(lambda: s.post(CHAT, body)[0] == 200))  # what was held is free again


if __name__ == "__main__":
    unittest.main()
