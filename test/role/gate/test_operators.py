#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Operators and own recognisers of the config in the gateway: what leaves, and what comes back, whole and streamed."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import harness  # noqa: E402

EXTRA = r"""
recognisers:
  - name: staff
    entity: EMPLOYEE_ID
    patterns: ['0.9 \bEMP\d{5}\b']
  - {name: project, entity: PROJECT, words: [Falcon]}
masking:
  operators: {EMAIL_ADDRESS: surrogate, PHONE_NUMBER: surrogate, EMPLOYEE_ID: encrypt, CREDIT_CARD: mask 4, PROJECT: "replace [project]"}
"""
TEXT = ("mail joe.bloggs@acme-corp.com or call +1 212 555 7788, badge EMP00417, card 4111 1111 1111 1111, "
        "project Falcon, SSN 536-22-8714.")


class Operators(harness.Served):
    served = dict(extra=EXTRA)

    def ask(self, stream):
        """(what left, what the client got); the stub model says the user's words back."""
        body = {"model": "stub/chars" if stream else "stub/say", "stream": stream, "messages": [{"role": "user", "content": TEXT}]}
        status, headers, out = self.s.post("/v1/chat/completions", body)
        self.assertEqual(status, 200, out)
        for own in ("EMPLOYEE_ID=1", "PROJECT=1"):
            self.assertIn(own, headers["x-sanctum-masked"])
        self.assertNotIn("CUSTOM", headers["x-sanctum-masked"])
        body = self.s.stub.requests[-1].body
        left = (body if isinstance(body, dict) else json.loads(body))["messages"][0]["content"]
        if not stream:
            return left, json.loads(out)["choices"][0]["message"]["content"]
        text = ""
        for line in out.decode().splitlines():
            if line.startswith("data: {"):
                for choice in json.loads(line[6:])["choices"]:
                    text += choice["delta"].get("content") or ""
        return left, text

    def check(self, left, back):
        for value in ("joe.bloggs", "acme-corp", "7788", "EMP00417", "4111", "Falcon", "536-22"):
            self.assertNotIn(value, left)
        self.assertRegex(left, r"mail \S+@example\.(org|com|net) or call \+1 \d{3} 555 01\d\d, badge enc_")
        self.assertRegex(left, r"card \*{4} \*{4} \*{4} 1111, project \[project\], SSN <US_SSN_")
        for value in ("joe.bloggs@acme-corp.com", "+1 212 555 7788", "EMP00417", "536-22-8714"):
            self.assertIn(value, back)
        for value in ("4111", "Falcon"):
            self.assertNotIn(value, back)

    def test_whole(self):
        self.check(*self.ask(False))

    def test_streamed(self):
        self.check(*self.ask(True))

    def test_the_same_in_every_request(self):
        self.assertEqual(self.ask(False)[0], self.ask(False)[0])


if __name__ == "__main__":
    unittest.main()
