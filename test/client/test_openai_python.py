#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The published OpenAI client for Python, unmodified, through sanctum."""
import json
import os
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness  # noqa: E402

harness.use_client_python()
import openai  # noqa: E402
from pydantic import BaseModel  # noqa: E402

TEXT = "Please write to Anna Kowalska, anna.kowalska@example.com, phone +1 415 555 2671, about invoice 4711."
HIDDEN = ["Kowalska", "anna.kowalska@example.com", "415 555 2671"]


class Echo(BaseModel):
    echo: str


class OpenAI(harness.Served):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client = openai.OpenAI(base_url=cls.s.url + "/v1", api_key=cls.s.key, max_retries=0)

    def ask(self, model="say", text=TEXT, **kw):
        return self.client.chat.completions.create(model=model, messages=[{"role": "user", "content": text}], **kw)

    def assert_hidden(self, since=0):
        sent = b"".join(r.raw for r in self.s.stub.requests[since:]).decode()
        for value in HIDDEN:
            self.assertNotIn(value, sent)
        self.assertRegex(sent, harness.TOKEN)

    def test_plain(self):
        at = len(self.s.stub.requests)
        self.assertEqual(self.ask().choices[0].message.content, TEXT)
        self.assert_hidden(at)

    def test_stream(self):
        for model in ("say", "chars", "long"):
            with self.subTest(model=model):
                at = len(self.s.stub.requests)
                text = "".join(c.choices[0].delta.content or "" for c in self.ask(model, stream=True) if c.choices)
                self.assertTrue(text.endswith(TEXT), text[-200:])
                self.assert_hidden(at)

    def test_stream_helper(self):
        with self.client.chat.completions.stream(model="chars",
                                                 messages=[{"role": "user", "content": TEXT}]) as stream:
            for _ in stream:
                pass
            self.assertEqual(stream.get_final_completion().choices[0].message.content, TEXT)

    def test_usage_is_asked_for_only_if_the_caller_did(self):
        chunks = list(self.ask("say", stream=True))
        self.assertTrue(all(c.usage is None for c in chunks))
        chunks = list(self.ask("say", stream=True, stream_options={"include_usage": True}))
        self.assertEqual(chunks[-1].usage.total_tokens, 15)

    def test_tools_round_trip(self):
        tool = {"type": "function", "function": {"name": "note", "description": "Keep a note",
                                                 "parameters": {"type": "object", "properties": {
                                                     "text": {"type": "string"}}}}}
        for stream in (False, True):
            with self.subTest(stream=stream):
                at = len(self.s.stub.requests)
                if stream:
                    with self.client.chat.completions.stream(model="tool", tools=[tool], messages=[
                            {"role": "user", "content": TEXT}]) as st:
                        for _ in st:
                            pass
                        message = st.get_final_completion().choices[0].message
                else:
                    message = self.ask("tool", tools=[tool]).choices[0].message
                call = message.tool_calls[0]
                self.assertEqual(json.loads(call.function.arguments), {"text": TEXT})
                answer = self.client.chat.completions.create(model="tool", tools=[tool], messages=[
                    {"role": "user", "content": TEXT},
                    {"role": "assistant", "tool_calls": [{"id": call.id, "type": "function", "function": {
                        "name": call.function.name, "arguments": call.function.arguments}}]},
                    {"role": "tool", "tool_call_id": call.id, "content": "kept: " + TEXT}])
                self.assertEqual(answer.choices[0].message.content, "kept: " + TEXT)
                self.assert_hidden(at)

    def test_structured_output(self):
        answer = self.client.chat.completions.parse(model="json", messages=[{"role": "user", "content": TEXT}],
                                                    response_format=Echo)
        self.assertEqual(answer.choices[0].message.parsed.echo, TEXT)

    def test_errors(self):
        with self.assertRaises(openai.AuthenticationError):
            self.client.with_options(api_key="sk-sanctum-no").models.list()
        with self.assertRaises(openai.RateLimitError):
            self.ask("status-429")
        with self.assertRaises(openai.InternalServerError):
            self.ask("status-500")
        with self.assertRaises(openai.BadRequestError):
            self.ask("status-400")
        with self.assertRaises(openai.NotFoundError):
            self.client.post("/nowhere", cast_to=object, body={})

    def test_retries(self):
        client = self.client.with_options(max_retries=2)
        at = len(self.s.stub.requests)
        answer = client.chat.completions.create(model="flaky-503", messages=[{"role": "user", "content": TEXT}])
        self.assertEqual(answer.choices[0].message.content, TEXT)
        self.assertEqual(len(self.s.stub.requests) - at, 3)

    def test_fallback(self):
        for model in ("two", "gone"):
            with self.subTest(model=model):
                raw = self.client.chat.completions.with_raw_response.create(
                    model=model, messages=[{"role": "user", "content": TEXT}])
                self.assertEqual(raw.parse().choices[0].message.content, TEXT)
                self.assertEqual(raw.headers["x-sanctum-route"], "stub/say;hops=2")

    def test_cut_stream_is_an_error(self):
        with self.assertRaises(openai.APIError):
            for _ in self.ask("cut", stream=True):
                pass

    def test_abort_cancels_upstream(self):
        before = self.s.stub.cancelled
        stream = self.ask("slow", text=TEXT * 20, stream=True)
        next(iter(stream))
        stream.close()
        self.assertTrue(harness.until(lambda: self.s.stub.cancelled > before))

    def test_twenty_turns_keep_their_prefix(self):
        messages, bodies = [], []
        for turn in range(20):
            messages.append({"role": "user", "content": f"{turn}: {TEXT} And call me on 212-555-01{turn:02d}."})
            at = len(self.s.stub.requests)
            answer = self.client.chat.completions.create(model="say", messages=messages)
            bodies.append(self.s.stub.requests[at].body["messages"])
            messages.append({"role": "assistant", "content": answer.choices[0].message.content})
            self.assertEqual(messages[-1]["content"], messages[-2]["content"])
        for earlier, later in zip(bodies, bodies[1:]):
            self.assertEqual(earlier, later[:len(earlier)])

    def test_two_hundred_at_once(self):
        def one(i):
            text = f"I am Nora Petersen{i}, nora{i}@example.com"
            return self.ask(("say", "chars")[i % 2] if i % 4 else "say", text=text).choices[0].message.content == text
        with ThreadPoolExecutor(200) as pool:
            self.assertTrue(all(pool.map(one, range(200))))

    def test_embeddings_and_models(self):
        vector = self.client.embeddings.create(model="emb", input=TEXT).data[0].embedding
        self.assertEqual(vector, [0.5, -1.25])
        self.assertIn("two", [m.id for m in self.client.models.list()])

    def test_headers_tell_what_was_done(self):
        raw = self.client.chat.completions.with_raw_response.create(
            model="say", messages=[{"role": "user", "content": TEXT}])
        self.assertRegex(raw.headers["x-sanctum-masked"], r"EMAIL_ADDRESS=1")
        self.assertRegex(raw.headers["x-sanctum-request-id"], r"^req_[0-9a-z]{16}$")
        self.assertEqual(raw.headers["x-sanctum-restored"], "3")


if __name__ == "__main__":
    unittest.main()
