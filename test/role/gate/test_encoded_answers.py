#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Providers are asked for answers as they are. Some, or a proxy before them, compress all the same: such answers are
read and restored, whole and as streams however they are cut; what does not decode is an error in the caller's dialect."""
import gzip
import http.client
import http.server
import json
import os
import sys
import threading
import unittest
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import harness  # noqa: E402

CHAT = "/v1/chat/completions"
TEXT = "Write to anna.kowalska@example.com, please."


def zstd(data):
    """One frame (RFC 8878) with its size in four bytes and blocks as they are."""
    out = bytes.fromhex("28b52ffd") + b"\xa0" + len(data).to_bytes(4, "little")
    cuts = range(0, len(data), 1 << 16)
    for at in cuts:
        block = data[at:at + (1 << 16)]
        out += (len(block) << 3 | (at == cuts[-1])).to_bytes(3, "little") + block
    return out


CODINGS = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstd}


class Handler(http.server.BaseHTTPRequestHandler):
    """The model's name says how: CODING[-FAULT], and the number of bytes written at once."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        how, _, size = body["model"].partition(" ")
        coding, _, fault = how.partition("-")
        said = body["messages"][-1]["content"]
        if body.get("stream"):
            deltas = [{"content": said[i:i + 3]} for i in range(0, len(said), 3)]
            out = "".join("data: " + json.dumps({"id": "x", "object": "chat.completion.chunk", "choices": [
                {"index": 0, "delta": d, "finish_reason": None}]}) + "\n\n" for d in deltas) + "data: [DONE]\n\n"
        else:
            out = json.dumps({"id": "x", "object": "chat.completion", "choices": [{"index": 0, "finish_reason": "stop",
                              "message": {"role": "assistant", "content": said}}]})
        packed = CODINGS[coding](out.encode())
        packed = {"cut": packed[:-1], "more": packed + b"x", "broken": b"\0" + packed[1:]}.get(fault, packed)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream" if body.get("stream") else "application/json")
        self.send_header("content-encoding", coding + ", " + coding if fault == "twice" else coding)
        self.send_header("content-length", str(len(packed)))
        self.end_headers()
        step = int(size or len(packed))
        for i in range(0, len(packed), step):
            self.wfile.write(packed[i:i + step])
            self.wfile.flush()

    def log_message(self, *_):
        pass


class EncodedAnswers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = http.server.ThreadingHTTPServer(("127.0.0.1", harness.free_port()), Handler)
        cls.model.port = cls.model.server_port
        threading.Thread(target=cls.model.serve_forever, daemon=True).start()
        cls.s = harness.Sanctum(stub=cls.model)
        cls.s.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.s.__exit__()
        cls.model.shutdown()
        cls.model.server_close()

    def ask(self, model, **more):
        return self.s.post(CHAT, {"model": "stub/" + model, "messages": [{"role": "user", "content": TEXT}], **more})

    def said(self, stream):
        lines = [line[6:] for line in stream.decode().split("\n") if line.startswith("data: ")]
        self.assertEqual(lines.pop(), "[DONE]")
        return "".join(json.loads(line)["choices"][0]["delta"]["content"] for line in lines)

    def test_read_and_restored(self):
        for coding in CODINGS:
            for size in ("", " 1", " 100"):
                with self.subTest(coding=coding, size=size):
                    status, headers, body = self.ask(coding + size)
                    self.assertEqual((status, json.loads(body)["choices"][0]["message"]["content"]), (200, TEXT))
                    self.assertNotIn("content-encoding", headers)
                    self.assertEqual(headers["x-sanctum-restored"], "1")
                    status, headers, body = self.ask(coding + size, stream=True)
                    self.assertEqual((status, self.said(body)), (200, TEXT))
                    self.assertNotIn("content-encoding", headers)

    def test_what_does_not_decode(self):
        for coding in CODINGS:
            for fault in ("cut", "more", "broken", "twice"):
                with self.subTest(coding=coding, fault=fault):
                    status, _, body = self.ask(f"{coding}-{fault}")
                    self.assertEqual(status, 502, body)
                    self.assertIn(json.loads(body)["error"]["code"], ("upstream_bad_answer", "upstream_cut"))

    def test_a_stream_that_does_not_end_as_it_should(self):
        with self.assertRaises(http.client.IncompleteRead) as cut:  # what had come was passed on, then the error
            self.ask("gzip-cut", stream=True)
        self.assertIn(b"upstream_cut", cut.exception.partial)
        status, _, body = self.ask("gzip-broken", stream=True)
        self.assertEqual(status, 502, body)


if __name__ == "__main__":
    unittest.main()
