#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keys, records, reload and drain of the running program."""
import json
import os
import signal
import socket
import sys
import threading
import time
import unittest
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import harness  # noqa: E402

CHAT = "/v1/chat/completions"


def chat(model="say", text="hello", **more):
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


def models(s):
    request = urllib.request.Request(s.url + "/v1/models", headers={"authorization": "Bearer " + s.key})
    with urllib.request.urlopen(request, timeout=harness.PATIENCE) as r:
        return [m["id"] for m in json.load(r)["data"]]


class Lifecycle(unittest.TestCase):
    def test_keys_made_and_revoked_while_serving(self):
        with harness.Sanctum() as s:
            made = json.loads(s.run("key", "create", "--name", "second", "--json").stdout)
            self.assertEqual(s.post(CHAT, chat(), key=made["key"])[0], 200)
            self.assertNotIn(made["key"], s.run("key", "list", "--json").stdout)
            s.run("key", "revoke", made["id"])
            self.assertEqual(s.post(CHAT, chat(), key=made["key"])[0], 401)
            self.assertEqual(s.post(CHAT, chat())[0], 200)

    def test_tokens_are_the_same_for_a_new_key_of_the_same_agent(self):
        with harness.Sanctum() as s:
            again = json.loads(s.run("key", "create", "--name", "agent1", "--json").stdout)["key"]
            other = json.loads(s.run("key", "create", "--name", "other", "--json").stdout)["key"]
            tokens = []
            for key in (s.key, again, other):
                s.post(CHAT, chat(text="Write to anna@example.com"), key=key)
                tokens.append(harness.TOKEN.findall(s.stub.requests[-1].raw.decode()))
            self.assertEqual(tokens[0], tokens[1])
            self.assertNotEqual(tokens[0], tokens[2])

    def test_records(self):
        with harness.Sanctum() as s:
            _, headers, _ = s.post(CHAT, chat(text="Write to anna@example.com"))
            s.post(CHAT, chat("status-500"))
            rows = harness.until(lambda: (r := s.records()) and [x["kind"] for x in r].count("closed") == 2 and r)
            mine = [r for r in rows if r.get("request_id") == headers["x-sanctum-request-id"]]
            self.assertEqual([r["kind"] for r in mine], ["opened", "closed"])
            self.assertEqual(mine[1]["status"], 200)
            self.assertEqual(mine[1]["input_tokens"], 10)
            self.assertEqual([r["status"] for r in rows if r["kind"] == "closed"], [200, 500])
            self.assertNotIn("anna@", json.dumps(rows))

    def test_a_ledger_that_stands_still_is_noticed(self):
        """Batched records have room for hours of a quiet gate: how old the oldest is counts, not how many there are."""
        with harness.Sanctum(extra="audit: {mode: batched}") as s:
            ledger, = s.pids("ledger")
            os.kill(ledger, signal.SIGSTOP)
            try:
                end = time.monotonic() + harness.PATIENCE
                while (status := s.post(CHAT, chat()))[0] == 200 and time.monotonic() < end:
                    time.sleep(0.3)  # a quiet gate
                self.assertEqual((status[0], json.loads(status[2])["error"]["code"]), (503, "audit_unavailable"))
                sent = len(s.stub.requests)
                self.assertEqual(s.post(CHAT, chat())[0], 503)
                self.assertEqual(len(s.stub.requests), sent)
            finally:
                os.kill(ledger, signal.SIGCONT)
            self.assertTrue(harness.until(lambda: s.post(CHAT, chat())[0] == 200))
            time.sleep(7)  # quiet for longer than that is no fault
            self.assertEqual(s.post(CHAT, chat())[0], 200)
            opened = lambda: [r for r in s.records() if r["kind"] == "opened"]  # noqa: E731
            self.assertTrue(harness.until(lambda: len(opened()) >= len(s.stub.requests)))
            self.assertEqual(len(opened()), len(s.stub.requests))

    def test_keys_that_no_table_knows_are_masked_wherever_they_stand(self):
        value = b"nora.petersen@example.com"
        bodies = ((CHAT, b'{"%s":"x","model":"say","messages":[{"role":"user","content":"hi"}]}'),
                  (CHAT, b'{"model":"say","%s":1,"messages":[{"role":"user","content":"hi"}]}'),
                  (CHAT, b'{"model":"say","messages":[{"role":"user","content":"hi"}],"%s":{}}'),
                  ("/v1/completions", b'{"%s":"x","model":"say","prompt":"hi"}'),
                  ("/v1/embeddings", b'{"model":"say","%s":null,"input":"hi"}'))
        with harness.Sanctum() as s:
            for path, body in bodies:
                with self.subTest(body=body):
                    self.assertEqual(s.post(path, None, raw=body % value)[0], 200)
                    self.assertNotIn(value, s.stub.requests[-1].raw)
                    self.assertTrue(harness.TOKEN.search(s.stub.requests[-1].raw.decode()))

    def test_trust(self):
        for trust, seen in (("masked", False), ("trusted", True), ("local", True)):
            with self.subTest(trust=trust), harness.Sanctum(trust=trust) as s:
                s.post(CHAT, chat(text="Write to anna@example.com"))
                self.assertEqual(b"anna@example.com" in s.stub.requests[-1].raw, seen)

    def test_a_listener_without_keys_is_for_local_programs(self):
        port = harness.free_port()
        config = harness.CONFIG.replace("listen: 127.0.0.1:{port}", "listen:\n  - 127.0.0.1:{port}\n  - {{address: "
                                        f'"127.0.0.1:{port}", as: kitchen}}}}')
        with harness.Sanctum(config=config) as s:
            real, s.port = s.port, port
            for headers, status in (({}, 200), ({"host": "localhost:4040"}, 200), ({"host": "[::1]:99"}, 200),
                                    ({"host": "rebound.example"}, 401), ({"origin": "https://evil.example"}, 401),
                                    ({"origin": "null"}, 401), ({"origin": "http://localhost:3000"}, 200),
                                    ({"sec-fetch-site": "cross-site"}, 401)):
                with self.subTest(headers=headers):
                    self.assertEqual(s.post(CHAT, chat(), key=False, headers=headers)[0], status)
            s.port = real
            self.assertEqual(s.post(CHAT, chat(), key=False)[0], 401)

    def test_reload_and_a_broken_config(self):
        with harness.Sanctum() as s:
            with open(s.config_path, encoding="utf-8") as f:
                good = f.read()
            with open(s.config_path, "w", encoding="utf-8") as f:
                f.write(good.replace("trust: masked", "trust: maskd"))
            s.process.send_signal(signal.SIGHUP)
            self.assertTrue(harness.until(lambda: "maskd" in s.read_log()))
            self.assertEqual(s.post(CHAT, chat())[0], 200)
            with open(s.config_path, "w", encoding="utf-8") as f:
                f.write(good.replace('"two":', '"three":'))
            s.process.send_signal(signal.SIGHUP)
            self.assertTrue(harness.until(lambda: "three" in models(s)))

    def test_reloads_under_load_fail_no_request(self):
        """Clients that keep their connections, a reload every half second: no request fails, none is cut."""
        import http.client
        with harness.Sanctum(gates=2) as s:
            with open(s.config_path, encoding="utf-8") as f:
                good = f.read()
            stop, failures, counts = threading.Event(), [], [0] * 8

            def load(i):
                c, used = http.client.HTTPConnection("127.0.0.1", s.port, timeout=120), 0
                while not stop.is_set():
                    if time.monotonic() - used > 0.25:  # who rests as long meets the end of a drained connection
                        c.close()
                    try:
                        c.request("POST", CHAT, json.dumps(chat(text=f"mail nora{i}.{counts[i]}@example.com")),
                                  {"authorization": "Bearer " + s.key, "content-type": "application/json"})
                        r = c.getresponse()
                        body = r.read()
                        if r.status != 200 or f"nora{i}.{counts[i]}@".encode() not in body:
                            failures.append((r.status, body[:200]))
                        counts[i] += 1
                        used = time.monotonic()
                    except (OSError, http.client.HTTPException) as e:
                        failures.append(repr(e))
                        c.close()
                    time.sleep(0.002 * i)  # some busy, some with pauses
                c.close()

            threads = [threading.Thread(target=load, args=(i,)) for i in range(8)]
            for t in threads:
                t.start()
            gates = {pid for pid in s.pids("gate")}
            for k in range(6):
                time.sleep(0.5)
                with open(s.config_path, "w", encoding="utf-8") as f:
                    f.write(good.replace('"two":', f'"two{k}":'))
                s.process.send_signal(signal.SIGHUP)
            harness.until(lambda: min(counts) > 20 and not gates & set(s.pids("gate")))
            stop.set()
            for t in threads:
                t.join()
            self.assertEqual(failures, [])
            self.assertGreater(min(counts), 20)
            self.assertFalse(gates & set(s.pids("gate")), "no gate was renewed: nothing was reloaded")

    def test_drain_finishes_streams(self):
        with harness.Sanctum() as s:
            got = {}

            def ask():
                got["answer"] = s.post(CHAT, chat("slow", "x" * 70, stream=True))
            t = threading.Thread(target=ask)
            t.start()
            while not s.stub.open:
                time.sleep(0.01)
            s.process.send_signal(signal.SIGTERM)
            t.join(120)
            self.assertIn(b"[DONE]", got["answer"][2])
            self.assertEqual(s.process.wait(120), 0)

    def streaming(self, s, text):
        """A connection on which a stream has begun, and what came of it."""
        body = json.dumps(chat("slow", text, stream=True)).encode()
        c = socket.create_connection(("127.0.0.1", s.port), harness.PATIENCE)
        self.addCleanup(c.close)
        c.sendall(f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {s.key}\r\n"
                  f"content-length: {len(body)}\r\n\r\n".encode() + body)
        got = b""
        while b"data:" not in got:
            got += c.recv(65536)
        return c, got

    def test_first_event_is_forwarded_before_the_second_arrives(self):
        with harness.Sanctum() as s:
            _, got = self.streaming(s, "y" * 7000)
            self.assertNotIn(b"[DONE]", got)
            self.assertEqual(s.stub.open, 1)  # the provider has more to say

    def test_who_comes_while_it_stops_is_told_at_once(self):
        with harness.Sanctum(gates=2, extra="timeouts: {drain: 10m}") as s:
            open_one, _ = self.streaming(s, "y" * 70_000)  # for a quarter of an hour
            s.process.send_signal(signal.SIGTERM)

            def refused():
                try:
                    socket.create_connection(("127.0.0.1", s.port), harness.PATIENCE).close()
                except ConnectionError:
                    return True
                return False
            self.assertTrue(harness.until(refused))
            self.assertIsNone(s.process.poll(), "it was there no more")
            open_one.close()
            self.assertEqual(s.process.wait(harness.PATIENCE), 0)


if __name__ == "__main__":
    unittest.main()
