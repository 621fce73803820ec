#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records, keys and secrets with the daemon running: revocation from the next request, every
acknowledged request in the records after kill -9 of any role, garbage on the control socket."""
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

BUILD = os.environ["SANCTUM_BUILD"]
SANCTUM = os.path.join(BUILD, "sanctum")
CONFIG = """version: 1
listen: 127.0.0.1:%d
providers:
  echo: {kind: echo, trust: masked}
models:
  "*": [echo/*]
audit: {mode: %s}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Books(unittest.TestCase):
    mode = "durable"

    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.state = os.path.join(self.dir.name, "state")
        self.config = os.path.join(self.dir.name, "sanctum.yaml")
        self.port = free_port()
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG % (self.port, self.mode))
        self.key = self.create("agent1")["key"]
        self.log = open(os.path.join(self.dir.name, "log"), "w+", encoding="utf-8")
        self.addCleanup(self.log.close)
        self.daemon = subprocess.Popen([SANCTUM, "serve", "--config", self.config, "--state", self.state],
                                       stdin=subprocess.DEVNULL, stderr=self.log)
        self.addCleanup(self.stop)
        self.until(lambda: self.status_of("/health") == 200, "the gateway answers")

    def stop(self):
        if self.daemon.poll() is None:
            self.daemon.terminate()
            try:
                self.daemon.wait(20)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
                self.daemon.wait()

    def until(self, what, why, within=15):
        end = time.monotonic() + within
        while not what():
            if time.monotonic() > end:
                self.log.seek(0)
                self.fail(f"not in {within} s: {why}\n{self.log.read()[-2000:]}")
            time.sleep(0.02)

    def run_it(self, *args):
        return subprocess.run([SANCTUM, *args, "--state", self.state], capture_output=True, text=True, check=False,
                              timeout=30, stdin=subprocess.DEVNULL)

    def create(self, name):
        out = self.run_it("key", "create", "--name", name, "--json")
        self.assertEqual(out.returncode, 0, out.stderr)
        return json.loads(out.stdout)

    def status_of(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as r:
                return r.status
        except urllib.error.HTTPError as e:
            return e.code
        except OSError:
            return 0

    def chat(self, key, text="mail anna@example.org"):
        """(HTTP status or 0, request id)."""
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()
        ask = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/chat/completions", data=body,
                                     headers={"authorization": f"Bearer {key}", "content-type": "application/json"})
        try:
            with urllib.request.urlopen(ask, timeout=10) as r:
                r.read()
                return r.status, r.headers["x-sanctum-request-id"]
        except urllib.error.HTTPError as e:
            return e.code, e.headers.get("x-sanctum-request-id")
        except (OSError, ValueError):
            return 0, None

    def records(self):
        out = self.run_it("ledger", "show", "--json")
        self.assertEqual(out.returncode, 0, out.stderr)
        all_of = [json.loads(line) for line in out.stdout.splitlines()]
        self.assertEqual([r["seq"] for r in all_of], list(range(len(all_of))))
        return all_of

    def status(self):
        return json.loads(self.run_it("status", "--json").stdout)

    def pids(self, role):
        return [p["pid"] for p in self.status()["parent"]["processes"] if p["role"] == role]

    def test_a_request_leaves_two_records_without_content(self):
        code, request = self.chat(self.key)
        self.assertEqual(code, 200)
        mine = lambda: [r for r in self.records() if r.get("request_id") == request]
        self.until(lambda: len(mine()) == 2, "both records are there")
        opened, closed = mine()
        self.assertEqual((opened["kind"], closed["kind"]), ("opened", "closed"))
        self.assertEqual((opened["key"], opened["provider"], opened["model"]), ("agent1", "echo", "m"))
        self.assertGreaterEqual(closed["masked"], 1)
        self.assertEqual(closed["status"], 200)
        self.assertGreater(closed["latency_ms"], 0)
        for folder, _, names in os.walk(self.state):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        self.assertNotIn(b"anna@example", f.read(), path)

    def test_keys_change_while_it_runs(self):
        other = self.create("agent2")
        self.assertEqual(self.chat(other["key"])[0], 200)
        self.assertEqual(self.run_it("key", "revoke", other["id"]).stdout, "1 revoked\n")
        self.assertEqual(self.chat(other["key"])[0], 401)  # the very next request
        self.assertEqual(self.chat(self.key)[0], 200)
        self.assertEqual(self.chat(self.key[:-1] + ("0" if self.key[-1] != "0" else "1"))[0], 401)
        states = {k["name"]: k["state"] for k in map(json.loads, self.run_it("key", "list", "--json").stdout.splitlines())}
        self.assertEqual(states, {"agent1": "active", "agent2": "revoked"})
        kinds = [r["kind"] for r in self.records() if r.get("key") == "agent2" and r["kind"].startswith("key_")]
        self.assertEqual(kinds, ["key_created", "key_revoked"])

    def test_keys_and_revocations_outlive_a_killed_ledger(self):
        other = self.create("agent2")
        self.run_it("key", "revoke", "agent2")
        pid, = self.pids("ledger")
        os.kill(pid, signal.SIGKILL)
        self.until(lambda: self.pids("ledger") not in ([], [pid]), "a new ledger")
        self.until(lambda: self.chat(self.key)[0] == 200, "service")
        self.assertEqual(self.chat(other["key"])[0], 401)

    def test_status_shows_what_holds(self):
        self.until(lambda: {p["state"] for p in self.status()["parent"]["processes"]} == {"serving"}, "all serve")
        s = self.status()
        roles = {p["role"] for p in s["parent"]["processes"]}
        self.assertEqual(roles, {"gate", "ledger", "vault", "control", "resolve"})
        for p in s["parent"]["processes"]:
            self.assertIn("calls", p["holds"], p)
        self.assertEqual((s["ledger"]["keys"], s["ledger"]["storing"], s["not_answering"]), (1, True, 0))
        self.assertEqual(s["vault"]["secrets"], 0)
        text = self.run_it("status")
        self.assertEqual(text.returncode, 0)
        self.assertIn("vault opened by key file", text.stdout)

    def test_every_acknowledged_request_is_recorded_after_kills(self):
        acknowledged, stop = [], threading.Event()

        def client():
            while not stop.is_set():
                code, request = self.chat(self.key)
                if code == 200:
                    acknowledged.append(request)

        clients = [threading.Thread(target=client) for _ in range(4)]
        for c in clients:
            c.start()
        kills = 0
        for role in ("ledger", "gate", "vault", "ledger", "control", "resolve", "ledger", "gate"):
            time.sleep(0.25)
            self.until(lambda r=role: self.run_it("status").returncode == 0 and self.pids(r), f"{role} is there")
            os.kill(self.pids(role)[0], signal.SIGKILL)
            kills += 1
        time.sleep(0.3)
        self.until(lambda: self.chat(self.key)[0] == 200, "service resumes")
        stop.set()
        for c in clients:
            c.join()
        self.assertGreater(len(acknowledged), 50)
        opened = lambda: {r["request_id"] for r in self.records() if r["kind"] == "opened"}
        self.until(lambda: set(acknowledged) <= opened(), "every acknowledged request is in the records")
        self.assertEqual(self.run_it("ledger", "verify").returncode, 0)

    def test_garbage_on_the_control_socket_harms_nobody(self):
        def send(data):
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(5)
                s.connect(os.path.join(self.state, "control.sock"))
                try:
                    s.sendall(data)
                    s.shutdown(socket.SHUT_WR)
                    return s.recv(65536)
                except OSError:
                    return b""

        self.assertEqual(json.loads(send(b'{"op":"reboot"}\n'))["ok"], False)
        for bad in (b"\n", b"{}\n", b"[]\n", b"nonsense\n", b'{"op":1}\n', b'{"op":"status"', b"x" * 100000,
                    b'{"op":"key_add","id":"x"}\n', b'{"op":"key_add","digest":"zz"}\n', b"\xff\xfe\n",
                    b'{"op":"key_revoke","id":"nosuchid"}\n', b'{"op":"key_list","from":4294967295}\n',
                    b'{"op":"ledger_page","from":9007199254740991,"count":1}\n', b'{"op":"status","op":"stop"}\n'):
            answer = send(bad)
            if answer:
                self.assertIn("ok", json.loads(answer.splitlines()[0]), bad)
        self.assertEqual(self.status()["not_answering"], 0)
        self.assertEqual(self.chat(self.key)[0], 200)
        page = json.loads(send(b'{"op":"ledger_page","from":0,"count":2}\n'))
        self.assertEqual([r["seq"] for r in page["records"]], [0, 1])
        self.assertEqual(os.stat(os.path.join(self.state, "control.sock")).st_mode & 0o777, 0o600)

    def test_a_clean_end_is_recorded(self):
        self.chat(self.key)
        self.stop()
        self.assertEqual(self.daemon.returncode, 0)
        kinds = [r["kind"] for r in self.records()]
        self.assertEqual((kinds[-1], kinds.count("started")), ("stopped", 1))
        self.assertEqual(kinds.count("opened"), kinds.count("closed"))


class BatchedBooks(Books):
    mode = "batched"


if __name__ == "__main__":
    unittest.main()
