/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings: from raw to decoded text with a way back to raw offsets, and from text to raw. The
 * masker decodes each string it walks; frequent: no escape at all, or line feeds in code.
 */
#include "json_int.h"
#include "num.h"
#include "utf8.h"

size_t json_escapes(struct span raw)
{
    size_t n = 0;
    for (size_t at = span_find(raw, 0, '\\'); at < raw.n; at = span_find(raw, at, '\\')) {
        n++;
        at = raw.n - at < 2 ? raw.n : at + 2;
    }
    return n;
}

static struct err map_add(struct json_map *m, struct json_escape_at one)
{
    if (!m)
        return OK;
    if (m->n == m->cap)
        return err(ERR_LIMIT);
    m->v[m->n++] = one;
    return OK;
}

/* Half a surrogate pair, as its escape says it, in the bytes that JSON_LONE_KEEP gives it. */
static size_t put_lone(const uint8_t *escape, enum json_lone lone, uint8_t out[4])
{
    uint64_t half;
    if (lone != JSON_LONE_KEEP || failed(num_hex(span(escape + 2, 4), &half)))
        return utf8_put(0xfffd, out);
    out[0] = 0xed;
    out[1] = (uint8_t)(0x80 | (half >> 6 & 0x3f));
    out[2] = (uint8_t)(0x80 | (half & 0x3f));
    return 3;
}

/* The escape at *at, which moves behind it; `base`: where the text begins in `out`. */
static struct err put_escape(struct span raw, size_t *at, enum json_lone lone, struct wr *out,
                             size_t base, struct json_map *map)
{
    uint32_t cp = raw.n - *at > 1 ? json_short_escape[raw.p[*at + 1]] : 0;
    if (cp) { /* by far the most */
        TRY(map_add(map, (struct json_escape_at){(uint32_t)*at, (uint32_t)(out->n - base), 2, 1}));
        wr_u8(out, (uint8_t)cp);
        *at += 2;
        return OK;
    }
    size_t step = json_escape_step(raw, *at, &cp);
    if (step == 0 || (cp == ESCAPE_LONE && lone == JSON_LONE_REFUSE))
        return err(ERR_INPUT);
    uint8_t bytes[4];
    size_t n = cp == ESCAPE_LONE ? put_lone(raw.p + *at, lone, bytes) : utf8_put(cp, bytes);
    TRY(map_add(map, (struct json_escape_at){(uint32_t)*at, (uint32_t)(out->n - base),
                                             (uint8_t)step, (uint8_t)n}));
    wr_put(out, span(bytes, n));
    *at += step;
    return OK;
}

struct err json_unescape(struct span raw, enum json_lone lone, struct wr *out, struct json_map *map)
{
    size_t base = out->n;
    if (map)
        map->n = 0;
    for (size_t at = 0;;) {
        size_t room = out->full ? 0 : out->cap - out->n;
        size_t n = room ? json_copy_raw(span_cut(raw, at, room), out->p + out->n) : 0;
        out->n += n;
        at += n;
        out->full |= at < raw.n && raw.p[at] != '\\';
        if (at == raw.n || out->full)
            return wr_done(out);
        TRY(put_escape(raw, &at, lone, out, base, map));
    }
}

struct err json_unescape_buf(struct span raw, enum json_lone lone, struct buf *out)
{
    TRY(buf_reserve(out, raw.n));
    struct wr w = wr_of(out->p + out->n, raw.n);
    TRY(json_unescape(raw, lone, &w, NULL));
    out->n += w.n;
    return OK;
}

/* The last escape that starts at or before `text`, or NULL. */
static const struct json_escape_at *map_find(const struct json_map *m, size_t text)
{
    size_t lo = 0, hi = m->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (m->v[mid].text <= text)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo ? &m->v[lo - 1] : NULL;
}

static size_t map_offset(const struct json_map *m, size_t text, bool up)
{
    const struct json_escape_at *e = map_find(m, text);
    if (!e)
        return text;
    size_t into = text - e->text;
    if (into >= e->text_n)
        return (size_t)e->raw + e->raw_n + (into - e->text_n);
    return into && up ? (size_t)e->raw + e->raw_n : e->raw;
}

size_t json_map_start(const struct json_map *m, size_t text)
{
    return map_offset(m, text, false);
}

