#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The disk under the records runs full: requests are refused (or pass, where the owner chose so), nothing that was
acknowledged is lost, the log says it once, and service is back when there is room.

The disk is a small tmpfs in a mount namespace of the test's own; where that is not permitted the test is skipped."""
import collections
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import harness  # noqa: E402

SIZE = 40 << 20  # a segment, one to come, and little more
CHAT = "/v1/chat/completions"


def enter_namespace():
    """Go on in a mount namespace where a tmpfs may be mounted; skip where there is none to be had."""
    if os.environ.get("SANCTUM_TEST_NAMESPACE"):
        return
    for how in (["unshare", "-m"], ["unshare", "-r", "-m"]):
        try:
            works = subprocess.run([*how, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
        except FileNotFoundError:
            break
        if works.returncode == 0:
            os.environ["SANCTUM_TEST_NAMESPACE"] = "1"
            os.execvp(how[0], [*how, sys.executable, *sys.argv])
    print("a mount namespace of our own is not permitted here")
    sys.exit(77)


class OnSmallDisk(harness.Sanctum):
    """Its state directory is a tmpfs; everything else is elsewhere, the program's log too."""

    def __init__(self, size=SIZE, **kw):
        super().__init__(**kw)
        self.disk = tempfile.mkdtemp(prefix="sanctum-disk-")
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "none", self.disk], check=True)

    @property
    def state(self):
        return os.path.join(self.disk, "state")

    @state.setter
    def state(self, _):
        pass

    def __exit__(self, *args):
        super().__exit__(*args)
        subprocess.run(["umount", self.disk], check=True)
        os.rmdir(self.disk)

    @property
    def filler(self):
        return os.path.join(self.disk, "filler")

    def fill(self):
        with open(self.filler, "ab", buffering=0) as f:
            try:
                while True:
                    f.write(bytes(4096))
            except OSError:
                pass

    def empty(self):
        os.truncate(self.filler, 0)


class DiskFull(unittest.TestCase):
    def chat(self, s):
        return s.post(CHAT, {"model": "say", "messages": [{"role": "user", "content": "mail anna@example.org"}]})

    def until_full(self, s, on_failure):
        """Ask until the disk is full; the ids of what was answered before."""
        answered, end = [], time.monotonic() + 120
        while time.monotonic() < end:
            s.fill()
            status, headers, body = self.chat(s)
            if status == 503:
                self.assertEqual(on_failure, "refuse")
                self.assertEqual(json.loads(body)["error"]["code"], "audit_unavailable")
                return answered
            self.assertEqual(status, 200, body)
            if on_failure == "allow" and "records cannot be stored" in s.read_log():
                return answered
            answered.append(headers["x-sanctum-request-id"])
            s.write_records(5000)
        self.fail("the disk does not run full")

    def resumes(self, s):
        s.empty()
        self.assertTrue(harness.until(lambda: "records can be stored again" in s.read_log()), s.read_log()[-2000:])
        status, headers, _ = self.chat(s)
        self.assertEqual(status, 200)
        return headers["x-sanctum-request-id"]

    def unrecorded(self, s, answered):
        opened = {r["request_id"] for r in s.records() if r["kind"] == "opened"}
        return [a for a in answered if a not in opened]

    def whole(self, s, answered):
        rows = s.records()
        opened = collections.Counter(r["request_id"] for r in rows if r["kind"] == "opened")
        self.assertEqual([a for a in answered if opened[a] != 1], [])
        self.assertEqual([r["seq"] for r in rows], list(range(len(rows))))
        self.assertEqual(s.run("ledger", "verify", check=False).returncode, 0)

    def said_little(self, s):
        told = [line for line in s.read_log().splitlines() if "ledger" in line and "level=error" in line]
        self.assertLessEqual(len(told), 4, "\n".join(told[:10]))
        self.assertTrue(told)

    def test_refused_until_there_is_room(self):
        with OnSmallDisk(extra="audit: {mode: durable, on_failure: refuse}") as s:
            answered = self.until_full(s, "refuse")
            before = len(s.stub.requests)
            self.assertEqual(self.chat(s)[0], 503)
            time.sleep(3)  # the log is looked after every second: once is said
            self.assertEqual(len(s.stub.requests), before, "what cannot be recorded goes nowhere")
            self.assertEqual(s.run("key", "create", "--name", "late", "--json", check=False).returncode, 2)
            answered.append(self.resumes(s))
            self.whole(s, answered)
            self.said_little(s)

    def test_a_disk_smaller_than_a_segment(self):
        with OnSmallDisk(size=10 << 20, extra="audit: {mode: durable, on_failure: refuse}") as s:
            answered = self.until_full(s, "refuse")
            self.assertTrue(answered)
            self.whole(s, answered)

    def test_a_ledger_killed_on_a_full_disk_loses_nothing(self):
        with OnSmallDisk(extra="audit: {mode: durable, on_failure: refuse}") as s:
            answered = self.until_full(s, "refuse")
            ledger, = s.pids("ledger")
            os.kill(ledger, 9)
            time.sleep(1)
            self.assertNotEqual(self.chat(s)[0], 200)
            s.empty()
            self.assertTrue(harness.until(lambda: self.chat(s)[0] == 200), s.read_log()[-2000:])
            self.whole(s, answered)

    def test_a_start_on_a_full_disk_serves_nobody(self):
        class Full(OnSmallDisk):
            seen = []

            def start(self):
                self.fill()
                for _ in range(10):
                    super().start()

            def await_start(self):
                while self.process.poll() is None:
                    try:
                        self.seen.append(urllib.request.urlopen(self.url + "/health", timeout=harness.PATIENCE).status)
                    except OSError:
                        pass
                self.log.close()

        with Full() as s:
            self.assertNotEqual(s.process.returncode, 0, s.read_log())
            self.assertEqual(s.read_log().count("giving up"), 10)
            self.assertIn("No space left", s.read_log())
            self.assertEqual(s.seen, [])

    def test_passes_where_the_owner_chose_so(self):
        with OnSmallDisk(extra="audit: {mode: batched, on_failure: allow}") as s:
            answered = self.until_full(s, "allow")
            self.assertEqual(self.chat(s)[0], 200)
            self.resumes(s)
            # Batched: what was answered is stored when the ledger comes to it. What it could not take is counted.
            lost = sum(g["records_lost"] for g in json.loads(s.run("status", "--json").stdout)["gates"])
            harness.until(lambda: len(self.unrecorded(s, answered)) <= lost)
            passed = self.unrecorded(s, answered)
            self.assertLessEqual(len(passed), lost)
            self.whole(s, [a for a in answered if a not in passed])
            self.said_little(s)


if __name__ == "__main__":
    enter_namespace()
    unittest.main()
