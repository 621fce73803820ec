#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stub model server: speaks the OpenAI, Anthropic and Ollama dialects as far as the clients need,
records every byte it was sent, and behaves as the asked model's name says:

  say            answers with the last user text it saw
  tool           calls the first tool with {"text": <last user text>}; after a tool result, says it
  json           answers {"echo": <last user text>} as structured output
  long           streams 200 pieces
  slow           streams a piece every 100 ms
  cut            streams two pieces, then drops the connection
  hang           takes the request and never answers
  status-NNN     answers that status with the dialect's error
  flaky-NNN      answers NNN twice, then as `say`
  chars          streams one character an event
  fixed          says "ok" whatever it was sent
  code           a coding agent's model: reads the file whose path the user named, then says what it held

Start: stub_model.py [PORT]; prints the port. As a library: Stub().start()."""
import asyncio
import json
import re
import sys
import threading

REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests", 500: "Internal Server Error",
           503: "Service Unavailable", 529: "Overloaded"}


def text_of(content):
    """Plain text of a message's content in any of the dialects."""
    if isinstance(content, str):
        return content
    out = []
    for part in content or []:
        if part.get("type") in ("text", "input_text"):
            out.append(part["text"])
        elif part.get("type") == "tool_result":
            out.append(text_of(part.get("content")))
    return "".join(out)


def last_text(body):
    if "prompt" in body:
        return body["prompt"]
    for m in reversed(body.get("messages", [])):
        if m.get("role") in ("user", "tool"):
            return text_of(m.get("content"))
    return ""


def has_result(body):
    m = body["messages"][-1]
    return m.get("role") == "tool" or (isinstance(m.get("content"), list)
                                       and any(p.get("type") == "tool_result" for p in m["content"]))


def pieces_of(text, model):
    size = 1 if model == "chars" else 7
    if model == "long":
        return [f"{i} " for i in range(200)] + [text]
    return [text[i:i + size] for i in range(0, len(text), size)] or [""]


class Request:
    def __init__(self, method, target, headers, raw, body):
        self.method, self.target, self.headers, self.raw, self.body = method, target, headers, raw, body


