#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every fallible call on the way of a request made to fail in turn: accept, memory, read, parse, mask, connect,
write, answer. Whatever fails, the gate lives, no unmasked byte goes upstream, the client gets its answer, an error
in its dialect or a closed connection, and the next request is served as if nothing had been.

The gate of this test (fault_gate.c) counts its fallible calls from a connection's accept on and makes number N fail,
or N and four after it; the test goes through N until a request needs fewer calls than that."""
import collections
import gzip
import json
import os
import re
import shutil
import socket
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import harness  # noqa: E402

CANARIES = ("Nora Petersen", "nora.petersen@example.com", "+49 30 901820")
TEXT = f"I am {CANARIES[0]}, mail {CANARIES[1]}, phone {CANARIES[2]}"
BY_EVENT = {"model": "say", "stream": True, "messages": [{"role": "user", "content": TEXT}]}
WHOLE = {"model": "say", "messages": [{"role": "user", "content": TEXT}]}
LONG = {"model": "say", "messages": [{"role": "user", "content": TEXT + " word" * 40_000}]}
# name: (path, body, headers, where the answer's text is)
WAYS = {
    "chat": ("/v1/chat/completions", WHOLE, {}, "openai"),
    "chat streamed": ("/v1/chat/completions", BY_EVENT, {}, "openai"),
    "chat gzip": ("/v1/chat/completions", WHOLE, {"content-encoding": "gzip"}, "openai"),
    "chat long": ("/v1/chat/completions", LONG, {}, "openai"),
    "chat fallback": ("/v1/chat/completions", {**WHOLE, "model": "two"}, {}, "openai"),
    "messages": ("/v1/messages", {**WHOLE, "model": "claude/say", "max_tokens": 9}, {}, "anthropic"),
    "messages streamed": ("/v1/messages", {**BY_EVENT, "model": "claude/say", "max_tokens": 9}, {}, "anthropic"),
    "ollama": ("/api/chat", {**WHOLE, "model": "local/say", "stream": False}, {}, "ollama"),
    "presidio": ("/analyze", {"text": TEXT, "language": "en"}, {}, "openai"),
    "outbound": ("/guard/outbound", {"text": TEXT}, {}, "openai"),
    "models": ("/v1/models", None, {}, "openai"),
}
IN_A_ROW = ["chat", "chat streamed", "messages"]  # each failure costs rests of the listener: a choice
HANGS = -1
LAST_N = 3000  # no request needs so many; reached only if the counting is broken


def program_with_fault_gate(folder):
    """A copy of the program whose gate is the one that can be made to fail."""
    libexec = os.path.join(folder, "libexec")
    os.mkdir(libexec)
    shutil.copy(os.path.join(harness.BUILD, "sanctum"), folder)
    for name in os.listdir(os.path.join(harness.BUILD, "libexec")):
        path = os.path.join(harness.BUILD, "libexec", name)
        if os.path.isfile(path) and name != "sanctum-gate":
            shutil.copy(path, libexec)
    shutil.copy(os.path.join(harness.BUILD, "test/role/gate/fault-gate"), os.path.join(libexec, "sanctum-gate"))
    return os.path.join(folder, "sanctum")


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.program, harness.PROGRAM = harness.PROGRAM, program_with_fault_gate(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        harness.PROGRAM = cls.program
        cls.folder.cleanup()

    def connect(self, s):
        return socket.create_connection(("127.0.0.1", s.port), harness.PATIENCE)

    def arm(self, s, n, mode="once"):
        """Tell the gate which call is to fail; 0: none. The telling itself may hit a planned failure: again."""
        for _ in range(20):
            try:
                with self.connect(s) as c:
                    c.sendall(f"GET /health HTTP/1.1\r\nhost: x\r\nx-fault-arm: {n} {mode}\r\n\r\n".encode())
                    if b" 200 " in c.recv(4096):
                        return
            except OSError:
                pass
            time.sleep(0.11)  # the listener may be resting
        self.fail(f"the gate cannot be reached to arm {n} {mode}\n{s.read_log()[-1000:]}")

    def ask(self, s, way):
        """(status or 0, body) of one request on a connection of its own."""
        path, body, headers, _ = WAYS[way]
        raw = json.dumps(body).encode() if body is not None else b""
        if "content-encoding" in headers:
            raw = gzip.compress(raw)
        lines = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        method = "GET" if body is None else "POST"
        got = b""
        try:
            with self.connect(s) as c:
                c.sendall(f"{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {s.key}\r\nconnection: close"
                          f"\r\n{lines}content-length: {len(raw)}\r\n\r\n".encode())
                for at in range(0, len(raw), 50_000):
                    c.sendall(raw[at:at + 50_000])
                while True:
                    more = c.recv(1 << 20)
                    if not more:
                        break
                    got += more
        except TimeoutError:
            return HANGS, b""
        except OSError:
            pass
        head, _, answer = got.partition(b"\r\n\r\n")
        return int(head.split()[1]) if head else 0, answer

    def judge(self, way, status, answer):
        """An answer in dialect, or one that was visibly cut."""
        dialect = WAYS[way][3]
        self.assertNotEqual(status, HANGS, "neither an answer nor an end")
        if status == 0:
            return "closed"
        if status == 200:
            return "answered"
        value = json.loads(answer)
        error = value["error"]
        if b"too_many_connections" in answer:
            return "turned away"  # before it was heard: these words fit no dialect but OpenAI's
        if dialect == "ollama":
            self.assertIsInstance(error, str)
        elif dialect == "anthropic":
            self.assertEqual(value["type"], "error")
            self.assertTrue(error["message"])
        else:
            self.assertTrue(error if isinstance(error, str) else error["code"])
        self.assertIn(status // 100, (4, 5))
        return str(status)

    def good(self, s, way):
        status, answer = self.ask(s, way)
        self.assertEqual(status, 200, answer[:300])
        if WAYS[way][0] in ("/v1/chat/completions", "/v1/messages", "/api/chat"):
            pieces = "".join(re.findall(r'"(?:content|text)": ?"([^"]*)"', answer.decode()))
            self.assertIn(CANARIES[1], pieces)

    def open_files(self, pid):
        return len(os.listdir(f"/proc/{pid}/fd"))

    def walk(self, s, way, mode):
        gate, = s.pids("gate")
        seen, where = collections.Counter(), collections.Counter()
        for n in range(1, LAST_N):
            at = os.path.getsize(s.log_path)
            self.arm(s, n, mode)
            status, answer = self.ask(s, way)
            self.arm(s, 0)
            with open(s.log_path, encoding="utf-8", errors="replace") as f:
                f.seek(at)
                fired = re.search(rf"^fault {n} at (\w+)$", f.read(), re.M)
            with self.subTest(way=way, mode=mode, n=n, at=fired and fired[1]):
                seen[self.judge(way, status, answer)] += 1
                self.good(s, way)
                self.assertTrue(os.path.exists(f"/proc/{gate}"), "the gate died")
            for value in CANARIES:
                self.assertNotIn(value.encode(), bytes(s.stub.raw))
            s.stub.raw.clear()
            s.stub.requests.clear()
            if not fired:
                self.assertEqual(status, 200)
                self.assertGreater(n, 4, "nothing was counted: this test shows nothing")
                return n - 1, seen, where
            where[fired[1]] += 1
        self.fail("there is always one more call")

    def unclosed(self, s):
        rows = s.records()
        closed = collections.Counter(r["request_id"] for r in rows if r["kind"] == "closed")
        return [r["request_id"] for r in rows if r["kind"] == "opened" and closed[r["request_id"]] != 1]

    def run_all(self, mode, **kw):
        with harness.Sanctum(**kw) as s:
            for way in WAYS:
                self.good(s, way)
            gate, = s.pids("gate")
            before = self.open_files(gate)
            for way in WAYS if mode == "once" else IN_A_ROW:
                calls, seen, where = self.walk(s, way, mode)
                print(f"{way}, {mode}: {calls} calls failed in turn ({', '.join(f'{k} {v}' for k, v in where.items())});"
                      f" {', '.join(f'{v} {k}' for k, v in sorted(seen.items()))}", file=sys.stderr)
            harness.until(lambda: self.open_files(gate) <= before + 4)
            self.assertLessEqual(self.open_files(gate), before + 4, "descriptors that nobody closes")
            harness.until(lambda: not self.unclosed(s))
            self.assertEqual(self.unclosed(s), [], "requests that were opened and not closed")

    def test_one_call_fails(self):
        self.run_all("once")

    def test_one_call_fails_where_no_connection_is_kept(self):
        self.run_all("once", config=harness.CONFIG.replace("trust: {trust}", "pool: 0, trust: {trust}"))

    def test_many_calls_fail_in_a_row(self):
        self.run_all("on")


if __name__ == "__main__":
    unittest.main()
