// SPDX-License-Identifier: Apache-2.0
// The published OpenAI, Anthropic and Ollama clients for Node, unmodified. One case a run: the name on
// the command line; SANCTUM_URL and SANCTUM_KEY say where. Exits non-zero with the reason.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const require = createRequire(process.env.CLIENTS + "/");
const { default: OpenAI } = require("openai");
const { default: Anthropic } = require("@anthropic-ai/sdk");
const { Ollama } = require("ollama");

const url = process.env.SANCTUM_URL, key = process.env.SANCTUM_KEY;
const TEXT = "Please write to Anna Kowalska, anna.kowalska@example.com, phone +1 415 555 2671, about invoice 4711.";
const user = (content) => [{ role: "user", content }];
const openai = new OpenAI({ baseURL: url + "/v1", apiKey: key, maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
const ollama = new Ollama({ host: url, headers: { Authorization: "Bearer " + key } });
const chatTool = { type: "function", function: { name: "note", parameters: { type: "object", properties: { text: { type: "string" } } } } };
const claudeTool = { name: "note", input_schema: { type: "object", properties: { text: { type: "string" } } } };
const claude = (model, more = {}) => ({ model: "claude/" + model, max_tokens: 500, messages: user(TEXT), ...more });

const cases = {
  async openai_plain() {
    const r = await openai.chat.completions.create({ model: "say", messages: user(TEXT) });
    assert.equal(r.choices[0].message.content, TEXT);
  },
  async openai_stream() {
    let text = "";
    for await (const c of await openai.chat.completions.create({ model: "chars", messages: user(TEXT), stream: true }))
      text += c.choices[0]?.delta?.content ?? "";
    assert.equal(text, TEXT);
  },
  async openai_stream_helper() {
    const stream = openai.chat.completions.stream({ model: "chars", messages: user(TEXT) });
    let done = null;
    stream.on("content.done", (e) => { done = e.content; });
    assert.equal(await stream.finalContent(), TEXT);
    assert.equal(done, TEXT);
  },
  async openai_tools() {
    const seen = [];
    const runner = openai.chat.completions.runTools({
      model: "tool", messages: user(TEXT), stream: true,
      tools: [{ type: "function", function: { name: "note", parameters: chatTool.function.parameters, parse: JSON.parse,
        function: (args) => { seen.push(args); return "kept: " + args.text; } } }],
    });
    assert.equal(await runner.finalContent(), "kept: " + TEXT);
    assert.deepEqual(seen, [{ text: TEXT }]);
  },
  async openai_structured() {
    const r = await openai.chat.completions.parse({ model: "json", messages: user(TEXT), response_format: {
      type: "json_schema", json_schema: { name: "echo", schema: { type: "object", properties: { echo: { type: "string" } } } } } });
    assert.equal(r.choices[0].message.parsed.echo, TEXT);
  },
  async openai_errors() {
    await assert.rejects(openai.chat.completions.create({ model: "status-429", messages: user(TEXT) }), OpenAI.RateLimitError);
    await assert.rejects(new OpenAI({ baseURL: url + "/v1", apiKey: "sk-no", maxRetries: 0 }).models.list(), OpenAI.AuthenticationError);
    await assert.rejects(async () => {
      for await (const _ of await openai.chat.completions.create({ model: "cut", messages: user(TEXT), stream: true }));
    }, OpenAI.APIError);
  },
  async openai_retries() {
    const r = await openai.chat.completions.create({ model: "flaky-500", messages: user(TEXT) }, { maxRetries: 2 });
    assert.equal(r.choices[0].message.content, TEXT);
  },
  async openai_embeddings() {
    const r = await openai.embeddings.create({ model: "emb", input: TEXT });
    assert.deepEqual(Array.from(r.data[0].embedding), [0.5, -1.25]);
  },
  async openai_many() {
    const texts = Array.from({ length: 200 }, (_, i) => `I am Nora Petersen${i}, nora${i}@example.com`);
    const answers = await Promise.all(texts.map((t) => openai.chat.completions.create({ model: "say", messages: user(t) })));
    answers.forEach((a, i) => assert.equal(a.choices[0].message.content, texts[i]));
  },
  async anthropic_plain() {
    assert.equal((await anthropic.messages.create(claude("say"))).content[0].text, TEXT);
  },
  async anthropic_stream_helper() {
    const stream = anthropic.messages.stream(claude("chars"));
    const blocks = [];
    stream.on("contentBlock", (b) => blocks.push(b));
    assert.equal((await stream.finalMessage()).content[0].text, TEXT);
    assert.deepEqual(blocks.map((b) => b.text), [TEXT]);
  },
  async anthropic_tools() {
    const call = (await anthropic.messages.stream(claude("tool", { tools: [claudeTool] })).finalMessage()).content[0];
    assert.deepEqual(call.input, { text: TEXT });
    const r = await anthropic.messages.create(claude("tool", { tools: [claudeTool], messages: [...user(TEXT),
      { role: "assistant", content: [call] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "kept: " + TEXT }] }] }));
    assert.equal(r.content[0].text, "kept: " + TEXT);
  },
  async anthropic_errors() {
    await assert.rejects(anthropic.messages.create(claude("status-429")), Anthropic.RateLimitError);
    await assert.rejects(anthropic.messages.stream(claude("cut")).finalMessage());
  },
  async anthropic_count() {
    assert.ok((await anthropic.messages.countTokens({ model: "claude/say", messages: user(TEXT) })).input_tokens > 0);
  },
  async anthropic_many() {
    const texts = Array.from({ length: 200 }, (_, i) => `I am Nora Petersen${i}, nora${i}@example.com`);
    const answers = await Promise.all(texts.map((t) => anthropic.messages.create(claude("say", { messages: user(t) }))));
    answers.forEach((a, i) => assert.equal(a.content[0].text, texts[i]));
  },
  async ollama_chat() {
    assert.equal((await ollama.chat({ model: "local/say", messages: user(TEXT) })).message.content, TEXT);
    let text = "";
    for await (const part of await ollama.chat({ model: "local/chars", messages: user(TEXT), stream: true }))
      text += part.message.content;
    assert.equal(text, TEXT);
  },
  async ollama_tools() {
    const r = await ollama.chat({ model: "local/tool", messages: user(TEXT), tools: [chatTool] });
    assert.deepEqual(r.message.tool_calls[0].function.arguments, { text: TEXT });
  },
  async ollama_generate() {
    assert.equal((await ollama.generate({ model: "local/say", prompt: TEXT })).response, TEXT);
  },
};

const name = process.argv[2];
if (name === "--list") console.log(Object.keys(cases).join("\n"));
else await cases[name]();