class Stub:
    def __init__(self, port=0):
        self.port = port
        self.requests = []   # every Request seen
        self.raw = bytearray()  # every byte received
        self.cancelled = 0   # answers whose client had gone
        self.open = 0        # streams being written now
        self.connections = 0
        self.tries = {}
        self._ready = threading.Event()

    def start(self):
        threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True).start()
        self._ready.wait(120)
        return self

    async def _main(self):
        server = await asyncio.start_server(self._client, "127.0.0.1", self.port, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await server.serve_forever()

    async def _client(self, reader, writer):
        self.connections += 1
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _one(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        self.raw += head
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ")
        headers = {}
        for line in lines[1:-2]:
            name, _, value = line.partition(":")
            headers.setdefault(name.lower(), []).append(value.strip())
        n = int(headers.get("content-length", ["0"])[0])
        raw = await reader.readexactly(n) if n else b""
        self.raw += raw
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            body = None
        req = Request(method, target, headers, raw, body)
        self.requests.append(req)
        await self._answer(reader, writer, req)
        return headers.get("connection", [""])[0].lower() != "close"

    async def _answer(self, reader, writer, req):
        path = req.target.split("?")[0]
        model = str((req.body or {}).get("model", "say")).split("/")[-1]
        dialect = "anthropic" if "/messages" in path else "ollama" if "/api/" in path else "openai"
        if model == "hang":
            gone = await reader.read(1)
            self.cancelled += gone == b""
            raise ConnectionError
        status = 0
        if model.startswith("flaky-"):
            self.tries[model] = self.tries.get(model, 0) + 1
            status = int(model[6:]) if self.tries[model] <= 2 else 0
        elif model.startswith("status-"):
            status = int(model[7:])
        if status:
            return await self._json(writer, self._error(dialect, status), status)
        if path.endswith("/count_tokens"):
            return await self._json(writer, {"input_tokens": len(req.raw) // 4})
        if path.endswith("/models"):
            return await self._json(writer, {"object": "list", "data": [{"id": "say", "object": "model", "created": 1,
                                                                         "owned_by": "stub"}]})
        if path.endswith("/embeddings"):
            return await self._json(writer, {"object": "list", "model": model, "data": [
                {"object": "embedding", "index": 0, "embedding": "AAAAPwAAoL8="}],
                "usage": {"prompt_tokens": 1, "total_tokens": 1}})
        make = getattr(self, f"_{dialect}_{'stream' if self._streams(dialect, req.body) else 'whole'}")
        await make(writer, req.body, model)

    @staticmethod
    def _streams(dialect, body):
        return body.get("stream", dialect == "ollama")

    @staticmethod
    def _error(dialect, status):
        if dialect == "anthropic":
            return {"type": "error", "error": {"type": "overloaded_error", "message": f"stub {status}"}}
        if dialect == "ollama":
            return {"error": f"stub {status}"}
        return {"error": {"message": f"stub {status}", "type": "server_error", "param": None, "code": None}}

    @staticmethod
    async def _json(writer, value, status=200):
        raw = json.dumps(value).encode()
        writer.write(f"HTTP/1.1 {status} {REASONS.get(status, 'Other')}\r\ncontent-type: application/json\r\n"
                     f"content-length: {len(raw)}\r\n\r\n".encode() + raw)
        await writer.drain()

    async def _events(self, writer, events, model, kind="text/event-stream"):
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        self.open += 1
        try:
            for i, event in enumerate(events):
                if model == "cut" and i == 3:
                    await writer.drain()
                    writer.transport.abort()
                    raise ConnectionError
                raw = event.encode()
                writer.write(b"%x\r\n%s\r\n" % (len(raw), raw))
                await writer.drain()
                if model == "slow":
                    await asyncio.sleep(0.1)
                if writer.transport.is_closing():
                    raise ConnectionError
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        except ConnectionError:
            self.cancelled += 1
            raise
        finally:
            self.open -= 1

    def _reply(self, body, model):
        """(text, tool name or None, tool arguments)"""
        if model == "fixed":
            return "ok", None, None
        text = last_text(body)
        if model == "code":
            return self._code(body, text)
        if model == "json":
            return json.dumps({"echo": text}, ensure_ascii=False), None, None
        if model == "tool" and body.get("tools") and not has_result(body):
            tool = body["tools"][0]
            return None, tool.get("name") or tool["function"]["name"], {"text": text}
        return text, None, None

    @staticmethod
    def _code(body, text):
        if not any(t.get("name") == "Read" for t in body.get("tools", [])):
            return "ok", None, None
        if has_result(body):
            return "It says: " + text, None, None
        path = re.findall(r"/[\w./-]+/note\.txt", json.dumps(body["messages"]))
        return None, "Read", {"file_path": path[-1]}

    async def _openai_whole(self, writer, body, model):
        text, tool, args = self._reply(body, model)
        message = {"role": "assistant", "content": text, "refusal": None}
        if tool:
            message["tool_calls"] = [{"id": "call_1", "type": "function",
                                      "function": {"name": tool, "arguments": json.dumps(args)}}]
        choice = {"index": 0, "finish_reason": "tool_calls" if tool else "stop", "logprobs": None, "message": message}
        if "prompt" in body:
            choice = {"index": 0, "finish_reason": "stop", "logprobs": None, "text": text}
        await self._json(writer, {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model,
                                  "choices": [choice], "usage": {"prompt_tokens": 10, "completion_tokens": 5,
                                                                 "total_tokens": 15}})

    async def _openai_stream(self, writer, body, model):
        text, tool, args = self._reply(body, model)

        def chunk(delta, finish=None, **extra):
            return "data: " + json.dumps({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": model,
                                          "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
                                          **extra}) + "\n\n"
        events = [chunk({"role": "assistant", "content": "" if not tool else None})]
        if tool:
            raw = json.dumps(args)
            events.append(chunk({"tool_calls": [{"index": 0, "id": "call_1", "type": "function",
                                                 "function": {"name": tool, "arguments": ""}}]}))
            events += [chunk({"tool_calls": [{"index": 0, "function": {"arguments": p}}]})
                       for p in pieces_of(raw, model)]
        else:
            events += [chunk({"content": p}) for p in pieces_of(text, model)]
        events.append(chunk({}, "tool_calls" if tool else "stop"))
        if (body.get("stream_options") or {}).get("include_usage"):
            events.append("data: " + json.dumps({"id": "c1", "object": "chat.completion.chunk", "created": 1,
                                                 "model": model, "choices": [],
                                                 "usage": {"prompt_tokens": 10, "completion_tokens": 5,
                                                           "total_tokens": 15}}) + "\n\n")
        events.append("data: [DONE]\n\n")
        await self._events(writer, events, model)

    async def _anthropic_whole(self, writer, body, model):
        text, tool, args = self._reply(body, model)
        content = [{"type": "tool_use", "id": "toolu_1", "name": tool, "input": args}] if tool else \
                  [{"type": "text", "text": text}]
        await self._json(writer, {"id": "msg_1", "type": "message", "role": "assistant", "model": model,
                                  "content": content, "stop_reason": "tool_use" if tool else "end_turn",
                                  "stop_sequence": None, "usage": {"input_tokens": 10, "output_tokens": 5}})

    async def _anthropic_stream(self, writer, body, model):
        text, tool, args = self._reply(body, model)

        def event(kind, **fields):
            return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"
        events = [event("message_start", message={
            "id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [], "stop_reason": None,
            "stop_sequence": None, "usage": {"input_tokens": 10, "output_tokens": 1}})]
        if tool:
            events.append(event("content_block_start", index=0, content_block={
                "type": "tool_use", "id": "toolu_1", "name": tool, "input": {}}))
            events += [event("content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": p})
                       for p in pieces_of(json.dumps(args), model)]
        else:
            events.append(event("content_block_start", index=0, content_block={"type": "text", "text": ""}))
            events.append(event("ping"))
            events += [event("content_block_delta", index=0, delta={"type": "text_delta", "text": p})
                       for p in pieces_of(text, model)]
        events += [event("content_block_stop", index=0),
                   event("message_delta", delta={"stop_reason": "tool_use" if tool else "end_turn",
                                                 "stop_sequence": None}, usage={"output_tokens": 5}),
                   event("message_stop")]
        await self._events(writer, events, model)

    async def _ollama_whole(self, writer, body, model):
        text, tool, args = self._reply(body, model)
        message = {"role": "assistant", "content": text or ""}
        if tool:
            message["tool_calls"] = [{"function": {"name": tool, "arguments": args}}]
        answer = {"response": text} if "prompt" in body else {"message": message}
        await self._json(writer, {"model": model, "created_at": "2026-11-01T10:00:00Z", **answer, "done": True,
                                  "done_reason": "stop", "prompt_eval_count": 10, "eval_count": 5})

    async def _ollama_stream(self, writer, body, model):
        text, tool, args = self._reply(body, model)
        base = {"model": model, "created_at": "2026-11-01T10:00:00Z"}
        events = []
        if tool:
            events.append({**base, "message": {"role": "assistant", "content": "", "tool_calls": [
                {"function": {"name": tool, "arguments": args}}]}, "done": False})
        elif "prompt" in body:
            events += [{**base, "response": p, "done": False} for p in pieces_of(text, model)]
        else:
            events += [{**base, "message": {"role": "assistant", "content": p}, "done": False}
                       for p in pieces_of(text, model)]
        last = {"response": ""} if "prompt" in body else {"message": {"role": "assistant", "content": ""}}
        events.append({**base, **last, "done": True, "done_reason": "stop", "prompt_eval_count": 10, "eval_count": 5})
        await self._events(writer, [json.dumps(e) + "\n" for e in events], model, "application/x-ndjson")


if __name__ == "__main__":
    stub = Stub(int(sys.argv[1]) if len(sys.argv) > 1 else 0).start()
    print(stub.port, flush=True)
    threading.Event().wait()
