#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The published Anthropic client for Python, unmodified, through sanctum."""
import os
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness  # noqa: E402

harness.use_client_python()
import anthropic  # noqa: E402

TEXT = "Please write to Anna Kowalska, anna.kowalska@example.com, phone +1 415 555 2671, about invoice 4711."
HIDDEN = ["Kowalska", "anna.kowalska@example.com", "415 555 2671"]
TOOL = {"name": "note", "description": "Keep a note", "input_schema": {
    "type": "object", "properties": {"text": {"type": "string"}}}}


class Anthropic(harness.Served):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client = anthropic.Anthropic(base_url=cls.s.url, api_key=cls.s.key, max_retries=0)

    def ask(self, model="claude/say", text=TEXT, **kw):
        return self.client.messages.create(model=model, max_tokens=500, messages=[{"role": "user", "content": text}],
                                           **kw)

    def assert_hidden(self, since):
        sent = b"".join(r.raw for r in self.s.stub.requests[since:]).decode()
        for value in HIDDEN:
            self.assertNotIn(value, sent)
        self.assertRegex(sent, harness.TOKEN)

    def test_plain(self):
        at = len(self.s.stub.requests)
        self.assertEqual(self.ask().content[0].text, TEXT)
        self.assertEqual(self.ask("claude-any").content[0].text, TEXT)
        self.assert_hidden(at)

    def test_stream_helper(self):
        for model in ("claude/say", "claude/chars", "claude/long"):
            with self.subTest(model=model):
                at = len(self.s.stub.requests)
                with self.client.messages.stream(model=model, max_tokens=500,
                                                 messages=[{"role": "user", "content": TEXT}]) as stream:
                    text = "".join(stream.text_stream)
                    self.assertTrue(text.endswith(TEXT))
                    self.assertEqual(stream.get_final_message().content[0].text, text)
                self.assert_hidden(at)

    def test_tools_round_trip(self):
        for stream in (False, True):
            with self.subTest(stream=stream):
                at = len(self.s.stub.requests)
                if stream:
                    with self.client.messages.stream(model="claude/tool", max_tokens=500, tools=[TOOL],
                                                     messages=[{"role": "user", "content": TEXT}]) as st:
                        message = st.get_final_message()
                else:
                    message = self.ask("claude/tool", tools=[TOOL])
                call = message.content[0]
                self.assertEqual(call.input, {"text": TEXT})
                answer = self.client.messages.create(model="claude/tool", max_tokens=500, tools=[TOOL], messages=[
                    {"role": "user", "content": TEXT},
                    {"role": "assistant", "content": [{"type": "tool_use", "id": call.id, "name": call.name,
                                                       "input": call.input}]},
                    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id,
                                                  "content": [{"type": "text", "text": "kept: " + TEXT}]}]}])
                self.assertEqual(answer.content[0].text, "kept: " + TEXT)
                self.assert_hidden(at)

    def test_count_tokens(self):
        at = len(self.s.stub.requests)
        n = self.client.messages.count_tokens(model="claude/say", messages=[{"role": "user", "content": TEXT}])
        self.assertGreater(n.input_tokens, 0)
        self.assert_hidden(at)

    def test_thinking_goes_back_byte_identical(self):
        self.ask()
        token = harness.TOKEN.search(self.s.stub.requests[-1].raw.decode()).group()
        thinking = {"type": "thinking", "thinking": f"I shall write to {token}, then stop.",
                    "signature": "Eo8BCkYIBxgCKkDq7Vb3cQf8Zx2Lm9Tn4Ry6Ws0Hd5Kj7Gu1Bi3No8Pa2Ce4Df6Qv9Xz="}
        self.client.messages.create(model="claude/say", max_tokens=500, system="Be brief.", messages=[
            {"role": "user", "content": TEXT}, {"role": "assistant", "content": [thinking, {
                "type": "text", "text": "Done."}]}, {"role": "user", "content": "And now?"}])
        sent = self.s.stub.requests[-1].body["messages"][1]["content"][0]
        self.assertEqual(sent, thinking)

    def test_errors(self):
        with self.assertRaises(anthropic.AuthenticationError):
            self.client.with_options(api_key="sk-sanctum-no").messages.create(
                model="claude/say", max_tokens=5, messages=[{"role": "user", "content": "x"}])
        with self.assertRaises(anthropic.RateLimitError):
            self.ask("claude/status-429")
        with self.assertRaises(anthropic.APIStatusError) as caught:
            self.ask("claude/status-529")
        self.assertEqual(caught.exception.status_code, 529)

    def test_retries(self):
        at = len(self.s.stub.requests)
        answer = self.client.with_options(max_retries=2).messages.create(
            model="claude/flaky-529", max_tokens=50, messages=[{"role": "user", "content": TEXT}])
        self.assertEqual(answer.content[0].text, TEXT)
        self.assertEqual(len(self.s.stub.requests) - at, 3)

    def test_cut_stream_is_an_error(self):
        with self.assertRaises(anthropic.APIError):
            with self.client.messages.stream(model="claude/cut", max_tokens=50,
                                             messages=[{"role": "user", "content": TEXT}]) as stream:
                stream.get_final_message()

    def test_abort_cancels_upstream(self):
        before = self.s.stub.cancelled
        with self.client.messages.stream(model="claude/slow", max_tokens=50,
                                         messages=[{"role": "user", "content": TEXT * 20}]) as stream:
            next(iter(stream.text_stream))
        self.assertTrue(harness.until(lambda: self.s.stub.cancelled > before))

    def test_twenty_turns_keep_their_prefix(self):
        messages, bodies = [], []
        for turn in range(20):
            messages.append({"role": "user", "content": f"{turn}: {TEXT} Or 212-555-01{turn:02d}."})
            at = len(self.s.stub.requests)
            answer = self.client.messages.create(model="claude/say", max_tokens=500, messages=messages,
                                                 system="You help Maria Fernandez.")
            bodies.append(self.s.stub.requests[at].body["messages"])
            messages.append({"role": "assistant", "content": answer.content[0].text})
        for earlier, later in zip(bodies, bodies[1:]):
            self.assertEqual(earlier, later[:len(earlier)])

    def test_two_hundred_at_once(self):
        def one(i):
            text = f"I am Nora Petersen{i}, nora{i}@example.com"
            return self.ask(text=text).content[0].text == text
        with ThreadPoolExecutor(200) as pool:
            self.assertTrue(all(pool.map(one, range(200))))


if __name__ == "__main__":
    unittest.main()
