#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nothing planted leaves. The positions come from the clients' own type files (positions.mjs); a
recording upstream sees every byte that is sent; afterwards logs, books and temporary files are searched."""
import collections
import json
import os
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
CANARY = "leak.canary@example.com"

# Reasoning under a signature: the provider checks it byte by byte, and a change breaks the conversation. What
# stands there was written by a model that saw tokens. Anything else is masked, signatures and encrypted content
# included, unless they look like what a provider gives out.
OPAQUE = (".thinking",)


def positions():
    r = subprocess.run(["node", os.path.join(HERE, "positions.mjs"), CANARY], capture_output=True, text=True,
                       check=True, timeout=120, env={**os.environ, "CLIENTS": harness.CLIENTS})
    return [json.loads(line) for line in r.stdout.splitlines()]


def opaque(p):
    return p["where"].endswith(OPAQUE)


def files_with(folder, needle):
    found = []
    for path, _, names in os.walk(folder):
        for name in names:
            full = os.path.join(path, name)
            try:
                with open(full, "rb") as f:
                    if needle.encode() in f.read():
                        found.append(full)
            except OSError:
                pass
    return found


class Leaks(harness.Served):
    def test_every_position_of_the_type_files(self):
        outcome, leaked = collections.Counter(), []
        for p in positions():
            if opaque(p):
                outcome["opaque"] += 1
                continue
            provider = "claude" if "/messages" in p["path"] else "stub"
            body = {**p["body"], "model": f"{provider}/fixed"}
            at = len(self.s.stub.requests)
            status, _, answer = self.s.post(p["path"], body)
            sent = b"".join(r.raw + r.target.encode() for r in self.s.stub.requests[at:])
            outcome[status if status != 200 else "masked"] += 1
            if CANARY.encode() in sent or b"canary" in sent:
                leaked.append((p["path"], p["where"], status))
            self.assertNotIn(b"internal", answer[:100])
        print(dict(outcome), file=sys.stderr)
        self.assertEqual(leaked, [])
        # A gate that refused everything would leak nothing either.
        self.assertGreater(outcome["masked"], 0.8 * sum(outcome.values()))
        self.assertEqual([s for s in outcome if isinstance(s, int) and s >= 500], [])

    def test_headers_and_query(self):
        at = len(self.s.stub.requests)
        body = {"model": "stub/fixed", "messages": [{"role": "user", "content": "hello"}]}
        self.s.post(f"/v1/chat/completions?note={CANARY}", body, headers={
            "x-codex-turn-metadata": CANARY, "openai-beta": CANARY, "user-agent": CANARY, "cookie": CANARY,
            "x-claude-code-session-id": CANARY})
        sent = self.s.stub.requests[at]
        text = sent.target + json.dumps(sent.headers)
        self.assertNotIn("canary", text)
        self.assertNotIn(self.s.key, text)

    def test_model_names_and_paths(self):
        planted = ["leak.canary@example.com", "leak.canary%40example.com", "leak.canary&#64;example.com",
                   "4111111111111111", "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",
                   "bGVhay5jYW5hcnlAZXhhbXBsZS5jb20gaXMgbWU"]
        ways = [("/v1/chat/completions", "stub/"), ("/v1/messages", "claude/"), ("/api/chat", "local/")]
        for name in planted:
            for path, provider in ways:
                for model in (provider + name, name):
                    at = len(self.s.stub.requests)
                    self.s.post(path, {"model": model, "max_tokens": 5, "stream": False,
                                       "messages": [{"role": "user", "content": "hello"}]})
                    sent = b"".join(r.raw + r.target.encode() for r in self.s.stub.requests[at:])
                    self.assertNotIn(name.encode(), sent, (path, model))
            at = len(self.s.stub.requests)
            try:
                urllib.request.urlopen(urllib.request.Request(f"{self.s.url}/v1/models/{name}", headers={
                    "authorization": "Bearer " + self.s.key}), timeout=120).close()
            except urllib.error.HTTPError as e:
                e.close()
            self.s.post("/v1/messages?beta=" + name, {"model": "claude/fixed", "max_tokens": 5, "messages": [
                {"role": "user", "content": "hello"}]}, headers={"anthropic-beta": name, "user-agent": name})
            for r in self.s.stub.requests[at:]:
                self.assertNotIn(name, r.target + json.dumps(r.headers))
        # An ordinary long name goes through.
        at = len(self.s.stub.requests)
        self.s.post("/v1/chat/completions", {"model": "stub/mistral-large-instruct-latest", "messages": []})
        self.assertIn(b"mistral-large-instruct-latest", self.s.stub.requests[at].raw)

    def test_z_nothing_stays_behind(self):
        self.assertEqual(files_with(self.s.dir, "canary"), [])
        planted = os.path.join(self.s.dir, "planted")
        with open(planted, "w", encoding="utf-8") as f:
            f.write("control: " + CANARY)
        self.assertEqual(files_with(self.s.dir, "canary"), [planted])
        os.unlink(planted)


if __name__ == "__main__":
    if not os.path.isdir(os.path.join(harness.CLIENTS, "node_modules")):
        print("the client packages are not installed (make check-deps)")
        sys.exit(77)
    unittest.main()
