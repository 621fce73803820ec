/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths, headers and query parameters: what a dialect knows. Asked once a request; short tables,
 * read from the top.
 */
#include "llm.h"

#include "num.h"

static const struct llm_surface_info table[LLM_SURFACES] = {
    [LLM_NONE] = {"unknown", "", "", LLM_OPENAI, LLM_WHOLE, false, false},
#define SURFACE(id, name, method, path, dialect, framing, streams, text)                           \
    [LLM_##id] = {name, method, path, dialect, framing, streams, text},
#include "llm_surfaces.def"
#undef SURFACE
};

const struct llm_surface_info *llm_info(enum llm_surface s)
{
    return &table[(size_t)s < LLM_SURFACES ? s : LLM_NONE];
}

/* The next byte of a path, its percent spelling read. */
static uint8_t path_byte(struct span path, size_t *at)
{
    bool escape = path.p[*at] == '%' && path.n - *at > 2;
    uint8_t c =
        escape ? (uint8_t)(num_hex_digit(path.p[*at + 1]) << 4 | num_hex_digit(path.p[*at + 2]))
               : path.p[*at];
    *at += escape ? 3 : 1;
    return c;
}

/* What stands for the last "*" of a pattern: a model's name, slashes in it as providers have them,
 * but nothing that could leave its place in a path. */
static bool is_model(struct span path, size_t at)
{
    uint8_t before = '/';
    while (at < path.n) {
        uint8_t c = path_byte(path, &at), l = ascii_lower(c);
        bool edge = c == '/' || c == '.'; /* no empty segment, "." or ".." */
        if ((l < 'a' || l > 'z') && (c < '0' || c > '9') && !strchr("-_:~@+/.", c))
            return false;
        if (c == 0 || (edge && (before == '/' || before == '.')))
            return false;
        before = c;
    }
    return before != '/';
}

static bool path_matches(const char *pattern, struct span path)
{
    struct span p = span_str(pattern);
    if (p.n == 0 || p.p[p.n - 1] != '*')
        return span_eq(p, path);
    return span_starts(path, span_cut(p, 0, p.n - 1)) && is_model(path, p.n - 1);
}

struct err llm_path_model(enum llm_surface s, struct span path, struct buf *out)
{
    size_t at = strlen(llm_info(s)->path) - 1;
    while (at < path.n)
        TRY(buf_put_u8(out, path_byte(path, &at)));
    return OK;
}

enum llm_surface llm_route(struct span method, struct span target, bool *known)
{
    struct span path = span_cut(target, 0, span_find(target, 0, '?'));
    bool seen = false;
    for (size_t s = 1; s < LLM_SURFACES; s++) {
        if (!path_matches(table[s].path, path))
            continue;
        seen = true;
        if (span_is(method, table[s].method)) {
            if (known)
                *known = true;
            return (enum llm_surface)s;
        }
    }
    if (known)
        *known = seen;
    return LLM_NONE;
}

enum llm_dialect llm_caller_dialect(enum llm_surface s, struct span target, bool anthropic_version)
{
    if (s == LLM_MODELS || s == LLM_MODEL)
        return anthropic_version ? LLM_ANTHROPIC : LLM_OPENAI;
    if (s != LLM_NONE)
        return llm_info(s)->dialect;
    if (anthropic_version || span_starts(target, SPAN_LIT("/v1/messages")))
        return LLM_ANTHROPIC;
    return span_starts(target, SPAN_LIT("/api/")) ? LLM_OLLAMA : LLM_OPENAI;
}

/* ---- names, in lower case; a list ends with NULL ---- */

/* No content-type: what goes up is always JSON, and says so itself. */
static const char *const up_common[] = {"accept", NULL};
static const char *const up[LLM_DIALECTS][8] = {
    [LLM_OPENAI] = {"openai-beta", "openai-organization", "openai-project", "idempotency-key",
                    "x-openrouter-title", "http-referer", NULL},
    [LLM_ANTHROPIC] = {"anthropic-version", "anthropic-beta", NULL},
    [LLM_OLLAMA] = {NULL},
};
static const char *const down_common[] = {"content-type",   "retry-after",   "retry-after-ms",
                                          "x-should-retry", "cache-control", NULL};
static const char *const down[LLM_DIALECTS][8] = {
    [LLM_OPENAI] = {"openai-version", "openai-processing-ms", "openai-model", "x-generation-id",
                    NULL},
    [LLM_ANTHROPIC] = {"request-id", NULL},
    [LLM_OLLAMA] = {NULL},
};
/* Families of response headers: everything that begins so. */
static const char *const down_prefix[LLM_DIALECTS][2] = {
    [LLM_OPENAI] = {"x-ratelimit-", NULL},
    [LLM_ANTHROPIC] = {"anthropic-ratelimit-", NULL},
    [LLM_OLLAMA] = {NULL},
};

static bool listed(const char *const *list, struct span name)
{
    for (; *list; list++)
        if (span_is_nocase(name, *list))
            return true;
    return false;
}

bool llm_header_up(enum llm_dialect d, struct span name)
{
    return (size_t)d < LLM_DIALECTS && (listed(up_common, name) || listed(up[d], name));
}

bool llm_header_down(enum llm_dialect d, struct span name)
{
    if ((size_t)d >= LLM_DIALECTS)
        return false;
    for (const char *const *p = down_prefix[d]; *p; p++)
        if (span_eq_nocase(span_cut(name, 0, strlen(*p)), span_str(*p)))
            return true;
    return listed(down_common, name) || listed(down[d], name);
}

bool llm_query_up(enum llm_surface s, struct span name)
{
    static const char *const anthropic[] = {"beta", NULL};
    static const char *const lists[] = {"limit", "after_id", "before_id", NULL};
    if (s == LLM_MESSAGES || s == LLM_COUNT_TOKENS)
        return listed(anthropic, name);
    return s == LLM_MODELS && listed(lists, name);
}
