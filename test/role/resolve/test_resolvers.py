#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A name that is not answered holds up what waits for it, and nothing else."""
import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import harness  # noqa: E402

CONFIG = """version: 1
listen: 127.0.0.1:{port}
gates: {gates}
providers:
  one: {{kind: openai, base_url: "http://localhost:{stub}/v1", trust: {trust}}}
  two: {{kind: openai, base_url: "http://localhost:{stub}/v1", trust: {trust}}}
{extra}
"""


class Resolvers(unittest.TestCase):
    def ask(self, s, model):
        return s.post("/v1/chat/completions", {"model": model, "messages": [{"role": "user", "content": "hello"}]})[0]

    def setUp(self):
        self.stopped = None

    def fresh_gate(self, s):
        """A gate that knows no address yet, and a first resolver that answers nothing."""
        pids = s.pids("resolve")
        self.assertEqual(len(pids), 2)
        self.stopped = min(pids)  # the first, which a gate without questions asks
        os.kill(self.stopped, signal.SIGSTOP)
        os.kill(s.pids("gate")[0], signal.SIGKILL)
        s.await_health()

    def test_one_that_hangs(self):
        with harness.Sanctum(config=CONFIG) as s:
            self.fresh_gate(s)
            try:
                self.assertEqual(self.ask(s, "one/say"), 503)
                self.assertEqual(self.ask(s, "two/say"), 200)
            finally:
                os.kill(self.stopped, signal.SIGCONT)
            self.assertEqual(self.ask(s, "one/say"), 200)

    def test_one_that_is_killed_while_it_is_asked(self):
        with harness.Sanctum(config=CONFIG) as s:
            self.fresh_gate(s)
            self.assertEqual(self.ask(s, "one/say"), 503)
            os.kill(self.stopped, signal.SIGKILL)
            self.assertEqual(self.ask(s, "one/say"), 200)  # its successor is asked
            self.assertEqual(self.ask(s, "two/say"), 200)
            self.assertNotIn("broke the rules", s.read_log())


if __name__ == "__main__":
    unittest.main()