size_t json_map_end(const struct json_map *m, size_t text)
{
    return map_offset(m, text, true);
}

/* How one code point is written inside a string; the number of bytes. */
static size_t escape_one(uint32_t cp, uint8_t out[6])
{
    static const char letters[] = "btn?fr"; /* 8..13 */
    if (cp >= 0x20 && cp != '"' && cp != '\\')
        return utf8_put(cp, out);
    out[0] = '\\';
    bool letter = cp >= 8 && cp <= 13 && cp != 11;
    if (cp >= 0x20 || letter) {
        out[1] = letter ? (uint8_t)letters[cp - 8] : (uint8_t)cp;
        return 2;
    }
    memcpy(out + 1, "u00", 3);
    out[4] = (uint8_t)('0' + (cp >> 4));
    out[5] = (uint8_t) "0123456789abcdef"[cp & 15];
    return 6;
}

/* One escape sequence, escaped again: only quotes and backslashes in it change. */
static struct err put_again(const uint8_t *p, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '"' || p[i] == '\\')
            TRY(buf_put_u8(out, '\\'));
        TRY(buf_put_u8(out, p[i]));
    }
    return OK;
}

static struct err escape(struct span text, bool twice, struct buf *out)
{
    for (size_t at = 0; at < text.n;) {
        size_t left = text.n - at, n;
        TRY(buf_reserve(out, left)); /* no byte is written as less than one */
        at += json_copy_kept(span_from(text, at), out->p + out->n, twice ? left : out->cap - out->n,
                             &n);
        out->n += n;
        if (at == text.n)
            break;
        uint32_t cp;
        uint8_t bytes[6];
        at += utf8_next(text, at, &cp);
        n = escape_one(cp, bytes);
        TRY(twice ? put_again(bytes, n, out) : buf_put(out, span(bytes, n)));
    }
    return OK;
}

struct err json_escape(struct span text, struct buf *out)
{
    return escape(text, false, out);
}

/* Half of a pair as JSON_LONE_KEEP wrote it. */
static bool is_half(struct span text, size_t at)
{
    return text.n - at >= 3 && text.p[at] == 0xed && text.p[at + 1] >= 0xa0;
}

/* The next one at or after `at`; text.n: there is none. */
static size_t find_half(struct span text, size_t at)
{
    at = span_find(text, at, 0xed);
    while (at < text.n && !is_half(text, at))
        at = span_find(text, at + 1, 0xed);
    return at;
}

struct err json_escape_kept(struct span text, struct buf *out)
{
    for (size_t at = 0;;) {
        size_t end = find_half(text, at);
        TRY(json_escape(span_cut(text, at, end - at), out));
        if (end == text.n)
            return OK;
        unsigned half = 0xd000U | (text.p[end + 1] & 0x3fU) << 6 | (text.p[end + 2] & 0x3fU);
        TRY(buf_printf(out, "\\u%04x", half));
        at = end + 3;
    }
}

size_t json_kept_next(struct span text, size_t at)
{
    uint32_t cp;
    return is_half(text, at) ? 3 : utf8_next(text, at, &cp);
}

size_t json_kept_count(struct span text)
{
    size_t n = utf8_count(text);
    for (size_t at = find_half(text, 0); at < text.n; at = find_half(text, at + 3))
        n -= 2; /* three bytes that are no UTF-8 count three */
    return n;
}

struct err json_escape_twice(struct span text, struct buf *out)
{
    return escape(text, true, out);
}

bool json_text_is(const struct json *j, const struct json_token *t, struct span text)
{
    struct span raw = json_inner(j, t);
    if (!t->escaped)
        return span_eq(raw, text);
    size_t have = 0;
    for (size_t at = 0; at < raw.n;) {
        uint8_t bytes[4] = {raw.p[at]};
        size_t step = 1, n = 1;
        if (raw.p[at] == '\\') {
            uint32_t cp;
            step = json_escape_step(raw, at, &cp);
            if (step == 0 || cp == ESCAPE_LONE)
                return false;
            n = utf8_put(cp, bytes);
        }
        if (!span_eq(span_cut(text, have, n), span(bytes, n)))
            return false;
        at += step;
        have += n;
    }
    return have == text.n;
}
