#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A provider behind TLS: whose certificate counts, what the caller is told when it does not, and that a connection
stands only when TLS does."""
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
import harness  # noqa: E402

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi, I am Anna Kowalska"}]}
ANSWER = json.dumps({"id": "c", "object": "chat.completion", "choices": [
    {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}]}).encode()
CONFIG = """version: 1
listen: 127.0.0.1:{port}
gates: {gates}
providers:
  far: {{kind: openai, base_url: "https://%s:{stub}/v1", timeouts: {{connect: 5s}}}}
models: {{"*": [far/*]}}
ca_file: %s
{extra}
"""


class Certificates:
    """An authority and what it signs, made by openssl."""

    def __init__(self, folder):
        self.folder = folder
        self.run("req", "-x509", "-nodes", "-newkey", "rsa:2048", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
                 "-subj", "/CN=authority", "-addext", "basicConstraints=critical,CA:TRUE")

    def run(self, *args):
        subprocess.run(["openssl", *args], cwd=self.folder, check=True, capture_output=True, timeout=60)

    def make(self, name, extensions, signer=("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")):
        self.run("req", "-nodes", "-newkey", "rsa:2048", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj",
                 f"/CN={name}")
        with open(os.path.join(self.folder, f"{name}.ext"), "w", encoding="utf-8") as f:
            f.write(extensions)
        self.run("x509", "-req", "-in", f"{name}.csr", *(signer or ("-signkey", f"{name}.key")), "-out", f"{name}.pem",
                 "-days", "2", "-extfile", f"{name}.ext")
        return self.path(name)

    def path(self, name):
        return os.path.join(self.folder, name)


class Provider:
    """Answers one request a connection; without a certificate it takes connections and says nothing."""

    def __init__(self, certificate):
        self.requests, self.context = 0, None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate + ".pem", certificate + ".key")
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        held = []
        while True:
            try:
                c, _ = self.socket.accept()
            except OSError:
                return
            if not self.context:
                held.append(c)
                continue
            try:
                with self.context.wrap_socket(c, server_side=True) as t:
                    if t.recv(65536):
                        self.requests += 1
                        t.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
                                  b"content-length: %d\r\n\r\n" % len(ANSWER) + ANSWER)
            except OSError:
                pass


@unittest.skipUnless(shutil.which("openssl"), "no openssl command")
class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory()
        c = Certificates(cls.dir.name)
        here = "subjectAltName=DNS:localhost,IP:127.0.0.1\n"
        cls.good, cls.self_signed = c.make("good", here), c.make("own", here, None)
        cls.other, cls.client = c.make("other", "subjectAltName=DNS:other.example\n"), c.make(
            "client", here + "extendedKeyUsage=clientAuth\n")
        cls.authority = c.path("ca.pem")

    @classmethod
    def tearDownClass(cls):
        cls.dir.cleanup()

    def ask(self, certificate, host="localhost", authority=None, times=1):
        """(status, error code or None, seconds, requests the provider saw, log)"""
        provider = Provider(certificate)
        try:
            with harness.Sanctum(config=CONFIG % (host, authority or self.authority), stub=provider) as s:
                began = time.monotonic()
                for _ in range(times):
                    status, _, body = s.post("/v1/chat/completions", CHAT)
                error = json.loads(body).get("error")
                return status, error and error["code"], time.monotonic() - began, provider.requests, s.read_log()
        finally:
            provider.socket.close()

    def test_good_ones(self):
        for host in ("localhost", "127.0.0.1"):
            self.assertEqual(self.ask(self.good, host)[:2], (200, None))
        self.assertEqual(self.ask(self.self_signed, authority=self.self_signed + ".pem")[:2], (200, None))

    def test_others_get_nothing_and_the_caller_learns_why(self):
        for certificate in (self.self_signed, self.other, self.client):
            status, code, _, seen, log = self.ask(certificate, times=2)
            self.assertEqual((status, code, seen), (502, "upstream_untrusted", 0), certificate)
            self.assertEqual(log.count("no TLS with a provider"), 1, log)
            self.assertIn("provider=far", log)

    def test_a_peer_that_never_shakes_hands_is_no_connection(self):
        status, code, seconds, _, _ = self.ask(None)
        self.assertEqual((status, code), (502, "upstream_unreachable"))
        self.assertLess(seconds, 60)  # its deadline is `connect`, not the two minutes of `first_byte`


if __name__ == "__main__":
    unittest.main()
