#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Long bodies are masked in turns with everything else: others are served meanwhile, the result is that of a short
body, who goes away is forgotten, several at a time are not mixed up, and one principal's heap of them does not keep
another waiting."""
import json
import os
import socket
import sys
import threading
import time
import unittest
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import harness  # noqa: E402

CHAT = "/v1/chat/completions"
HEAP = 10
FILL = "Then Maria Lopez walked along the harbour and thought of the weather, the ships and the price of bread. "


def chat(text, model="say"):
    return {"model": model, "messages": [{"role": "user", "content": text}]}


def said_upstream(s):
    return [r.body["messages"][0]["content"] for r in s.stub.requests]


class Long(unittest.TestCase):
    def others_are_served(self, path, body):
        """Nobody waits for the one request longer than for a part of it."""
        with harness.Sanctum() as s:
            harness.good_once(lambda: self.served_meanwhile(s, path, body))

    def served_meanwhile(self, s, path, body):
        done = []

        def ask():
            began = time.monotonic()
            done.append((s.post(path, body)[0], time.monotonic() - began))
        waits = []
        asker = threading.Thread(target=ask)
        asker.start()
        while asker.is_alive():
            began = time.monotonic()
            with urllib.request.urlopen(s.url + "/health", timeout=120) as r:
                self.assertEqual(r.status, 200)
            waits.append(time.monotonic() - began)
        status, took = done[0]
        print(f"{path}: {len(waits)} answers in {took:.2f} s, the slowest after {max(waits):.3f} s", file=sys.stderr)
        self.assertEqual(status, 200)
        self.assertGreater(len(waits), 20)
        self.assertLess(max(waits), took / 2)

    def test_a_long_request(self):
        self.others_are_served(CHAT, chat(FILL * 60_000, "fixed"))

    def test_a_long_text_to_analyze(self):
        self.others_are_served("/analyze", {"text": FILL * 60_000, "language": "en", "entities": ["PERSON"],
                                            "score_threshold": 1.1})

    def test_a_long_message_to_people(self):
        self.others_are_served("/guard/outbound", {"text": "Call 212 555 0123 or 10.0.0.1, 4111 1111. " * 100_000})

    def test_masked_as_a_short_one(self):
        text = "I am Nora Petersen, mail nora.petersen@example.com, phone +49 30 901820. "
        with harness.Sanctum() as s:
            self.assertEqual(s.post(CHAT, chat(text))[0], 200)
            self.assertEqual(s.post(CHAT, chat(text + "word " * 40_000 + text))[0], 200)
            short, long = said_upstream(s)
            self.assertNotIn("Nora", short)
            self.assertEqual(long, short + "word " * 40_000 + short)

    def test_who_goes_away_is_forgotten(self):
        with harness.Sanctum() as s:
            harness.good_once(lambda: self.gone_before_their_turn(s))
            self.assertEqual(s.post(CHAT, chat("hello"))[0], 200)

    def gone_before_their_turn(self, s):
        raw = json.dumps(chat(FILL * 40_000)).encode()
        head = (f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {s.key}\r\n"
                f"content-length: {len(raw)}\r\n\r\n").encode()
        before = len(said_upstream(s))
        gone = [socket.create_connection(("127.0.0.1", s.port), 120) for _ in range(3)]
        for c in gone:
            c.sendall(head + raw)
        time.sleep(0.1)  # the first is at work, the others wait
        for c in gone:
            c.close()
        self.assertEqual(s.post(CHAT, chat(FILL * 400))[0], 200)
        self.assertLess(len(said_upstream(s)) - before, 4)  # not all of them were masked to the end

    def test_several_are_not_mixed_up(self):
        people = ["Anna Schmidt", "Peter Jones", "Yusuf Demir", "Ingrid Larsen"]
        with harness.Sanctum() as s:
            got = {}

            def ask(who):
                got[who] = s.post(CHAT, chat(f"{who} writes. " + "word " * 30_000 + f"Best wishes, {who}"))
            askers = [threading.Thread(target=ask, args=(who,)) for who in people]
            for t in askers:
                t.start()
            for t in askers:
                t.join()
            for who in people:
                self.assertEqual(got[who][0], 200)
                others = [p for p in people if p != who and p in got[who][2].decode()]
                self.assertEqual(others, [])
                self.assertIn(who, got[who][2].decode())
            for text in said_upstream(s):
                self.assertFalse(any(p in text for p in people))

    def heap_beside_one(self, path, long, short):
        """One principal asks for HEAP long things at once, then another for one, which is answered before half of the
        heap is: its answer."""
        with harness.Sanctum() as s:
            other = json.loads(s.run("key", "create", "--name", "agent2", "--json").stdout)["key"]
            self.assertEqual(s.post(path, short, key=other)[0], 200)  # what is made at the first use is there
            return harness.good_once(lambda: self.one_before_the_heap(s, path, long, short, other))

    def one_before_the_heap(self, s, path, long, short, other):
        done = []

        def ask(i):
            done.append(s.post(path, long(i))[0])
        askers = [threading.Thread(target=ask, args=(i,)) for i in range(HEAP)]
        for t in askers:
            t.start()
        while not done:
            time.sleep(0.005)
        before = len(done)
        status, _, answer = s.post(path, short, key=other)
        after = len(done)
        for t in askers:
            t.join()
        self.assertEqual((status, done), (200, [200] * HEAP))
        self.assertLess(after - before, HEAP // 2)
        return answer

    def test_a_heap_of_one_principal(self):
        answer = self.heap_beside_one(
            CHAT, lambda i: chat(f"{i} " + FILL * 8_000, "fixed"), chat("I am Nora Petersen. " + "word " * 8_000))
        self.assertIn(b"Nora Petersen", answer)

    def test_a_heap_of_messages_to_people(self):
        self.heap_beside_one(
            "/guard/outbound", lambda i: {"text": f"{i} Call 212 555 0123 or 10.0.0.1, 4111 1111. " * 20_000},
            {"text": "Call 212 555 0123. " * 100})

    def test_a_heap_of_texts_to_analyze(self):
        self.heap_beside_one(
            "/analyze", lambda i: {"text": f"{i} " + FILL * 8_000, "language": "en", "entities": ["PERSON"],
                                   "score_threshold": 1.1},
            {"text": "Anna Schmidt writes. " * 100, "language": "en"})


if __name__ == "__main__":
    unittest.main()
