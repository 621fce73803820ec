# SPDX-License-Identifier: Apache-2.0
"""A whole daemon for a test: started on a free port with a state directory of its own."""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import PATIENCE, free_port  # noqa: E402

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


class Daemon(unittest.TestCase):
    """One daemon a test, on a free port, with a key of `agent1`."""
    mode = "durable"
    config_text = CONFIG

    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.state = os.path.join(self.dir.name, "state")
        self.config = os.path.join(self.dir.name, "sanctum.yaml")
        self.port = free_port()
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(self.config_text % (self.port, self.mode))
        self.key = self.create("agent1")["key"]
        self.log = open(os.path.join(self.dir.name, "log"), "w+", encoding="utf-8")
        self.addCleanup(self.log.close)
        self.daemon = subprocess.Popen([SANCTUM, "serve", "--config", self.config, "--state", self.state],
                                       stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.addCleanup(self.stop)
        self.until(lambda: self.daemon.poll() is not None or ": serving on " in self.read_log(), "it serves")
        self.until(lambda: self.status_of("/health") == 200, "the gateway answers")

    def read_log(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as f:
            return f.read()

    def stop(self):
        if self.daemon.poll() is None:
            self.daemon.terminate()
            try:
                self.daemon.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
                self.daemon.wait()

    def until(self, what, why):
        end = time.monotonic() + PATIENCE
        while not what():
            if time.monotonic() > end:
                self.fail(f"not in {PATIENCE} s: {why}\n{self.read_log()[-2000:]}")
            time.sleep(0.02)

    def run_it(self, *args):
        return subprocess.run([SANCTUM, *args, "--state", self.state], capture_output=True, text=True, check=False,
                              timeout=PATIENCE, stdin=subprocess.DEVNULL)

    def create(self, name):
        out = self.run_it("key", "create", "--name", name, "--json")
        self.assertEqual(out.returncode, 0, out.stderr)
        return json.loads(out.stdout)

    def status_of(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as r:
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
            with urllib.request.urlopen(ask, timeout=PATIENCE) as r:
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
