/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels that look like names: "NIK: 3171...", "| Teudat zehut | 315910760 |",
 * "<imei>35...</imei>". The tagger, which knows no labels, takes some for people. Asked for what it
 * found, which is rare: the words must be in the table, and only then is the value behind them
 * looked for.
 */
#include "scan_int.h"

enum { GAP_MOST = 16, VALUE_MOST = 64, FOUND_MOST = 64, NAME_MOST = 40 };

/* Is there no more than signs, and the name of a member that holds the value, in [at, end)? */
static bool only_signs(struct span t, size_t at, size_t end)
{
    while (at < end) {
        size_t to = at;
        if (span_is(span_cut(t, at, 3), "\uff1a")) { /* a wide colon */
            at += 3;
            continue;
        }
        while (to < end && is(t.p[to], C_WORD | C_HIGH))
            to++;
        if (to > at && !span_is_nocase(span_cut(t, at, to - at), "value"))
            return false;
        at = to + 1;
    }
    return true;
}

/* Does what stands behind `end` look like a value: signs, then a digit or mail address soon? Prose
 * has neither; a comma parts fields, and so does a line's end unless a colon or "value" says it
 * goes on. */
static bool value_may_follow(struct span t, size_t end)
{
    enum { SOON = 24 };
    size_t at = end;
    bool colon = false, line = false;
    for (; at - end < GAP_MOST && at < t.n && !is(t.p[at], C_WORD); at++) {
        colon |= t.p[at] == ':';
        line |= t.p[at] == '\n';
        if (!colon && t.p[at] == ',' && prev(t, at) != '"')
            return false;
    }
    bool value = span_is_nocase(span_cut(t, at, 5), "value");
    if (at == end || (!value && ((line && !colon) ||
                                 (at == end + 1 && t.p[end] == ' ' && is(peek(t, at), C_LOWER)))))
        return false;
    at += value ? 5 : 0;
    for (size_t to = at + SOON; at < to && at < t.n; at++)
        if (is(t.p[at], C_DIGIT) || t.p[at] == '@')
            return true;
    return false;
}

bool scan_is_label(const struct scanner *s, struct span text, size_t start, size_t end)
{
    struct span words = span_cut(text, start, end - start);
    struct findings found = {.max = FOUND_MOST};
    bool label = false;
    if (start > 1 && text.p[start - 1] == '/' && text.p[start - 2] == '<' && peek(text, end) == '>')
        return true; /* an element's end */
    if (words.n > NAME_MOST || !value_may_follow(text, end) || !cue_names(s->cues, words))
        return false; /* most */
    struct span near = span_cut(text, start, end - start + GAP_MOST + VALUE_MOST);
    if (failed(scan_text(s, near, &found)))
        found.n = 0; /* then it stays a name */
    for (size_t i = 0; i < found.n && !label; i++) {
        size_t from = found.v[i].start;
        unsigned kind = found.v[i].entity;
        label = from >= words.n && from <= words.n + GAP_MOST && kind < ENTITY_COUNT &&
                cue_is(s->cues, words, kind) && only_signs(near, words.n, from);
    }
    findings_free(&found);
    return label;
}
