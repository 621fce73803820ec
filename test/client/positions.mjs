// SPDX-License-Identifier: Apache-2.0
// Every position of a request where the published type files allow free text, one JSON body a line with
// the canary planted there and nowhere else:  {"path": "...", "where": "messages[0].content", "body": {...}}
// The positions come from the packages' own .d.ts files, read by the TypeScript compiler, not from our tables.
import { createRequire } from "node:module";

const clients = process.env.CLIENTS;
const ts = createRequire(clients + "/")("typescript");
const CANARY = process.argv[2];
const DEPTH = 12, EACH = 3; // nesting followed; times one type may recur on a path

const roots = [
  ["/v1/chat/completions", "openai/resources/chat/completions/completions.d.ts", "ChatCompletionCreateParamsNonStreaming"],
  ["/v1/completions", "openai/resources/completions.d.ts", "CompletionCreateParamsNonStreaming"],
  ["/v1/embeddings", "openai/resources/embeddings.d.ts", "EmbeddingCreateParams"],
  ["/v1/responses", "openai/resources/responses/responses.d.ts", "ResponseCreateParamsNonStreaming"],
  ["/v1/messages", "@anthropic-ai/sdk/resources/messages/messages.d.ts", "MessageCreateParamsNonStreaming"],
  ["/v1/messages/count_tokens", "@anthropic-ai/sdk/resources/messages/messages.d.ts", "MessageCountTokensParams"],
];

const files = roots.map(([, file]) => `${clients}/node_modules/${file}`);
const program = ts.createProgram(files, { strict: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, types: [] });
const checker = program.getTypeChecker();
const F = ts.TypeFlags;

const element = (t) => checker.getIndexTypeOfType(t, ts.IndexKind.Number);
const isList = (t) => checker.isArrayType(t) || checker.isTupleType(t) ||
  ["Iterable", "ReadonlyArray", "Array"].includes(t.symbol?.name);
const listOf = (t) => element(t) ?? checker.getTypeArguments(t)[0];
const parts = (t) => (t.isUnion() ? t.types : [t]).filter((p) => !(p.flags & (F.Undefined | F.Null | F.Void)));
const propType = (p) => checker.getTypeOfSymbol(p);
const optional = (p) => Boolean(p.flags & ts.SymbolFlags.Optional);
const props = (t) => checker.getPropertiesOfType(t);

// The smallest value of a type; undefined where none can be made.
function least(t, depth = 0) {
  const p = parts(t)[0];
  if (!p || depth > DEPTH) return null;
  if (p.flags & (F.StringLiteral | F.NumberLiteral)) return p.value;
  if (p.flags & F.BooleanLike) return true;
  if (p.flags & F.NumberLike) return 1;
  if (p.flags & F.StringLike) return "x";
  if (isList(p)) return [];
  if (p.flags & F.Object || p.isIntersection())
    return Object.fromEntries(props(p).filter((q) => !optional(q)).map((q) => [q.name, least(propType(q), depth + 1)]));
  return "x";
}

// [where, value] for every free-text leaf of the type.
function* planted(t, where, seen) {
  if (seen.length > DEPTH) return;
  for (const p of parts(t)) {
    if (p.flags & (F.Literal | F.NumberLike | F.BooleanLike | F.EnumLike)) continue;
    if (p.flags & F.StringLike) { yield [where, CANARY]; continue; }
    if (p.flags & (F.Unknown | F.Any)) { yield [where, { note: ["free", CANARY] }]; continue; }
    if (p.isIntersection() && props(p).length === 0) { yield [where, CANARY]; continue; } // string & {}
    if (seen.filter((s) => s === p).length >= EACH) continue;
    const next = [...seen, p];
    if (isList(p)) {
      for (const [w, v] of planted(listOf(p), where + "[]", next)) yield [w, [v]];
      continue;
    }
    const any = checker.getIndexTypeOfType(p, ts.IndexKind.String);
    if (any) for (const [w, v] of planted(any, where + ".*", next)) yield [w, { key: v }];
    for (const q of props(p))
      for (const [w, v] of planted(propType(q), `${where}.${q.name}`, next))
        yield [w, { ...least(p), [q.name]: v }];
  }
}

for (const [path, file, name] of roots) {
  const source = program.getSourceFile(`${clients}/node_modules/${file}`);
  const symbol = checker.getExportsOfModule(checker.getSymbolAtLocation(source)).find((s) => s.name === name);
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  const seen = new Set();
  for (const [where, body] of planted(type, "", [])) {
    const line = JSON.stringify({ path, where: where.slice(1), body });
    if (where === ".model" || seen.has(line)) continue;
    seen.add(line);
    console.log(line);
  }
}
