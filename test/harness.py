# SPDX-License-Identifier: Apache-2.0
"""What every test of the running program needs: a stub model, a config, sanctum itself, a key.

    with Sanctum(trust="masked") as s:
        s.url, s.key, s.stub.requests …
"""
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "client"))
from stub_model import Stub  # noqa: E402

BUILD = os.environ.get("SANCTUM_BUILD", os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                                     "build"))
PROGRAM = os.path.join(BUILD, "sanctum")
CLIENTS = os.path.join(BUILD, "clients")

CONFIG = """version: 1
listen: 127.0.0.1:{port}
gates: {gates}
providers:
  stub: {{kind: openai, base_url: "http://127.0.0.1:{stub}/v1", trust: {trust}}}
  claude: {{kind: anthropic, base_url: "http://127.0.0.1:{stub}", trust: {trust}}}
  local: {{kind: ollama, base_url: "http://127.0.0.1:{stub}", trust: {trust}}}
  dead: {{kind: openai, base_url: "http://127.0.0.1:9/v1", trust: {trust}}}
  echo: {{kind: echo}}
models:
  "claude-*": [claude/say]
  "two": [stub/status-503, stub/say]
  "gone": [dead/x, stub/say]
  "*": [stub/*]
{extra}
"""

# With the built-in model alone.
ECHO = """version: 1
listen: 127.0.0.1:{port}
gates: {gates}
providers:
  echo: {{kind: echo, trust: {trust}}}
models:
  "*": [echo/*]
{extra}
"""

PATIENCE = 120  # seconds: how long what is sure to come is waited for, however busy the machine is
reserved = []


def free_port():
    """A port that nobody has, below the range the kernel gives out by itself. Tests run side by side: its UDP twin
    is held as long as this process lives, so that no other test is given it before a server listens there."""
    while True:
        port = random.randrange(10000, 32000)
        mine = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            mine.bind(("127.0.0.1", port))
            with socket.socket() as s:
                s.bind(("127.0.0.1", port))
        except OSError:
            mine.close()
            continue
        reserved.append(mine)
        return port


def until(what):
    """What `what` returns once that is true; or the last it returned, long after it should have been."""
    end = time.monotonic() + PATIENCE
    while not (got := what()) and time.monotonic() < end:
        time.sleep(0.02)
    return got


def good_once(check, times=8):
    """For what a busy machine can disturb once, but a fault spoils each time: `check` has to pass one of `times`."""
    for _ in range(times - 1):
        try:
            return check()
        except AssertionError as e:
            print(f"again: {e}", file=sys.stderr)
    return check()


def use_client_python():
    """Go on under the clients' own interpreter; skip the test where the clients are not installed."""
    python = os.path.join(CLIENTS, "venv", "bin", "python")
    if not os.path.exists(python):
        print("the client packages are not installed (make check-deps)")
        sys.exit(77)
    if os.path.realpath(sys.prefix) != os.path.realpath(os.path.join(CLIENTS, "venv")):
        os.execv(python, [python, *sys.argv])


BATCH = 500  # requests in flight on one connection


class Sanctum:
    """sanctum serving on a free port of loopback, with a stub model behind it."""

    def __init__(self, trust="masked", gates=1, extra="", config=None, stub=None):
        self.trust, self.gates, self.extra, self.config = trust, gates, extra, config
        self.stub = stub

    def __enter__(self):
        self.stub = self.stub or Stub().start()
        self.dir = tempfile.mkdtemp(prefix="sanctum-test-")
        self.state = os.path.join(self.dir, "state")
        self.port = free_port()
        self.config_path = os.path.join(self.dir, "sanctum.yaml")
        with open(self.config_path, "w", encoding="utf-8") as f:
            f.write((self.config or CONFIG).format(port=self.port, stub=self.stub.port, trust=self.trust,
                                                   gates=self.gates, extra=self.extra))
        self.log_path = os.path.join(self.dir, "log")
        self.key = json.loads(self.run("key", "create", "--name", "agent1", "--json").stdout)["key"]
        self.start()
        return self

    def start(self):
        self.log = open(self.log_path, "ab")
        self.begun = os.path.getsize(self.log_path)
        self.process = subprocess.Popen([PROGRAM, "serve", "--config", self.config_path, "--state", self.state],
                                        stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        self.await_start()

    def await_start(self):
        until(lambda: self.process.poll() is not None or ": serving on " in self.read_log(self.begun))
        self.await_health()

    def await_health(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if urllib.request.urlopen(self.url + "/health", timeout=PATIENCE).status == 200:
                    return
            except (urllib.error.URLError, OSError):
                if self.process.poll() is not None:
                    break
                time.sleep(0.01)
        raise RuntimeError("sanctum does not serve:\n" + self.read_log())

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.status = self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def read_log(self, start=0):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            f.seek(start)
            return f.read()

    def run(self, *args, check=True, **kw):
        """A command of sanctum on this instance's state."""
        r = subprocess.run([PROGRAM, *args], capture_output=True, text=True, check=False, timeout=PATIENCE,
                           env={**os.environ, "SANCTUM_STATE": self.state, "SANCTUM_CONFIG": self.config_path}, **kw)
        if check and r.returncode:
            raise RuntimeError(f"sanctum {' '.join(args)}: {r.returncode}: {r.stderr}")
        return r

    def pids(self, role):
        """Process ids of a role of this instance, as ps shows them."""
        out = subprocess.run(["ps", "-eo", "pid=,ppid=,comm="], capture_output=True, text=True, check=True).stdout
        rows = [line.split(None, 2) for line in out.splitlines()]
        mine, grown = {str(self.process.pid)}, True
        while grown:
            more = {pid for pid, ppid, _ in rows if ppid in mine} - mine
            mine |= more
            grown = bool(more)
        return [int(pid) for pid, _, comm in rows if pid in mine and comm.strip() == f"sanctum-{role}"]

    def post(self, path, body, key=True, headers=None, raw=None):
        """(status, headers, bytes) of one plain request."""
        data = raw if raw is not None else json.dumps(body).encode()
        h = {"content-type": "application/json", **(headers or {})}
        if key:
            h["authorization"] = f"Bearer {self.key if key is True else key}"
        req = urllib.request.Request(self.url + path, data=data, headers=h, method="POST")
        try:
            with urllib.request.urlopen(req, timeout=PATIENCE) as r:
                return r.status, dict(r.headers), r.read()
        except urllib.error.HTTPError as e:
            return e.code, dict(e.headers), e.read()
        except OSError as e:
            e.add_note("the log ends:\n" + self.read_log()[-4000:])
            raise

    def write_records(self, n):
        """Requests for a path that is not served: each leaves a record, and one connection takes thousands."""
        one = f"GET /v1/files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {self.key}\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as c:
            for _ in range(n // BATCH):
                c.sendall(one * BATCH)
                got = b""
                while got.count(b"HTTP/1.1 404") < BATCH:
                    if not (more := c.recv(1 << 20)):
                        raise RuntimeError("cut")
                    got += more

    def records(self):
        out = self.run("ledger", "show", "--json").stdout
        return [json.loads(line) for line in out.splitlines() if line.strip()]


class Served(unittest.TestCase):
    """Tests that share one sanctum, `s`: made with the arguments `served`, gone with the last of them."""
    served = {}

    @classmethod
    def setUpClass(cls):
        cls.s = cls.enterClassContext(Sanctum(**cls.served))


TOKEN = re.compile(r"<[A-Z_]+_[0-9a-z]{8,12}(?:\.[0-9a-z]{2})?>")
