/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of base64 and hexadecimal digits that hold text. Called for every text. Frequent: words,
 * none as long as a run; paths, names and digests, which decode to no text and are told by their
 * first bytes.
 */
#include "view_int.h"

#include "b64.h"

enum {
    HEX_MIN = 28,
    SNIFF = 16,    /* characters looked at first */
    LINE_MIN = 60, /* of a run that is broken into lines */
    STARTS = 6,    /* places in a run where the text may begin */
};

static bool in_run(uint8_t c)
{
    uint8_t low = ascii_lower(c);
    return (uint8_t)(low - 'a') < 26 || ascii_is_digit(c) || c == '+' || c == '/' || c == '-' ||
           c == '_';
}

static size_t padding(struct span t, size_t at)
{
    size_t n = 0;
    while (n < 2 && at + n < t.n && t.p[at + n] == '=')
        n++;
    return n;
}

/* The next run at or after `at`, as far as it goes without padding. */
static bool next_extent(struct span t, size_t at, size_t *start, size_t *end)
{
    for (size_t low = at; (at = view_inside_run(t, at)) < t.n;) {
        if (!in_run(t.p[at])) {
            low = ++at;
            continue;
        }
        *start = *end = at;
        while (*start > low && in_run(t.p[*start - 1]))
            --*start;
        while (*end < t.n && in_run(t.p[*end]))
            ++*end;
        if (*end + padding(t, *end) - *start >= VIEW_RUN_MIN)
            return true;
        low = at = *end;
    }
    return false;
}

/* Where the next line of a run begins whose last one is [start, end): behind a line as long as a
 * program makes them, or where a directory's is folded. `end` when it ends here. */
static size_t next_line(struct span t, size_t start, size_t end)
{
    size_t line = end - start, next = end + (byte_at(t, end) == '\r') + 1;
    struct view_escape fold;
    if (byte_at(t, next - 1) != '\n')
        return end;
    if (view_fold_at(t, end, &fold) && fold.names) /* no wrapped number */
        next = end + fold.n;
    else if (line < LINE_MIN || line % 4 != 0)
        return end;
    return in_run(byte_at(t, next)) ? next : end;
}

static size_t next_lines(struct span t, size_t start, size_t end)
{
    for (size_t next; (next = next_line(t, start, end)) > end;)
        for (start = end = next; end < t.n && in_run(t.p[end]);)
            end++;
    return end;
}

/* Characters of a run without its line ends; returns how many, at most `cap`. */
static size_t squeeze(struct span run, uint8_t *out, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < run.n && n < cap; i++)
        if (run.p[i] > ' ')
            out[n++] = run.p[i];
    return n;
}

static bool all_hex(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)(s.p[i] - '0') >= 10 && (uint8_t)(ascii_lower(s.p[i]) - 'a') >= 6)
            return false;
    return true;
}

static size_t decode(struct span in, bool hex, uint8_t *out)
{
    struct wr w = wr_of(out, in.n);
    if (hex) {
        struct err e = hex_decode(&w, span_cut(in, 0, in.n / 2 * 2));
        return failed(e) ? 0 : w.n;
    }
    bool url = span_find(in, 0, '-') < in.n || span_find(in, 0, '_') < in.n;
    if (in.n % 4 == 1)
        in.n--;
    size_t bad;
    if (failed(b64_decode(&w, in, url ? B64_URL_RAW : B64_STD_RAW, &bad)) && in.n % 4 != 0) {
        w = wr_of(out, in.n); /* the last, partial group may have stray bits */
        in.n -= in.n % 4;
        if (failed(b64_decode(&w, in, url ? B64_URL_RAW : B64_STD_RAW, &bad)))
            return 0;
    }
    return w.n;
}

/* The text that this run holds, appended to `out`; *yes: it holds one. */
static struct err read_all(struct span run, bool hex, struct buf *out, bool *yes)
{
    struct buf chars = buf_init(run.n), bytes = buf_init(run.n);
    struct err e = buf_reserve(&chars, run.n);
    if (!failed(e))
        e = buf_reserve(&bytes, run.n);
    if (!failed(e)) {
        chars.n = squeeze(run, chars.p, run.n);
        bytes.n = decode(buf_span(&chars), hex, bytes.p);
        enum view_charset charset = view_charset_of(buf_span(&bytes));
        *yes = bytes.n >= VIEW_RUN_MIN / 2 && charset != VIEW_NO_TEXT;
        if (*yes)
            e = view_to_utf8(buf_span(&bytes), charset, out);
    }
    buf_wipe(&chars);
    buf_wipe(&bytes);
    return e;
}

/* 0x616e6e61…, x616e6e61… behind a backslash, as dumps of databases have it: the length of what is
 * no digit. */
static size_t hex_prefix(struct span run)
{
    size_t zero = byte_at(run, 0) == '0';
    return (byte_at(run, zero) | 0x20) == 'x' ? zero + 1 : 0;
}

/* Does the backslash of \x616e6e61… stand before the run? It begins no escape, then. */
static bool begins_dump(struct span t, size_t start)
{
    return hex_prefix(span_from(t, start)) == 1 && t.p[start - 1] == '\\';
}

/* The same, when the first characters look like it. */
static struct err read_as(struct span run, bool hex, struct buf *out, bool *yes)
{
    uint8_t head[SNIFF], first[SNIFF];
    size_t n = squeeze(run, head, sizeof head), got = decode(span(head, n), hex, first);
    if (got < n / 2 || view_charset_of(span(first, got)) == VIEW_NO_TEXT)
        return OK;
    return read_all(run, hex, out, yes);
}

static struct err read_run(struct span run, struct buf *out, bool *yes)
{
    struct span digits = span_from(run, hex_prefix(run));
    *yes = false;
    if (digits.n >= HEX_MIN && digits.n % 2 == 0 && all_hex(digits))
        TRY(read_as(digits, true, out, yes));
    return *yes ? OK : read_as(run, false, out, yes);
}

struct err view_next_run(struct span t, size_t at, struct view_run *r)
{
    r->found = false;
    buf_clear(r->text);
    for (size_t from = at; next_extent(t, at, &r->start, &r->end);) {
        r->end = next_lines(t, r->start, r->end);
        at = r->end;
        size_t end = r->end + padding(t, r->end);
        /* In a path or a link the text begins behind one of the signs that are digits, too. */
        for (unsigned k = 0; k < STARTS && end - r->start >= VIEW_RUN_MIN; k++) {
            TRY(read_run(span_cut(t, r->start, r->end - r->start), r->text, &r->found));
            if (r->found) {
                r->start -= r->start > from && begins_dump(t, r->start);
                r->end = end;
                return OK;
            }
            do
                ++r->start;
            while (r->start < r->end && !strchr("/-_+", t.p[r->start - 1]));
        }
    }
    return OK;
}
