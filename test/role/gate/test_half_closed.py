#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that end their side of the connection: one that only says that nothing more comes gets its answers, one that
has gone is cancelled at the provider, in each phase of an answer; a request that its sender cut short is refused."""
import json
import os
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import harness  # noqa: E402

CHAT, MESSAGES, OLLAMA = "/v1/chat/completions", "/v1/messages", "/api/chat"


class HalfClosed(harness.Served):
    def request(self, model, path=CHAT, version="1.1", **more):
        body = json.dumps({"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": "hello " * 20}],
                           **more}).encode()
        return (f"POST {path} HTTP/{version}\r\nhost: x\r\nauthorization: Bearer {self.s.key}\r\n"
                f"content-length: {len(body)}\r\n\r\n").encode() + body

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.s.port), harness.PATIENCE)

    def all_of(self, data):
        with self.connect() as c:
            c.sendall(data)
            c.shutdown(socket.SHUT_WR)
            got = b""
            while more := c.recv(65536):
                got += more
            return got.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"")

    def test_answers_come_all_the_same(self):
        whole = self.all_of(self.request("say"))
        self.assertTrue(whole.startswith(b"HTTP/1.1 200 "), whole)
        self.assertIn(b"hello hello", whole)
        for model in ("say", "slow"):
            for path, end in ((CHAT, b"[DONE]"), (MESSAGES, b"message_stop")):
                with self.subTest(path=path, model=model):
                    got = self.all_of(self.request("claude-x" if path == MESSAGES and model == "say" else
                                                   ("claude/" if path == MESSAGES else "stub/") + model, path, stream=True))
                    self.assertIn(end, got)
                    self.assertTrue(got.endswith(b"0\r\n\r\n"), got[-100:])
        self.assertTrue(self.all_of(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").endswith(b'{"status":"ok"}'))
        self.assertTrue(self.all_of(b"GET /health HTTP/1.0\r\n\r\n").endswith(b'{"status":"ok"}'))

    def test_requests_that_wait_behind_one_another(self):
        got = self.all_of(self.request("say") + self.request("echo/a") + self.request("say") + self.request("echo/b"))
        self.assertEqual(got.count(b"HTTP/1.1 200 "), 4, got)
        got = self.all_of(self.request("say") + self.request("say")[:-5])
        self.assertEqual((got.count(b"HTTP/1.1 200 "), got.count(b"HTTP/1.1 400 ")), (1, 1), got)

    def test_a_request_cut_short_is_refused(self):
        whole = self.request("say")
        at = len(self.s.stub.requests)
        for cut in (1, 20, whole.index(b"\r\n\r\n") + 2, len(whole) - 1):
            with self.subTest(cut=cut):
                got = self.all_of(whole[:cut])
                self.assertTrue(got.startswith(b"HTTP/1.1 400 "), got)
                self.assertIn(b"the connection ended", got)
        self.assertIn(b'"type":"error"', self.all_of(self.request("claude-x", MESSAGES)[:-1]))
        self.assertEqual(len(self.s.stub.requests), at)

    def test_who_has_gone_is_cancelled(self):
        for model, path, more in (("hang", CHAT, {}), ("hang", CHAT, {"stream": True}), ("slow", CHAT, {"stream": True}),
                                  ("claude/slow", MESSAGES, {"stream": True}), ("local/slow", OLLAMA, {}),
                                  ("claude/hang", MESSAGES, {}), ("local/hang", OLLAMA, {})):
            with self.subTest(model=model, path=path, more=more):
                before, at = self.s.stub.cancelled, len(self.s.stub.requests)
                with self.connect() as c:
                    c.sendall(self.request(model, path, **more))
                    if "slow" in model:
                        c.recv(65536)
                    harness.until(lambda: len(self.s.stub.requests) > at)
                harness.until(lambda: self.s.stub.cancelled > before)
                self.assertEqual(self.s.stub.cancelled, before + 1)

    def test_who_goes_after_half_closing_is_cancelled(self):
        before, at = self.s.stub.cancelled, len(self.s.stub.requests)
        with self.connect() as c:
            c.sendall(self.request("hang"))
            harness.until(lambda: len(self.s.stub.requests) > at)
            c.shutdown(socket.SHUT_WR)
            time.sleep(0.2)
            self.assertEqual(self.s.stub.cancelled, before)
        harness.until(lambda: self.s.stub.cancelled > before)
        self.assertEqual(self.s.stub.cancelled, before + 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
