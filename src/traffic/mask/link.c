/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of links, one after the other. Most texts hold no link and cost one search. */
#include "link_int.h"

#include "label_int.h"
#include "num.h"

#include <string.h>

static bool ends_link(uint8_t c)
{
    return c <= ' ' || memchr("\"<>'`\\)]}", c, 9);
}

/* The next "://" at or after `at`; text.n when there is none. */
static size_t next_scheme(struct span text, size_t at)
{
    while ((at = span_find(text, at, ':')) < text.n &&
           !span_starts(span_from(text, at), SPAN_LIT("://")))
        at++;
    return at;
}

/* The next link that has a query: k->at is where that begins. */
static bool next_link(struct span text, struct link_walk *k)
{
    for (;;) {
        size_t at = next_scheme(text, k->end);
        if (at >= text.n)
            return false;
        k->at = 0;
        for (k->end = at + 3; k->end < text.n && !ends_link(text.p[k->end]); k->end++)
            if (text.p[k->end] == '?' && !k->at)
                k->at = k->end + 1;
        if (k->at)
            return true;
    }
}

static bool is_escape(struct span t, size_t at, size_t end)
{
    return end - at >= 3 && t.p[at] == '%' && num_hex_digit(t.p[at + 1]) < 16 &&
           num_hex_digit(t.p[at + 2]) < 16;
}

static void decode(struct span t, size_t at, size_t end, struct link_value *v)
{
    v->n = 0;
    while (at < end && v->n < LINK_VALUE_MAX) {
        uint8_t c = t.p[at] == '+' ? ' ' : t.p[at];
        size_t n = 1;
        if (is_escape(t, at, end)) {
            c = (uint8_t)(num_hex_digit(t.p[at + 1]) << 4 | num_hex_digit(t.p[at + 2]));
            n = 3;
        }
        v->raw[v->n] = (uint32_t)at;
        v->text[v->n++] = c;
        at += n;
    }
    v->raw[v->n] = (uint32_t)at;
    while (v->n && v->raw[v->n] < end && (t.p[v->raw[v->n]] & 0xc0) == 0x80)
        v->n--; /* cut before a character, not inside */
}

static bool is_name_field(struct span key)
{
    static const char word[] = "name";
    for (size_t i = 0; i + 4 <= key.n; i++)
        if (span_eq_nocase(span_cut(key, i, 4), span_str(word)))
            return true;
    return false;
}

bool link_next(struct span text, struct link_walk *k, struct link_value *out)
{
    for (;;) {
        if (k->at >= k->end && !next_link(text, k))
            return false;
        struct span link = span_cut(text, 0, k->end);
        size_t end = span_find(link, k->at, '&');
        size_t value = span_find(span_cut(text, 0, end), k->at, '=');
        out->key = span_cut(text, k->at, value - k->at);
        k->at = end + 1;
        if (value == end)
            continue;
        decode(text, value + 1, end, out);
        if (label_has_two_words(span(out->text, out->n)) || (out->n && is_name_field(out->key)))
            return true;
    }
}

void link_back(const struct link_value *v, struct finding *f)
{
    f->start = v->raw[f->start];
    f->end = v->raw[f->end];
}
