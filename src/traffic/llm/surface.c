/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths, headers and query parameters: what a dialect knows. Asked once a request; short tables,
 * read from the top.
 */
#include "llm.h"

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

/* A last "*" of the pattern stands for one segment of unreserved characters, '/' not among them:
 * names of models travel in the URL and must not leave their place there. */
static bool path_matches(const char *pattern, struct span path)
{
    struct span p = span_str(pattern);
    if (p.n == 0 || p.p[p.n - 1] != '*')
        return span_eq(p, path);
    if (!span_starts(path, span_cut(p, 0, p.n - 1)) || path.n == p.n - 1)
        return false;
    for (size_t i = p.n - 1; i < path.n; i++) {
        uint8_t c = path.p[i], l = ascii_lower(c);
        bool plain = (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                     c == ':' || c == '~' || (c == '.' && path.p[i - 1] != '.');
        if (!plain)
            return false;
    }
    return true;
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
