#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The HTTP server that commands share, as the witness uses it: bodies, their limits, and clients that do not
behave. What it answers to GET is in test/cmd/ledgerctl."""
import contextlib
import os
import socket
import subprocess
import tempfile
import time
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import harness  # noqa: E402

SANCTUM = os.path.join(os.environ["SANCTUM_BUILD"], "sanctum")
LOG = "sanctum/ledger/415c2f9e923272ca+e4e72e00+AYzs3/4kc9pjzD8007QfDzmWLM+3nYQszihGx4eSWscc"


class Web(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        state = ["--state", self.dir.name]
        subprocess.run([SANCTUM, "witness", "init", "w.example", *state], check=True, stdout=subprocess.DEVNULL)
        self.server = subprocess.Popen([SANCTUM, "witness", "serve", "--log", LOG, "--listen", "127.0.0.1:0", *state],
                                       stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.server.stdout.close)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.terminate)
        self.port = int(self.server.stdout.readline().rstrip("/\n").rsplit(":", 1)[1])

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=120)

    def say(self, *pieces):
        """The statuses of what comes back on one connection."""
        with self.connect() as s:
            with contextlib.suppress(OSError):  # the server may have answered and closed already
                for piece in pieces:
                    s.sendall(piece)
                    time.sleep(0.01)
                s.shutdown(socket.SHUT_WR)
            whole = b"".join(iter(lambda: s.recv(65536), b""))
        return [int(part.split()[0]) for part in whole.split(b"HTTP/1.1 ")[1:]]

    def post(self, body, **headers):
        fields = {"host": "localhost", "content_length": str(len(body)), **headers}
        head = "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in fields.items())
        return f"POST /add-checkpoint HTTP/1.1\r\n{head}\r\n".encode() + body

    def test_bodies(self):
        self.assertEqual(self.say(self.post(b"")), [400])
        self.assertEqual(self.say(self.post(b"old 0\n\nsomething")), [404])
        whole = self.post(b"old 0\n\nsomething")
        self.assertEqual(self.say(*[whole[i:i + 1] for i in range(len(whole))]), [404])  # byte by byte
        self.assertEqual(self.say(whole * 3), [404, 404, 404])  # one behind the other
        get = b"GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n"
        self.assertEqual(self.say(whole[:70], whole[70:] + get, get), [404, 404, 404])

    def test_limits(self):
        large = b"old 0\n\n" + b"x" * (1 << 20)
        self.assertEqual(self.say(self.post(large)), [404])
        self.assertEqual(self.say(self.post(b"", content_length="1100000")), [413])
        self.assertEqual(self.say(self.post(b"", content_length="99999999999")), [413])
        self.assertEqual(self.say(b"POST /add-checkpoint HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
                                  b"0\r\n\r\n"), [400])
        self.assertEqual(self.say(b"POST / HTTP/1.1\r\nhost: localhost\r\nx: ".ljust(8192, b"y")), [431])
        self.assertEqual(self.say(self.post(b"", host="evil.example")), [421])
        self.assertEqual(self.say(self.post(b"old", content_length="10")), [])  # it ends before its body
        self.assertEqual(self.say(b"DELETE /add-checkpoint HTTP/1.1\r\nhost: localhost\r\n\r\n"), [405])

    def test_more_clients_than_there_is_room_for(self):
        silent = [self.connect() for _ in range(64)]
        with self.connect() as s:
            self.assertEqual(s.recv(1), b"")  # closed at once
        for s in silent[:8]:
            s.close()
        self.assertTrue(harness.until(lambda: self.say(self.post(b"")) == [400]))
        self.assertEqual(silent[20].recv(1), b"")  # closed after 8 s without a word
        for s in silent[8:]:
            s.close()


if __name__ == "__main__":
    unittest.main()
