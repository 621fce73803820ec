#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The ledger stands still and the gate's ring runs full: a request that was opened has its `closed` record all the same,
another waits until there is room, and what was turned down unrecorded is counted."""
import json
import os
import signal
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import harness  # noqa: E402

CHAT = "/v1/chat/completions"
CONFIG = """version: 1
listen: 127.0.0.1:{port}
gates: {gates}
providers:
  up: {{kind: openai, base_url: "http://127.0.0.1:{stub}/v1", trust: {trust}}}
models:
  "*": [up/*]
audit: {{mode: batched, on_failure: refuse}}
{extra}
"""
RECORDS = 100_000  # more than a ring of 8 MiB holds
LATE = 5  # seconds: from then on a ledger that stores nothing has failed
EVENT = "data: " + json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [
    {"index": 0, "delta": {"content": "word"}, "finish_reason": None}]}) + "\n\n"


class Held:
    """A model that streams one word and the rest when it is let."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.go_on = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            c, _ = self.listener.accept()
            threading.Thread(target=self.answer, args=(c,), daemon=True).start()

    def answer(self, c):
        got = b""
        while b"]}" not in got:  # the end of these tests' bodies
            got += c.recv(65536)
        c.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n" + EVENT.encode())
        self.go_on.wait()
        c.sendall(b"data: [DONE]\n\n")
        c.close()


class RingFull(unittest.TestCase):
    def ask(self, s):
        c = socket.create_connection(("127.0.0.1", s.port), harness.PATIENCE)
        self.addCleanup(c.close)
        body = json.dumps({"model": "m", "stream": True, "messages": [{"role": "user", "content": "hello"}]}).encode()
        c.sendall(f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {s.key}\r\nconnection: close\r\n"
                  f"content-length: {len(body)}\r\n\r\n".encode() + body)
        return c

    def read(self, c, end):
        got = b""
        while end not in got and (more := c.recv(65536)):
            got += more
        return got

    def kinds(self, s, request_id):
        return sorted(r["kind"] for r in s.records() if r.get("request_id") == request_id)

    def test_what_was_opened_is_closed(self):
        with harness.Sanctum(config=CONFIG, stub=Held()) as s:
            open_one = self.ask(s)
            head = self.read(open_one, b"word").decode()
            request_id = head.split("x-sanctum-request-id: ")[1].split("\r\n")[0]
            ledger, = s.pids("ledger")
            stopped = time.monotonic()
            os.kill(ledger, signal.SIGSTOP)
            try:
                s.write_records(RECORDS)
                s.stub.go_on.set()
                self.assertIn(b"[DONE]", self.read(open_one, b"[DONE]"))
                late_one = self.ask(s)
                late_one.settimeout(0.2)  # it is answered at once only where it is refused
                try:
                    answer = late_one.recv(65536)
                except TimeoutError:
                    answer = b""
                self.assertTrue(not answer or time.monotonic() - stopped > LATE, answer)
            finally:
                os.kill(ledger, signal.SIGCONT)
            late_one.settimeout(harness.PATIENCE)
            answer += self.read(late_one, b"[DONE]")
            if time.monotonic() - stopped < LATE:
                self.assertIn(b" 200 ", answer)
            self.assertTrue(harness.until(lambda: "closed" in self.kinds(s, request_id)), "the record is lost")
            self.assertEqual(self.kinds(s, request_id), ["closed", "opened"])
            gate, = json.loads(s.run("status", "--json").stdout)["gates"]
            self.assertGreater(gate["records_lost"], 0, "the ring was never full")


if __name__ == "__main__":
    unittest.main()
