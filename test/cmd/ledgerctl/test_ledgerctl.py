#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum ledger`: what is shown, signed and proven, and every way in which it can be wrong. The log
is that of a gateway which has stopped; sanctum-verify looks at the same files."""
import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, "test/role")
import daemon  # noqa: E402

SANCTUM = os.path.join(os.environ["SANCTUM_BUILD"], "sanctum")
VERIFY = os.path.join(os.environ["SANCTUM_BUILD"], "libexec", "sanctum-verify")
RECORDS = 300


class Quiet(unittest.TestCase):
    """A state directory that no daemon uses."""

    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.state = os.path.join(self.dir.name, "state")

    def run_it(self, *args):
        return subprocess.run([SANCTUM, *args, "--state", self.state], capture_output=True, text=True, check=False,
                              timeout=60, stdin=subprocess.DEVNULL)

    def file(self, *names):
        return os.path.join(self.state, *names)

    def ledger(self, *args, status=0):
        out = self.run_it("ledger", *args)
        self.assertEqual(out.returncode, status, out)
        return out.stdout

    def verdict(self, *args):
        """The word of the finding, or "whole"."""
        out = self.run_it("ledger", "verify", "--json", *args)
        found = json.loads(out.stdout)
        self.assertEqual(out.returncode, 0 if found["ok"] else 1, out)
        return "whole" if found["ok"] else found.get("verdict", found["why"].split(":")[0])


class Unsigned(Quiet):
    def setUp(self):
        super().setUp()
        self.ids = [json.loads(self.run_it("key", "create", "--json", "--name", n).stdout)["id"] for n in ("a1", "a2")]

    def test_records_of_keys_are_shown_and_verified(self):
        self.run_it("key", "revoke", "a1")
        show = [json.loads(line) for line in self.ledger("show", "--json").splitlines()]
        self.assertEqual([(r["seq"], r["kind"], r["key"], r["key_id"]) for r in show],
                         [(0, "key_created", "a1", self.ids[0]), (1, "key_created", "a2", self.ids[1]),
                          (2, "key_revoked", "a1", self.ids[0])])
        self.assertEqual(json.loads(self.ledger("show", "--json", "--last", "1"))["seq"], 2)
        self.assertEqual(len(self.ledger("show").splitlines()), 4)
        self.assertEqual(self.ledger("show", "--json", "--since", "2500-01-01"), "")
        self.ledger("show", "--last", "x", status=64)
        self.assertEqual(json.loads(self.ledger("verify", "--json")), {"ok": True, "records": 3, "signed": 0})
        self.assertIn("public key", self.run_it("ledger", "prove", "0").stderr)

    def test_no_log_is_no_whole_log(self):
        """What was never there could not be checked; what was there is missing."""
        shutil.rmtree(self.file("ledger"))
        self.assertEqual(self.run_it("ledger", "verify").returncode, 1)
        self.state = os.path.join(self.dir.name, "nowhere")
        self.assertEqual(self.run_it("ledger", "verify").returncode, 2)

    def test_tampering_is_a_finding(self):
        path, = (self.file("ledger", n) for n in os.listdir(self.file("ledger")))
        with open(path, "r+b") as f:
            data = f.read(4096)
            f.seek(data.index(b"a1"))
            f.write(b"a9")
        out = self.run_it("ledger", "verify")
        self.assertEqual(out.returncode, 1)
        self.assertRegex(out.stderr, r"record 0 .*altered")
        refused = self.run_it("key", "create", "--name", "z")
        self.assertEqual((refused.returncode, refused.stdout), (2, ""))
        os.unlink(path)
        out = self.run_it("ledger", "verify")
        self.assertEqual(out.returncode, 1)
        self.assertIn("missing: 2 records", out.stderr)


class Kept(Quiet):
    """A copy of the state directory that a gateway left."""

    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.kept.cleanup)

        class Once(daemon.Daemon):
            mode = "batched"

            def runTest(self):
                for _ in range(RECORDS // 2 - 2):  # two records each; created, started, stopped
                    self.chat(self.key)
                self.until(lambda: self.status()["ledger"]["signed_records"] == RECORDS - 2, "all are signed")
                self.stop()
                shutil.copytree(self.state, os.path.join(cls.kept.name, "state"))

        result = unittest.TestResult()
        Once().run(result)
        if not result.wasSuccessful():
            raise AssertionError((result.errors + result.failures)[0][1])

    def setUp(self):
        super().setUp()
        shutil.copytree(os.path.join(self.kept.name, "state"), self.state)
        self.size = json.loads(self.ledger("checkpoint", "--json"))["size"]

    def standalone(self, *args):
        return subprocess.run([VERIFY, "--key-file", self.file("ledger.vkey"), *args], capture_output=True, text=True,
                              check=False, timeout=60)


class Signed(Kept):
    def test_intact(self):
        out = json.loads(self.ledger("verify", "--json"))
        self.assertEqual(out, {"ok": True, "records": self.size, "signed": self.size})
        self.assertEqual(self.size, RECORDS - 1)
        alone = self.standalone(self.file("ledger"))
        self.assertEqual(alone.returncode, 0, alone)
        self.assertIn(f"intact, {self.size} of {self.size} entries checked", alone.stdout)
        note = self.ledger("checkpoint")
        with open(self.file("ledger", "checkpoint"), encoding="utf-8") as f:
            self.assertEqual(f.read(), note)

    def test_every_record_is_proven(self):
        records = self.ledger("show", "--json").splitlines()
        path = os.path.join(self.dir.name, "one.tlog-proof")
        for n in [0, 1, 254, 255, 256, self.size - 1]:
            self.ledger("prove", str(n), "-o", path)
            said = json.loads(self.ledger("check-proof", "--json", path))
            self.assertEqual((said["seq"], said["size"], said["record"]), (n, self.size, records[n]))
            entry = os.path.join(self.dir.name, "entry")
            with open(entry, "w", encoding="utf-8") as f:
                f.write(records[n])
            self.assertEqual(self.standalone("--entry", entry, path).returncode, 0)
            self.assertEqual(self.standalone(path).returncode, 0)  # the file holds its record
            with open(entry, "a", encoding="utf-8") as f:
                f.write(" ")
            self.assertEqual(self.standalone("--entry", entry, path).returncode, 1)
            self.ledger("check-proof", "--entry", entry, path, status=1)
        with open(path, encoding="utf-8") as f:
            text = f.read()
        other = records[3].encode()
        with open(path, "w", encoding="utf-8") as f:
            f.write(re.sub(r"extra \S+", "extra " + base64.b64encode(other).decode(), text))
        self.ledger("check-proof", path, status=1)
        self.assertEqual(self.standalone(path).returncode, 1)
        self.assertIn("not signed yet", self.run_it("ledger", "prove", str(self.size)).stderr)
        self.ledger("prove", "x", status=64)

    def test_the_commands_of_the_guide(self):
        with open("docs/guides/verify.md", encoding="utf-8") as f:
            part = f.read().split("## The gateway's own log")[1].split("## A whole log")[0]
        commands = [line.strip() for line in part.splitlines() if line.startswith("    ")]
        self.assertEqual(len(commands), 8)
        programs = {"sanctum": os.path.abspath(SANCTUM), "sanctum-verify": os.path.abspath(VERIFY)}
        for line in commands:
            words = line.replace("STATE", self.state).split()
            out = subprocess.run([programs[words[0]], *words[1:]], cwd=self.dir.name, capture_output=True, text=True,
                                 check=False, timeout=60, stdin=subprocess.DEVNULL)
            self.assertEqual(out.returncode, 0, (line, out))

    def test_a_copy_for_others(self):
        copy = os.path.join(self.dir.name, "copy")
        self.assertEqual(json.loads(self.ledger("export", "--json", copy)), {"path": copy, "records": self.size})
        self.assertEqual(self.standalone(copy).returncode, 0)
        self.ledger("export", copy, status=64)
        with open(self.file("ledger", "tile", "entries", "000"), "r+b") as f:
            f.seek(100)
            f.write(b"~")
        self.ledger("export", copy + "2", status=1)
        self.assertFalse(os.path.exists(os.path.join(copy + "2", "checkpoint")))

    def test_every_byte_of_the_log(self):
        """A byte changed anywhere in what is stored is found; unchanged it is whole."""
        stored = []
        for folder, _, names in os.walk(self.file("ledger")):
            stored += [os.path.join(folder, n) for n in names]
        stored += [self.file("head", "checkpoint"), self.file("head", "ledger")]
        flips = 0
        for path in stored:
            with open(path, "r+b") as f:
                data = f.read(1 << 20).rstrip(b"\0") if "segment" in path else f.read()
                step = max(1, len(data) // 16)
                for at in list(range(0, len(data), step)) + [len(data) - 1]:
                    f.seek(at)
                    f.write(bytes([data[at] ^ 1]))
                    f.flush()
                    self.assertNotEqual(self.verdict(), "whole", (path, at))
                    f.seek(at)
                    f.write(data[at:at + 1])
                    f.flush()
                    flips += 1
        self.assertGreater(flips, 150)
        self.assertEqual(self.verdict(), "whole")

    def test_what_is_gone(self):
        segment, = (self.file("ledger", n) for n in os.listdir(self.file("ledger")) if n.startswith("segment"))
        cases = [
            ("missing", [self.file("ledger")]),
            ("missing", [self.file("ledger", "checkpoint")]),
            ("missing", [segment]),
            ("missing", [segment, self.file("head", "ledger")]),  # the checkpoint knows how many there were
            ("missing", [self.file("ledger"), self.file("head")]),  # the public key knows that there was one
            ("altered", [self.file("ledger", "tile", "0", "000")]),
            ("altered", [self.file("ledger", "tile", "entries", "000")]),
        ]
        for word, paths in cases:
            for path in paths:
                (shutil.rmtree if os.path.isdir(path) else os.unlink)(path)
            self.assertEqual(self.verdict(), word, paths)
            shutil.rmtree(self.state)
            shutil.copytree(os.path.join(self.kept.name, "state"), self.state)
        self.assertEqual(self.verdict(), "whole")

    def test_tiles_that_had_not_settled_are_said_to_be(self):
        """A power cut leaves signed records whole and their last tiles empty. Behind what has settled that is
        said; a tile that had settled is altered and no more."""
        settled = self.file("head", "checkpoint.tiles")
        self.assertTrue(os.path.exists(settled), os.listdir(self.file("head")))
        for known, told in ((b"0\n", True), (None, False)):
            if known is not None:
                with open(settled, "wb") as f:
                    f.write(known)
            os.truncate(self.file("ledger", "tile", "0", "000"), 0)
            out = self.run_it("ledger", "verify")
            self.assertEqual(out.returncode, 1, out)
            self.assertEqual("unsettled" in out.stdout + out.stderr, told, out)
            shutil.rmtree(self.state)
            shutil.copytree(os.path.join(self.kept.name, "state"), self.state)

    def test_no_log_is_begun_anew_in_silence(self):
        """Records and head removed together: the daemon says what is gone and does not start."""
        for name in ("ledger", "head"):
            shutil.rmtree(self.file(name))
        config = os.path.join(self.dir.name, "sanctum.yaml")
        with open(config, "w", encoding="utf-8") as f:
            f.write(daemon.CONFIG % (daemon.free_port(), "durable"))
        serve = [SANCTUM, "serve", "--state", self.state, "--config", config]
        out = subprocess.run(serve, capture_output=True, text=True, check=False, timeout=120, stdin=subprocess.DEVNULL)
        self.assertNotEqual(out.returncode, 0, out)
        self.assertIn("ledger.vkey is there", out.stderr)

    def test_a_key_of_somebody_else(self):
        with open(self.file("ledger.vkey"), encoding="utf-8") as f:
            key = f.read()
        self.assertEqual(self.verdict("--key", key.strip()), "whole")
        with open(self.file("ledger.vkey"), "w", encoding="utf-8") as f:
            f.write("log.example/a+384e5731+AZsf\n")
        self.assertEqual(self.run_it("ledger", "verify").returncode, 2)
        os.unlink(self.file("ledger.vkey"))
        self.assertEqual(self.run_it("ledger", "verify").returncode, 2)
        other = "sanctum/ledger/415c2f9e923272ca+e4e72e00+AYzs3/4kc9pjzD8007QfDzmWLM+3nYQszihGx4eSWscc"
        self.assertEqual(self.verdict("--key", other), "unauthorised key")


class Odd(Kept):
    """Something else where a file should be: named at once, never waited for."""

    def put(self, kind, path):
        os.unlink(path)
        if kind == "pipe":
            os.mkfifo(path, 0o600)
        elif kind == "directory":
            os.mkdir(path, 0o700)
        else:
            os.symlink("/dev/zero", path)

    def says(self, word, name):
        """A daemon that is started on it serves or ends, and says so."""
        config = os.path.join(self.dir.name, "sanctum.yaml")
        with open(config, "w", encoding="utf-8") as f:
            f.write(daemon.CONFIG % (daemon.free_port(), "durable"))
        d = subprocess.Popen([SANCTUM, "serve", "--config", config, "--state", self.state], stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        said = ""
        while word not in said and (line := d.stderr.readline()):
            said += line
        d.terminate()
        said += d.communicate(timeout=120)[1]
        self.assertIn(word, said)
        self.assertNotIn("took too long", said, name)

    def test_what_is_no_regular_file(self):
        segment, = (n for n in os.listdir(self.file("ledger")) if n.startswith("segment"))
        names = ["ledger/" + segment, "ledger/checkpoint", "ledger/tile/0/000", "ledger/tile/entries/000", "head/ledger",
                 "head/checkpoint", "head/ledger-key", "ledger.vkey"]
        for name in names:
            for kind in ("pipe", "directory", "link"):
                self.put(kind, self.file(*name.split("/")))
                for args in (["verify"], ["show", "--last", "1"], ["prove", "3"], ["checkpoint"]):
                    self.run_it("ledger", *args)  # ends
                if name.startswith("ledger/") or name in ("head/ledger", "head/checkpoint"):
                    self.assertIn(self.verdict(), ("altered", "missing"), (name, kind))
                if name in ("ledger/" + segment, "head/ledger") and kind == "pipe":
                    self.says("altered" if "segment" in name else "corrupt", name)
                shutil.rmtree(self.state)
                shutil.copytree(os.path.join(self.kept.name, "state"), self.state)
        self.assertEqual(self.verdict(), "whole")


class Served(Kept):
    """`sanctum ledger serve`: what it gives out and what it does not."""

    def setUp(self):
        super().setUp()
        self.server = subprocess.Popen([SANCTUM, "ledger", "serve", "--listen", "127.0.0.1:0", "--state", self.state],
                                       stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.server.stdout.close)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.terminate)
        self.port = int(self.server.stdout.readline().rstrip("/\n").rsplit(":", 1)[1])

    def ask(self, *requests):
        """Raw requests on one connection; what came back until the end."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=120) as s:
            for r in requests:
                s.sendall(r.encode())
            s.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: s.recv(65536), b""))

    def get(self, path, host="localhost", method="GET"):
        whole = self.ask(f"{method} {path} HTTP/1.1\r\nhost: {host}\r\n\r\n")
        head, body = whole.split(b"\r\n\r\n", 1)
        return int(head.split()[1]), head.decode().lower(), body

    def stored(self, *names):
        with open(self.file("ledger", *names), "rb") as f:
            return f.read()

    def test_tiles_and_checkpoint(self):
        code, head, body = self.get("/checkpoint")
        self.assertEqual((code, body), (200, self.stored("checkpoint")))
        self.assertIn("no-cache", head)
        width = self.size - 256
        for name in ("tile/0/000", f"tile/0/001.p/{width}", "tile/1/000.p/1", "tile/entries/000",
                     f"tile/entries/001.p/{width}"):
            code, head, body = self.get("/" + name)
            self.assertEqual((code, body), (200, self.stored(*name.split("/"))), name)
            self.assertIn("immutable", head)
        self.assertEqual(self.get("/tile/0/000.p/7")[2], self.stored("tile", "0", "000")[:7 * 32])
        self.assertTrue(self.stored("tile", "entries", "000").startswith(self.get("/tile/entries/000.p/7")[2]))
        self.assertEqual(self.get("/tile/0/000", method="HEAD")[2], b"")

    def test_nothing_else(self):
        width = self.size - 256
        for path in ("/", "/head/ledger-key", "/tile/../../head/ledger-key", "/tile/0/001", f"/tile/0/001.p/{width + 1}",
                     "/tile/0/002", "/tile/3/000.p/1", "/tile/0/0", "/tile/0/000?x", "/segment-00000000000000000000"):
            self.assertEqual(self.get(path)[0], 404, path)
        self.assertEqual(self.get("/checkpoint", method="POST")[0], 405)
        self.assertEqual(self.get("/checkpoint", host="evil.example")[0], 421)
        self.assertEqual(self.get("/checkpoint", host="127.0.0.1:4046")[0], 200)
        self.assertIn(b" 400 ", self.ask("GET /checkpoint HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\n\r\nabc"))
        self.assertIn(b" 400 ", self.ask("rubbish\r\n\r\n"))
        self.assertIn(b" 431 ", self.ask("GET /checkpoint HTTP/1.1\r\nhost: localhost\r\nx: ".ljust(8192, "y")))
        out = self.run_it("ledger", "serve", "--listen", "0.0.0.0:0")
        self.assertEqual(out.returncode, 64)

    def test_one_connection_many_requests(self):
        one = "GET /tile/0/000 HTTP/1.1\r\nhost: localhost\r\n\r\n"
        body = self.stored("tile", "0", "000")
        self.assertEqual(self.ask(*[one] * 50).count(body), 50)
        silent = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(20)]
        self.assertEqual(self.get("/checkpoint")[0], 200)
        for s in silent:
            s.close()


class Running(daemon.Daemon):
    def test_verified_while_it_is_written_and_across_restarts(self):
        seen = []
        for _ in range(3):
            end = time.monotonic() + 2.5
            while time.monotonic() < end:
                self.chat(self.key)
                out = self.run_it("ledger", "verify", "--json")
                self.assertEqual(out.returncode, 0, out)
            note = os.path.join(self.dir.name, f"note{len(seen)}")
            with open(note, "w", encoding="utf-8") as f:
                f.write(self.run_it("ledger", "checkpoint").stdout)
            seen += ["--remembered", note]
            pid, = self.pids("ledger")
            os.kill(pid, 9)
            self.until(lambda old=pid: self.pids("ledger") not in ([], [old]), "a new ledger")
            self.until(lambda: self.chat(self.key)[0] == 200, "service")
        self.until(lambda: self.status()["ledger"]["signed_records"] == self.status()["ledger"]["records"], "signed")
        out = subprocess.run([VERIFY, "--json", "--key-file", os.path.join(self.state, "ledger.vkey"), *seen,
                              os.path.join(self.state, "ledger")], capture_output=True, text=True, check=False)
        self.assertEqual(out.returncode, 0, out)


if __name__ == "__main__":
    unittest.main()
