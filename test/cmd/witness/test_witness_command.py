#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum witness` beside a gateway's own log: what it cosigns, what it never does, what it keeps."""
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, "test/cmd/ledgerctl")
sys.path.insert(0, "test/cmd/verify")
from test_ledgerctl import SANCTUM, VERIFY, Kept  # noqa: E402


class Witness(Kept):
    def setUp(self):
        super().setUp()
        self.home = os.path.join(self.dir.name, "witness-state")
        self.vkey = self.witness("init", "witness.example/kitchen").strip()
        with open(self.file("ledger.vkey"), encoding="utf-8") as f:
            self.log_key = f.read().strip()
        self.origin = self.log_key.split("+")[0]
        self.start()

    def witness(self, *args, status=0):
        out = subprocess.run([SANCTUM, "witness", *args, "--state", self.home], capture_output=True, text=True,
                             check=False, timeout=60, stdin=subprocess.DEVNULL)
        self.assertEqual(out.returncode, status, out)
        return out.stdout if status == 0 else out.stderr

    def start(self):
        self.server = subprocess.Popen([SANCTUM, "witness", "serve", "--listen", "127.0.0.1:0", "--log", self.log_key,
                                        "--state", self.home], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(self.server.stdout.close)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.kill)
        self.url = self.server.stdout.readline().split()[1]

    def post(self, body, path="add-checkpoint"):
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, data=body), timeout=120) as r:
                return r.status, r.read()
        except urllib.error.HTTPError as e:
            return e.code, e.read()

    def remembered(self):
        """What the witness gives out; None: nothing."""
        try:
            name = hashlib.sha256(self.origin.encode()).hexdigest()
            with urllib.request.urlopen(f"{self.url}{name}/checkpoint", timeout=120) as r:
                return r.read()
        except urllib.error.HTTPError as e:
            self.assertEqual(e.code, 404)
            return None

    def ask(self, old=0):
        return self.ledger("ask-witness", "--old", str(old)).encode()

    def put(self, name, data):
        path = os.path.join(self.dir.name, name)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def grow(self):
        """More records, signed: as a gateway that starts again would."""
        from test_ledgerctl import daemon
        test = self

        class Again(daemon.Daemon):
            def setUp(self):
                test.assertTrue(os.path.isdir(test.state))
                self.dir = test.dir
                self.state, self.port = test.state, daemon.free_port()
                self.config = os.path.join(test.dir.name, "again.yaml")
                with open(self.config, "w", encoding="utf-8") as f:
                    f.write(self.config_text % (self.port, self.mode))
                self.log = open(os.path.join(test.dir.name, "log"), "w+", encoding="utf-8")
                self.addCleanup(self.log.close)
                self.daemon = subprocess.Popen([SANCTUM, "serve", "--config", self.config, "--state", self.state],
                                               stdin=subprocess.DEVNULL, stderr=self.log)
                self.addCleanup(self.stop)
                self.until(lambda: self.status_of("/health") == 200, "the gateway answers")

            def runTest(self):
                self.stop()

        result = unittest.TestResult()
        Again().run(result)
        self.assertTrue(result.wasSuccessful(), result.errors + result.failures)
        return json.loads(self.ledger("checkpoint", "--json"))["size"]

    def test_a_log_is_cosigned_and_that_is_verified(self):
        self.assertIsNone(self.remembered())
        ask = self.ask()
        code, lines = self.post(ask)
        self.assertEqual(code, 200)
        self.assertRegex(lines.decode(), "^— witness.example/kitchen [A-Za-z0-9+/]+=*\n$")
        asked, answer = self.put("ask", ask), self.put("answer", lines)
        cosigned = os.path.join(self.dir.name, "cosigned")
        self.ledger("add-cosignature", asked, answer, "--witness", self.vkey, "-o", cosigned)
        with open(cosigned, "rb") as f:
            self.assertEqual(f.read(), self.remembered())
        proof = os.path.join(self.dir.name, "p.tlog-proof")
        self.ledger("prove", "7", "--checkpoint", cosigned, "-o", proof)
        for good in ([proof], ["--remembered", cosigned, "--quorum", "0", self.file("ledger")]):
            out = subprocess.run([VERIFY, "--key", self.log_key, "--witness", self.vkey, *good], capture_output=True,
                                 text=True, check=False)
            self.assertEqual(out.returncode, 0, out)
        self.ledger("prove", "7", "-o", proof)  # the newest checkpoint has no cosignature
        out = subprocess.run([VERIFY, "--key", self.log_key, "--witness", self.vkey, proof], capture_output=True,
                             text=True, check=False)
        self.assertEqual(out.returncode, 1, out)
        # An answer of somebody else, or a changed one, is none.
        self.ledger("add-cosignature", asked, self.put("empty", b""), "--witness", self.vkey, status=1)
        changed = lines.replace(lines[60:61], b"A" if lines[60:61] != b"A" else b"B")
        self.ledger("add-cosignature", asked, self.put("changed", changed), "--witness", self.vkey, status=1)

    def test_the_commands_of_the_guide(self):
        with open("docs/guides/verify.md", encoding="utf-8") as f:
            part = f.read().split("## A witness")[1].split("## One entry")[0]
        commands = [line.strip() for line in part.splitlines() if line.startswith("    ")]
        self.assertEqual(len(commands), 7)
        self.assertEqual(commands[0], "sanctum witness init witness.example/kitchen")
        self.assertEqual(commands[1], "sanctum witness serve --log LOGKEY")  # both as in setUp
        programs = {"sanctum": os.path.abspath(SANCTUM), "sanctum-verify": os.path.abspath(VERIFY), "curl": "curl"}
        for line in commands[2:]:
            words = line.replace("WITNESSKEY", self.vkey).replace("LOGKEY", self.log_key).split()
            words = [w.replace("http://127.0.0.1:4047/", self.url) for w in words]
            out = subprocess.run([programs[words[0]], *words[1:]], cwd=self.dir.name, capture_output=True, text=True,
                                 check=False, timeout=60, stdin=subprocess.DEVNULL,
                                 env={**os.environ, "SANCTUM_STATE": self.state})
            self.assertEqual(out.returncode, 0, (line, out))

    def test_it_follows_a_log_and_outlives_kills(self):
        self.assertEqual(self.post(self.ask())[0], 200)
        size = self.size
        for _ in range(3):
            self.server.send_signal(signal.SIGKILL)
            self.server.wait()
            self.start()
            new = self.grow()
            self.assertGreater(new, size)
            self.assertEqual(self.post(self.ask()), (409, b"%d\n" % size))
            self.assertEqual(self.post(self.ask(size))[0], 200)
            self.assertIn(b"\n%d\n" % new, self.remembered())
            size = new
        self.assertEqual(self.post(self.ask(size))[0], 200)  # the same head again

    def test_another_history_is_never_cosigned(self):
        before = self.ask()
        fork = os.path.join(self.dir.name, "fork")
        shutil.copytree(self.state, fork)
        size = self.grow()
        self.assertEqual(self.post(self.ask())[0], 200)
        kept = self.remembered()
        # Rolled back: an older head of the same log.
        self.assertEqual(self.post(before), (409, b"%d\n" % size))
        self.assertEqual(self.post(before.replace(b"old 0", b"old %d" % size, 1))[0], 400)
        # A fork, signed by the log's own key, as long as the log or longer.
        shutil.rmtree(self.state)
        shutil.copytree(fork, self.state)
        forked = self.grow()
        self.assertEqual(forked, size)
        self.assertEqual(self.post(self.ask(size))[0], 422)
        self.grow()
        self.assertEqual(self.post(self.ask(size))[0], 422)
        self.assertEqual(self.post(self.ask())[0], 409)
        self.assertEqual(self.remembered(), kept)

    def test_what_is_not_taken(self):
        ask = self.ask()
        head, note = ask.split(b"\n\n", 1)
        for body, code in ((b"", 400), (b"old 0\n", 400), (b"old -1\n\n" + note, 400), (b"old 00\n\n" + note, 400),
                           (head + b"\n\n", 400), (b"new 0\n\n" + note, 400), (b"old 0\nAAAA\n\n" + note, 400),
                           (b"old 0\n" + b"A" * 43 + b"=\n\n" + note, 422),  # a proof from nothing
                           (b"old 0\n" + (b"A" * 43 + b"=\n") * 64 + b"\n" + note, 400),
                           (ask.replace(self.origin.encode(), b"log.example/other"), 404),
                           (ask[:-8] + b"AAAAAA=\n", 403), (head + b"\n\n" + note.split(b"\n\n")[0] + b"\n", 400),
                           (head + b"\n\n" + note.split(b"\n\n")[0] + b"\n\n", 400)):
            self.assertEqual(self.post(body)[0], code, body[:80])
        self.assertIsNone(self.remembered())
        for at in range(0, len(ask) - 1, 7):  # cut or changed anywhere: never cosigned
            self.assertNotEqual(self.post(ask[:at])[0], 200, at)
            changed = ask[:at] + bytes([ask[at] ^ 1]) + ask[at + 1:]
            self.assertNotEqual(self.post(changed)[0], 200, (at, changed))
        self.assertEqual(self.post(ask)[0], 200)

    def test_a_memory_that_was_changed_is_not_gone_on_with(self):
        self.assertEqual(self.post(self.ask())[0], 200)
        path = os.path.join(self.home, "witness", hashlib.sha256(self.origin.encode()).hexdigest() + ".checkpoint")
        with open(path, "rb") as f:
            good = f.read()
        own = good.rindex(b"\xe2\x80\x94 witness")
        for bad in (b"", good[:own], good[:-6] + b"AAAA=\n", good.replace(b"\n%d\n" % self.size, b"\n1\n")):
            with open(path, "wb") as f:
                f.write(bad)
            self.assertEqual(self.post(self.ask(self.size))[0], 500, bad)
            self.assertEqual(self.post(self.ask())[0], 500, bad)
        with open(path, "wb") as f:
            f.write(good)
        self.assertEqual(self.post(self.ask(self.size))[0], 200)

    def test_keys_and_usage(self):
        self.assertEqual(self.witness("key").strip(), self.vkey)
        self.assertIn("there is a key already", self.witness("init", "another", status=2))
        self.assertIn("another witness serves", self.witness("serve", "--log", self.log_key, "--listen", "127.0.0.1:0",
                                                             status=2))
        self.witness("serve", status=64)
        self.witness("serve", "--log", self.vkey, status=64)  # a witness's key is no log's
        self.witness("serve", "--log", self.log_key, "--log", self.log_key, status=64)
        self.witness("serve", "--log", self.log_key, "--listen", "0.0.0.0:0", status=64)
        path = os.path.join(self.home, "witness", "key")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        os.chmod(path, 0o644)
        self.assertIn("others may read it", self.witness("key", status=2))
        os.unlink(path)
        self.assertIn("witness init", self.witness("key", status=2))
        self.witness("init", "two words", status=64)


if __name__ == "__main__":
    unittest.main()
