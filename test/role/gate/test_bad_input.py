#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Malformed requests: a precise error in the caller's dialect, the connection survives where HTTP allows it,
nothing is forwarded."""
import gzip
import json
import os
import socket
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import harness  # noqa: E402

CHAT = "/v1/chat/completions"
GOOD = {"model": "say", "messages": [{"role": "user", "content": "hello"}]}


class BadInput(harness.Served):
    served = dict(extra="limits: {request_body: 100KiB}\ntimeouts: {header: 5s, body: 5s}")

    def raw(self, data, expect_close=None):
        """(status, head, body) of raw bytes; then whether the connection still serves."""
        with socket.create_connection(("127.0.0.1", self.s.port), 120) as c:
            c.sendall(data)
            first = self.answer(c)
            alive = None
            if expect_close is not None:
                try:
                    c.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
                    alive = self.answer(c)[0] == 200
                except (OSError, IndexError, ValueError):
                    alive = False
                self.assertEqual(alive, not expect_close)
            return first

    @staticmethod
    def answer(c):
        got = b""
        while b"\r\n\r\n" not in got:
            more = c.recv(65536)
            if not more:
                raise OSError("closed")
            got += more
        head, _, body = got.partition(b"\r\n\r\n")
        n = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")),
                 0)
        while len(body) < n:
            body += c.recv(65536)
        return int(head.split()[1]), head.decode(), body

    def request(self, body, path=CHAT, extra="", key=True):
        auth = f"authorization: Bearer {self.s.key}\r\n" if key else ""
        return (f"POST {path} HTTP/1.1\r\nhost: x\r\n{auth}content-type: application/json\r\n{extra}"
                f"content-length: {len(body)}\r\n\r\n").encode() + body

    def refused(self, body, status, code, path=CHAT, extra="", survives=True):
        at = len(self.s.stub.requests)
        got, head, answer = self.raw(self.request(body, path, extra), expect_close=not survives)
        self.assertEqual(got, status, answer)
        self.assertIn(code.encode(), answer)
        self.assertEqual(len(self.s.stub.requests), at)
        if 400 <= status < 500 and status not in (408, 429):
            self.assertIn("x-should-retry: false", head)
        return json.loads(answer)

    def test_bodies(self):
        for body in (b"", b"{", b"[]", b"{}{}", b"\xff\xfe", b'{"model":"say","model":"x","messages":[]}',
                     b'{"model":7,"messages":[]}', b'{"model":"say","messages":[{"role":"user","content":"\xc3"}]}',
                     b'{"a":' * 600 + b"1" + b"}" * 600):
            with self.subTest(body=body[:40]):
                self.refused(body, 400, "invalid_request")
        self.assertEqual(self.s.post(CHAT, GOOD)[0], 200)  # the control

    def test_conversations_of_another_form(self):
        for path, body, why in ((CHAT, {"model": "say"}, "messages is missing (at byte 15 of the body)"),
                                (CHAT, {"model": "say", "messages": "hi"}, "messages must be a list of objects"),
                                (CHAT, {"model": "say", "messages": [{"role": "user", "content": 7}]}, "content must be"),
                                ("/v1/messages", {"model": "claude/say", "messages": [{"content": "x"}]}, "no role"),
                                ("/v1/responses", {"model": "say", "input": 7}, "input must be"),
                                ("/v1/embeddings", {"model": "say"}, "input is missing"),
                                ("/api/chat", {"model": "say", "messages": {}}, "messages must be")):
            with self.subTest(body=body):
                answer = self.refused(json.dumps(body).encode(), 400, "invalid_request", path)
                self.assertIn(why, json.dumps(answer))

    def test_dialects(self):
        openai = self.refused(b"{", 400, "invalid_request")
        self.assertEqual(set(openai["error"]), {"message", "type", "param", "code"})
        anthropic = self.refused(b"{", 400, "invalid_request", "/v1/messages")
        self.assertEqual(anthropic["type"], "error")
        self.assertIsInstance(self.refused(b"{", 400, "invalid_request", "/api/chat")["error"], str)

    def test_unknown_paths_and_models(self):
        self.refused(b"{}", 404, "unknown_path", "/v1/files")
        self.refused(b"{}", 404, "unknown_path", "/v1/chat/completions/../../admin")
        body = json.dumps({**GOOD, "model": "claude/say"}).encode()
        self.refused(body, 400, "wrong_dialect")
        got = self.raw(f"GET {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {self.s.key}\r\n\r\n".encode(), False)
        self.assertEqual(got[0], 405)

    def test_no_key_no_answer(self):
        for path in (CHAT, "/v1/models", "/v1/messages", "/api/tags", "/ready", "/nowhere", "/"):
            with self.subTest(path=path):
                self.assertEqual(self.raw(f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode(), False)[0], 401)
        self.assertEqual(self.raw(self.request(b"{}", key=False), False)[0], 401)
        self.assertEqual(self.raw(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n", False)[0], 200)

    def test_credentials(self):
        import base64
        key = self.s.key
        ok = ["authorization: Bearer " + key, "x-api-key: " + key, "x-goog-api-key: " + key, "api-key: " + key,
              "authorization: Basic " + base64.b64encode(f"x:{key}".encode()).decode(),
              f"authorization: Bearer {key}\r\nx-api-key: {key}"]
        bad = ["authorization: Bearer " + key[:-1], "authorization: Bearer", "authorization: Digest " + key,
               f"authorization: Bearer {key}\r\nx-api-key: other", "x-api-key: " + "a" * 1000,
               "authorization: Bearer \xff\xfe", "authorization: Basic !!!"]
        for lines, want in [(h, 200) for h in ok] + [(h, 401) for h in bad]:
            with self.subTest(lines=lines[:30]):
                data = f"GET /v1/models HTTP/1.1\r\nhost: x\r\n{lines}\r\n\r\n".encode("latin-1")
                self.assertEqual(self.raw(data, False)[0], want)
        self.assertEqual(self.raw(f"GET /v1/models?key={key} HTTP/1.1\r\nhost: x\r\n\r\n".encode(), False)[0], 200)

    def test_broken_http_closes(self):
        for data, status in ((b"GET / HTTP/1.1\nhost: x\n\n", 400), (b"GET / HTTP/2.0\r\nhost: x\r\n\r\n", 505),
                             (b"GET /health HTTP/1.1\r\n\r\n", 400),
                             (b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400),
                             (b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
                              400),
                             (b"GET / HTTP/1.1\r\nhost: x\r\n" + b"a: b\r\n" * 200 + b"\r\n", 431),
                             (b"GET /" + b"a" * 10000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", 414)):
            with self.subTest(data=data[:40]):
                self.assertEqual(self.raw(data, True)[0], status)

    def test_too_large(self):
        big = json.dumps({**GOOD, "x": "y" * 200_000}).encode()
        self.refused(big, 413, "request_too_large", survives=False)
        bomb = gzip.compress(big)
        self.refused(bomb, 413, "request_too_large", extra="content-encoding: gzip\r\n")

    def test_encodings(self):
        body = json.dumps(GOOD).encode()
        ok = self.raw(self.request(gzip.compress(body), extra="content-encoding: gzip\r\n"), False)
        self.assertEqual(ok[0], 200)
        self.assertEqual(json.loads(self.s.stub.requests[-1].raw)["messages"], GOOD["messages"])
        self.assertNotIn("content-encoding", self.s.stub.requests[-1].headers)
        self.refused(body, 400, "bad_encoding", extra="content-encoding: gzip\r\n")
        self.refused(body, 415, "unsupported_encoding", extra="content-encoding: lzma\r\n")

    def test_chunked_and_expect(self):
        body = json.dumps(GOOD).encode()
        head = f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {self.s.key}\r\n"
        chunks = b"".join(b"%x\r\n%s\r\n" % (1, body[i:i + 1]) for i in range(len(body))) + b"0\r\n\r\n"
        self.assertEqual(self.raw(head.encode() + b"transfer-encoding: chunked\r\n\r\n" + chunks, False)[0], 200)
        with socket.create_connection(("127.0.0.1", self.s.port), 120) as c:
            c.sendall(head.encode() + f"content-length: {len(body)}\r\nexpect: 100-continue\r\n\r\n".encode())
            self.assertTrue(c.recv(100).startswith(b"HTTP/1.1 100"))
            c.sendall(body)
            self.assertEqual(self.answer(c)[0], 200)

    def test_pipelined_and_byte_by_byte(self):
        one = self.request(json.dumps(GOOD).encode())
        with socket.create_connection(("127.0.0.1", self.s.port), 120) as c:
            c.sendall(one * 5)
            got = b""
            while got.count(b"HTTP/1.1 200") < 5 or not got.endswith(b"}"):
                more = c.recv(65536)
                self.assertTrue(more, got[-300:])
                got += more
        with socket.create_connection(("127.0.0.1", self.s.port), 120) as c:
            c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for i in range(len(one)):
                c.sendall(one[i:i + 1])
            self.assertEqual(self.answer(c)[0], 200)

    def test_other_spellings_of_a_request(self):
        """An absolute target, and an empty line left over from the request before, as RFC 9112 has them."""
        body = json.dumps(GOOD).encode()
        absolute = self.request(body).replace(b"POST /", b"POST http://x/")
        self.assertEqual(self.raw(absolute, False)[0], 200)
        self.assertEqual(self.raw(b"\r\n" + self.request(body), False)[0], 200)
        self.assertEqual(self.raw(absolute.replace(b"http://x/", b"http://y/"), True)[0], 400)
        with socket.create_connection(("127.0.0.1", self.s.port), 5) as c:
            for _ in range(3):
                c.sendall(self.request(body) + b"\r\n")
                self.assertEqual(self.answer(c)[0], 200)

    def test_slow_clients_are_cut(self):
        with socket.create_connection(("127.0.0.1", self.s.port), 120) as c:
            c.sendall(b"GET /health HTTP/1.1\r\nho")
            self.assertEqual(self.answer(c)[0], 408)
            self.assertEqual(c.recv(10), b"")
        with socket.create_connection(("127.0.0.1", self.s.port), 120) as c:
            c.sendall(self.request(b"{" + b" " * 50)[:-10])
            self.assertEqual(self.answer(c)[0], 408)

    def test_unmasked_bytes_are_untouched(self):
        body = (b'{ "model" : "say","temperature":1.10 , "seed":12345678901234567890,"z":{"b":1,"a":[1E5,-0.0]},\n'
                b'"messages":[{"role":"user","content":"caf\\u00e9 \\/ x", "unknown":null}]}')
        self.assertEqual(self.raw(self.request(body), False)[0], 200)
        self.assertEqual(self.s.stub.requests[-1].raw, body)


if __name__ == "__main__":
    unittest.main()
