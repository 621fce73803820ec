/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the member before a value says its kind is: {"id_type": "passport", "id_number":
 * "X1234567"}, "document_type: passport" in the line above; or the one behind it. Asked where the
 * value's own key says no more than that it is a number.
 */
#include "cue_int.h"

enum { KEY_MOST = 32, TYPE_MOST = 40 };

static bool in_key(uint8_t c)
{
    return is(c, C_WORD) || c == '-' || c == '_';
}

/* Where the key before the ':' at `colon` begins, with its quote; `colon` where there is none. */
static size_t key_start(struct span t, size_t colon)
{
    bool quoted = prev(t, colon) == '"';
    size_t at = colon - quoted;
    while (at && colon - at < KEY_MOST && in_key(t.p[at - 1]))
        at--;
    if (at == colon - quoted || (quoted && prev(t, at) != '"'))
        return colon;
    return at - quoted;
}

/* Does the key [at, end) end with a word for a kind? "part" and "start" do not. */
static bool key_is_type(struct span t, size_t at, size_t end)
{
    static const char *const types[] = {"type", "kind", "typ", "tipo", "art"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t n = strlen(types[i]);
        if (end < at + n) /* none stands there */
            continue;
        bool apart = !i || end - at == n || !is(t.p[end - n - 1], C_LETTER) ||
                     is(t.p[end - n], C_UPPER); /* "doctype" */
        if (apart && span_eq_nocase(span_cut(t, end - n, n), span_str(types[i])))
            return true;
    }
    return false;
}

/* The end of the member or line before `at`, where the next key begins; 0 when none is. */
static size_t member_end(struct span t, size_t at)
{
    enum { BLANKS_MOST = 16 };
    bool line = false;
    size_t from = at;
    while (at && from - at < BLANKS_MOST &&
           (t.p[at - 1] == ' ' || t.p[at - 1] == '\n' || t.p[at - 1] == '\r')) {
        line |= t.p[at - 1] == '\n';
        at--;
    }
    if (at && t.p[at - 1] == ',')
        return at - 1;
    return line ? at : 0;
}

/* Past the quoted string at `at`; `at` when none begins there. */
static size_t string_end(struct span t, size_t at)
{
    size_t end = at + 1;
    while (end - at < TYPE_MOST && end < t.n && t.p[end] != '"')
        end++;
    return peek(t, at) == '"' && peek(t, end) == '"' ? end + 1 : at;
}

/* {"number": "X1234567", "type": "passport"}: the same of the member behind a quoted value. */
static struct span type_behind(struct span t, size_t quote)
{
    size_t at = string_end(t, quote), key, end;
    if (at == quote || peek(t, at) != ',')
        return SPAN_NONE;
    at++;
    while (at - quote < KEY_MOST + TYPE_MOST && (peek(t, at) == ' ' || peek(t, at) == '\n'))
        at++;
    key = at;
    end = string_end(t, at);
    at = end + (peek(t, end) == ':');
    at += peek(t, at) == ' ';
    size_t type = string_end(t, at);
    return end > key && at > end && type > at + 2 && key_is_type(t, key, end - 1)
               ? span_cut(t, at + 1, type - at - 2)
               : SPAN_NONE;
}

/* The same of the member or line that ends before the key at `key`. */
static struct span type_before(struct span t, size_t key)
{
    size_t end = member_end(t, key), at;
    bool quoted = prev(t, end) == '"';
    end -= quoted;
    for (at = end; at && end - at < TYPE_MOST && (in_key(t.p[at - 1]) || t.p[at - 1] == ' '); at--)
        ;
    if (at == end || (quoted && prev(t, at) != '"'))
        return SPAN_NONE;
    size_t type = at, colon = at - quoted;
    colon -= prev(t, colon) == ' ';
    if (prev(t, colon) != ':')
        return SPAN_NONE;
    key = key_start(t, colon - 1);
    return key_is_type(t, key, colon - 1 - (prev(t, colon - 1) == '"'))
               ? span_cut(t, type, end - type)
               : SPAN_NONE;
}

struct span cue_member_type(struct span t, size_t start)
{
    bool quoted = prev(t, start) == '"';
    size_t at = start - quoted;
    at -= prev(t, at) == ' ';
    if (prev(t, at) != ':')
        return SPAN_NONE;
    size_t key = key_start(t, at - 1);
    if (key == at - 1)
        return SPAN_NONE;
    struct span type = type_before(t, key);
    return type.n || !quoted ? type : type_behind(t, start - 1);
}
