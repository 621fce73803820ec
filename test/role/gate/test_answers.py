#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a caller is told: errors that come as 200, readiness, refusals in the dialect asked; and what sanctum itself
says to a provider."""
import http.client
import http.server
import json
import os
import socket
import sys
import threading
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
import harness  # noqa: E402

refused = threading.Event()  # one of several large answers was

CONFIG = """version: 1
listen: 127.0.0.1:{port}
gates: {gates}
providers:
  open: {{kind: openai, base_url: "http://127.0.0.1:{stub}/v1"}}
  claude: {{kind: anthropic, base_url: "http://127.0.0.1:{stub}", timeouts: {{between_events: 3s}}}}
  local: {{kind: ollama, base_url: "http://127.0.0.1:{stub}"}}
models:
  two: [open/credit, open/fine]
  "*": [open/*]
audit: {{mode: batched}}
limits: {{buffered_total: 64MiB}}
"""
ERRORS = {
    "credit": {"error": {"message": "no credit", "code": 402}},
    "busy": {"error": {"message": "slow down", "code": 429}},
    "odd": {"error": "something", "choices": []},
    "named": {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}},
}


class Model:
    """A provider that means an error and says 200; it keeps what it was sent."""

    def __init__(self):
        self.seen = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                self.headers["x-test-peer"] = str(self.client_address)
                outer.seen.append((self.headers, body))
                if body.get("stream"):
                    self.stream(body["model"])
                    return
                if body["model"].startswith("wait "):
                    self.send_response(429)
                    name, _, value = body["model"][5:].partition("=")
                    for h in ((name, value), ("x-should-retry", "true"), ("content-length", "2")):
                        self.send_header(*h)
                    self.end_headers()
                    self.wfile.write(b"{}")
                    return
                if body["model"] == "nothing":
                    self.close_connection = True
                    return
                fine = {"id": "x", "object": "chat.completion", "choices": [{"index": 0, "message": {
                    "role": "assistant", "content": "fine"}, "finish_reason": "stop"}], "error": None}
                out = json.dumps(ERRORS.get(body["model"], fine)).encode()
                if body["model"] == "huge":
                    out = out[:-1] + b" " * (20 << 20) + b"}"
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(out)))
                self.end_headers()
                try:
                    self.wfile.write(out[:-1])
                    if body["model"] == "huge":
                        refused.wait(harness.PATIENCE)  # all of them at once
                    self.wfile.write(out[-1:])
                except OSError:
                    self.close_connection = True

            def stream(self, model):
                """Events over several lines, without an end marker, or cut at their beginning."""
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.send_header("connection", "close")
                self.end_headers()
                if model == "begun":
                    events = [{"type": "response.created", "sequence_number": 4, "response": {"id": "r", "output": []}}]
                elif model == "stall":
                    events = [{"type": "message_start", "message": {"id": "m", "content": []}}]
                elif model in ERRORS:
                    events = [ERRORS[model]]
                else:
                    events = [{"id": "x", "object": "chat.completion.chunk", "choices": [
                        {"index": 0, "delta": {"content": word}, "finish_reason": None if word else "stop"}]}
                              for word in ("Hello ", "there", "")]
                if model == "no-end":
                    self.wfile.write(b"data\n\n")
                for e in events[:2] if model == "cut" else events:
                    text = json.dumps(e, indent=1 if model == "lines" else None)
                    name = f"event: {e['type']}\n" if "type" in e else ""
                    if model == "lines":
                        self.wfile.write(b"data: \ndata:\n\n")
                    self.wfile.write((name + "".join(f"data: {line}\n" for line in text.split("\n")) + "\n").encode())
                if model == "stall":
                    time.sleep(30)
                if model == "lines":
                    self.wfile.write(b"data: [DONE]\n\n")
                self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", harness.free_port()), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Answers(harness.Served):
    @classmethod
    def setUpClass(cls):
        cls.model = Model()
        cls.addClassCleanup(cls.model.stop)
        cls.served = dict(config=CONFIG, stub=cls.model)
        super().setUpClass()

    def ask(self, path, body=None, headers=None):
        r = urllib.request.Request(self.s.url + path, None if body is None else json.dumps(body).encode(),
                                   {"authorization": "Bearer " + self.s.key, **(headers or {})})
        try:
            with urllib.request.urlopen(r, timeout=120) as a:
                return a.status, a.headers, json.loads(a.read())
        except urllib.error.HTTPError as e:
            with e:
                return e.code, e.headers, json.loads(e.read())

    def chat(self, model, path="/v1/chat/completions"):
        return self.ask(path, {"model": model, "max_tokens": 9, "stream": False,
                               "messages": [{"role": "user", "content": "hi"}]})

    def test_an_error_that_comes_as_200(self):
        for model, status in (("credit", 402), ("busy", 429), ("odd", 502), ("fine", 200)):
            got, _, body = self.chat(model)
            self.assertEqual(got, status, body)
            self.assertEqual(body, ERRORS.get(model, body))
        self.assertEqual(self.chat("claude/named", "/v1/messages")[0], 502)
        self.assertEqual(self.chat("local/odd", "/api/chat")[0], 502)
        self.assertEqual(self.chat("two")[0], 402)  # a next target would not mend it

    def test_nobody_is_sent_to_sleep(self):
        """How long to wait is passed on, but a caller that would sleep for it is told not to try again by itself."""
        for value, retry in (("retry-after=7", "true"), ("retry-after=60", "true"), ("retry-after=61", "false"),
                             ("retry-after=86400", "false"), ("retry-after-ms=1500.5", "true"),
                             ("retry-after-ms=999999999", "false"), ("retry-after=Wed, 21 Oct 2099 07:28:00 GMT", "false")):
            status, headers, _ = self.chat("wait " + value)
            name, _, wait = value.partition("=")
            self.assertEqual((status, headers[name], headers["x-should-retry"]), (429, wait, retry))

    def events(self, path, body):
        r = urllib.request.Request(self.s.url + path, json.dumps({**body, "stream": True}).encode(),
                                   {"authorization": "Bearer " + self.s.key})
        got = b""
        try:
            with urllib.request.urlopen(r, timeout=120) as a:
                while piece := a.read1(65536):
                    got += piece
        except http.client.IncompleteRead:
            got += b"(torn)"
        return [line[6:] for line in got.decode().split("\n") if line.startswith("data: ")]

    def test_streams_as_some_servers_write_them(self):
        hi = [{"role": "user", "content": "hi, I am Anna Kowalska"}]
        for model in ("lines", "no-end"):
            *events, last = self.events("/v1/chat/completions", {"model": model, "messages": hi})
            words = "".join(json.loads(e)["choices"][0]["delta"]["content"] for e in events)
            self.assertEqual((words, last), ("Hello there", "[DONE]"))
        last = self.events("/v1/chat/completions", {"model": "cut", "messages": hi})[-1]
        self.assertEqual(json.loads(last)["error"]["code"], "upstream_cut")
        for text in ("hi", "I am Anna Kowalska"):
            _, last = self.events("/v1/responses", {"model": "begun", "input": text})
            failed = json.loads(last)
            self.assertEqual((failed["type"], failed["sequence_number"]), ("response.failed", 5))
            self.assertEqual((failed["response"]["status"], failed["response"]["error"]["code"]), ("failed", "upstream_cut"))

    def test_a_provider_that_hangs_up(self):
        status, _, body = self.chat("nothing")
        self.assertEqual((status, body["error"]["code"]), (502, "upstream_cut"))

    def test_a_provider_that_falls_silent(self):
        began, failed = self.events("/v1/messages", {"model": "claude/stall", "max_tokens": 9, "messages": []})
        self.assertEqual(json.loads(began)["type"], "message_start")
        failed = json.loads(failed)
        self.assertEqual((failed["type"], failed["error"]["details"]["error_code"]), ("error", "upstream_timeout"))

    def test_a_stream_that_begins_with_an_error(self):
        for model, status in (("credit", 402), ("busy", 429), ("odd", 502)):
            with self.assertRaises(urllib.error.HTTPError) as e:
                self.events("/v1/chat/completions", {"model": model, "messages": []})
            with e.exception:
                self.assertEqual((e.exception.code, json.loads(e.exception.read())), (status, ERRORS[model]))
        self.assertEqual(self.events("/v1/chat/completions", {"model": "two", "messages": []})[-1], "[DONE]")

    def test_the_provider_gets_one_of_each_header(self):
        self.chat("fine")
        self.ask("/v1/chat/completions", {"model": "fine", "messages": []},
                 {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"})
        for headers, _ in self.model.seen:
            names = [n.lower() for n in headers.keys()]
            self.assertEqual(len(names), len(set(names)), names)
            self.assertEqual(headers["content-type"], "application/json")

    def test_every_answer_says_what_was_done(self):
        for path in ("/health", "/ready", "/v1/models", "/nowhere"):
            _, headers, _ = self.ask(path)
            self.assertEqual((headers["x-sanctum-route"], headers["x-sanctum-masked"]), ("none;hops=0", "none"), path)
            self.assertRegex(headers["x-sanctum-request-id"], "^req_")
        _, headers, _ = self.chat("fine")
        self.assertEqual(headers["x-sanctum-route"], "open/fine;hops=1")

    def test_a_body_without_a_model(self):
        at = len(self.model.seen)
        for body in ({"messages": []}, {"model": "", "messages": []}):
            status, _, answer = self.ask("/v1/chat/completions", body)
            self.assertEqual((status, answer["error"]["code"]), (400, "model_missing"))
        self.assertEqual(len(self.model.seen), at)

    def test_a_key_in_the_query_may_be_escaped(self):
        key = "".join(f"%{ord(c):02X}" if not c.isalnum() else c for c in self.s.key)
        self.assertIn("%2D", key)
        urllib.request.urlopen(f"{self.s.url}/v1/models?key={key}", timeout=120).close()
        with self.assertRaises(urllib.error.HTTPError) as e:
            urllib.request.urlopen(f"{self.s.url}/v1/models?key={key}%2D", timeout=120)
        e.exception.close()

    def test_other_methods(self):
        for path, allow in (("/health", "GET, HEAD"), ("/ready", "GET, HEAD"), ("/v1/models", "GET, HEAD"),
                            ("/supportedentities", "GET, HEAD"), ("/v1/messages", "POST"), ("/analyze", "POST")):
            status, headers, _ = self.ask(path, {} if allow != "POST" else None)
            self.assertEqual((status, headers["allow"]), (405, allow))
        for method in ("get", "TRACE"):
            with self.assertRaises(urllib.error.HTTPError) as e:
                urllib.request.urlopen(urllib.request.Request(self.s.url + "/health", method=method), timeout=120)
            with e.exception:
                self.assertEqual(e.exception.code, 401)

    def test_principals_share_no_connection(self):
        """One after the other, so that each could take the other's idle connection."""
        other = json.loads(self.s.run("key", "create", "--name", "agent2", "--json").stdout)["key"]
        at = len(self.model.seen)
        body = {"model": "fine", "messages": []}
        for key in (self.s.key, other) * 3:
            self.assertEqual(self.ask("/v1/chat/completions", body, {"authorization": "Bearer " + key})[0], 200)
        peers = [headers["x-test-peer"] for headers, _ in self.model.seen[at:]]
        self.assertEqual(set(peers[0::2]) & set(peers[1::2]), set())
        self.assertEqual((len(set(peers[0::2])), len(set(peers[1::2]))), (1, 1))

    def test_answers_count_as_what_is_buffered(self):
        errors = []
        refused.clear()

        def one():
            status, _, body = self.chat("huge")
            errors.append((status, (body.get("error") or {}).get("code")))
            refused.set()
        threads = [threading.Thread(target=one) for _ in range(12)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertIn((503, "overloaded"), errors)
        self.assertEqual({status for status, _ in errors} - {200, 503}, set())
        self.assertEqual(self.chat("fine")[0], 200)

    def test_scopes_of_keys(self):
        chat = {"model": "fine", "messages": []}
        paths = {"models": [("/v1/chat/completions", chat), ("/v1/models", None), ("/v1/messages", {**chat, "max_tokens": 1}),
                            ("/api/tags", None)],
                 "analyze": [("/analyze", {"text": "hi", "language": "en"}), ("/supportedentities", None),
                             ("/guard/outbound", {"text": "hi"})],
                 None: [("/ready", None), ("/health", None)]}
        for scopes in (["models"], ["analyze"], ["metrics"], ["usage", "audit"], ["models", "analyze"]):
            args = [a for s in scopes for a in ("--scope", s)]
            key = json.loads(self.s.run("key", "create", "--name", "of-" + "-".join(scopes), *args, "--json").stdout)["key"]
            for needed, calls in paths.items():
                for path, body in calls:
                    at = len(self.model.seen)
                    status, _, answer = self.ask(path, body, {"authorization": "Bearer " + key})
                    if needed is None or needed in scopes:
                        self.assertNotEqual(status, 403, (scopes, path, answer))
                    else:
                        self.assertEqual(status, 403, (scopes, path, answer))
                        self.assertIn("scope_missing", json.dumps(answer))
                        self.assertEqual(len(self.model.seen), at)
        self.assertEqual(self.ask("/nowhere")[0], 404)

    def test_a_broken_head_is_answered_in_the_dialect_of_its_path(self):
        for path, where in (("/v1/chat/completions", lambda a: a["error"]["code"]),
                            ("/v1/messages", lambda a: a["type"] and a["error"]["details"]["error_code"]),
                            ("/api/chat", lambda a: a["error"].split(":")[0])):
            for extra in ("content-length: 2\r\ncontent-length: 3\r\n", "x: a\nb: c\r\n", "long: " + "x" * 70000):
                with socket.create_connection(("127.0.0.1", self.s.port), 120) as c:
                    c.sendall(f"POST {path} HTTP/1.1\r\nhost: x\r\n{extra}\r\n\r\n".encode())
                    c.settimeout(120)
                    got = b""
                    while more := c.recv(65536):
                        got += more
                code = where(json.loads(got.partition(b"\r\n\r\n")[2]))
                self.assertEqual(code, "header_too_large" if "long" in extra else "bad_request", got)

    def test_bodies_nobody_reads_take_no_room(self):
        """Without a key, or on a path that wants no body: neither may use up what others need."""
        held = []
        for path in ("/health", "/ready", "/v1/models"):
            for _ in range(4):
                c = socket.create_connection(("127.0.0.1", self.s.port), 120)
                key = f"x-api-key: {self.s.key}\r\n" if path != "/health" else ""
                c.sendall(f"GET {path} HTTP/1.1\r\nhost: x\r\n{key}content-length: 33000000\r\n\r\n".encode())
                c.settimeout(0.2)
                try:
                    for _ in range(500):
                        c.sendall(b"x" * 65536)
                except OSError:
                    pass
                held.append(c)
        status = json.loads(self.s.run("status", "--json").stdout)
        self.assertLess(sum(g["buffered_bytes"] for g in status["gates"]), 1 << 20)
        self.assertEqual(self.chat("fine")[0], 200)
        for c in held:
            c.close()

    def test_ready_knows_who_can_be_reached(self):
        status, _, body = self.ask("/ready")
        self.assertEqual((status, body), (200, {"providers": dict.fromkeys(["open", "claude", "local"], "ready"),
                                                "ready": True}))


class Unreachable(unittest.TestCase):
    def test_ready_when_providers_are(self):
        class Nobody:
            port = harness.free_port()

        with harness.Sanctum(config=CONFIG, stub=Nobody) as s:
            def ready():
                try:
                    with urllib.request.urlopen(urllib.request.Request(
                            s.url + "/ready", headers={"x-api-key": s.key}), timeout=120) as a:
                        return a.status, json.loads(a.read())["providers"]["open"]
                except urllib.error.HTTPError as e:
                    with e:
                        return e.code, json.loads(e.read())["providers"]["open"]
            self.assertEqual(ready(), (503, "unreachable"))
            with socket.socket() as back:
                back.bind(("127.0.0.1", Nobody.port))
                back.listen(8)
                self.assertTrue(harness.until(lambda: ready() == (200, "ready")))


if __name__ == "__main__":
    unittest.main()
