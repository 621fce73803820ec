#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The built-in provider answers the published clients on each of its surfaces, whole and streamed."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness  # noqa: E402

harness.use_client_python()
import anthropic  # noqa: E402
import openai  # noqa: E402

TEXT = "Please write to Anna Kowalska, anna.kowalska@example.com, about invoice 4711."


class Echo(harness.Served):
    served = dict(config=harness.ECHO)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.openai = openai.OpenAI(base_url=cls.s.url + "/v1", api_key=cls.s.key, max_retries=0)
        cls.anthropic = anthropic.Anthropic(base_url=cls.s.url, api_key=cls.s.key, max_retries=0)

    def assert_shown(self, answer):
        """What was said comes back whole; what would have left holds tokens in place of the values."""
        said, left = answer.split("\n\nWhat would have left this machine: ")
        self.assertEqual(said, "You said: " + TEXT)
        self.assertRegex(left, r"^Please write to ‹PERSON·[0-9a-z]{8}›, ‹EMAIL_ADDRESS·[0-9a-z]{8}›, about invoice 4711\.$")

    def test_chat(self):
        messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": TEXT}]
        create = self.openai.chat.completions.create
        self.assert_shown(create(model="m", messages=messages).choices[0].message.content)
        chunks = create(model="m", messages=messages, stream=True)
        self.assert_shown("".join(c.choices[0].delta.content or "" for c in chunks if c.choices))

    def test_completions(self):
        create = self.openai.completions.create
        self.assert_shown(create(model="m", prompt=TEXT).choices[0].text)
        self.assert_shown("".join(c.choices[0].text for c in create(model="m", prompt=TEXT, stream=True)))

    def test_responses(self):
        for given in (TEXT, [{"role": "user", "content": [{"type": "input_text", "text": TEXT}]}]):
            with self.subTest(given=given):
                self.assert_shown(self.openai.responses.create(model="m", input=given).output_text)
                with self.openai.responses.stream(model="m", input=given) as stream:
                    deltas = "".join(e.delta for e in stream if e.type == "response.output_text.delta")
                    self.assert_shown(deltas)
                    self.assert_shown(stream.get_final_response().output_text)

    def test_messages(self):
        asked = {"model": "m", "max_tokens": 100, "messages": [{"role": "user", "content": TEXT}]}
        self.assert_shown(self.anthropic.messages.create(**asked).content[0].text)
        with self.anthropic.messages.stream(**asked) as stream:
            self.assert_shown("".join(stream.text_stream))

    def test_ollama(self):
        for path, asked, shown in (("/api/generate", {"prompt": TEXT}, lambda a: a["response"]),
                                   ("/api/chat", {"messages": [{"role": "user", "content": TEXT}]},
                                    lambda a: a["message"]["content"])):
            with self.subTest(path=path):
                status, _, body = self.s.post(path, {"model": "m", "stream": False, **asked})
                self.assertEqual(status, 200)
                self.assert_shown(shown(json.loads(body)))


if __name__ == "__main__":
    unittest.main()
