/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tags of HTML that change how a part of a line looks and part nothing, and its comments: in
 * <b>4111</b> <b>1111</b> and anna<span>@</span>example.org the reader sees one value. Called for
 * every "<"; frequent: other tags, comparisons, tokens.
 */
#include "view_int.h"

#include "utf8.h"

enum { NAME_MAX = 6 };

/* Elements of "phrasing content" that stand inside a line (HTML Living Standard, 4.5) and those of
 * older mails. */
static bool inside_a_line(struct span name)
{
    static const char *const names[] = {"a",    "b",     "i",      "u",      "s",    "em",   "tt",
                                        "sub",  "sup",   "big",    "wbr",    "ins",  "del",  "kbd",
                                        "bdi",  "bdo",   "var",    "mark",   "code", "font", "span",
                                        "samp", "small", "strong", "strike", "nobr"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_is_nocase(name, names[i]))
            return true;
    return false;
}

/* The length of the comment at `at`, or 0: servers put them between the texts that they fill in. An
 * empty one may be as short as <!-->. */
static size_t comment_length(struct span t, size_t at)
{
    struct span text = span_cut(t, at, VIEW_TAG_MAX);
    for (size_t end = sizeof "<!--" - 1; (end = span_find(text, end, '>')) < text.n; end++)
        if (text.p[end - 1] == '-' && text.p[end - 2] == '-')
            return end + 1;
    return 0;
}

/* Where the name of such a tag ends, whose '<' stands before `at`; 0 when it is none. */
static size_t name_end(struct span t, size_t at)
{
    size_t name = at + (byte_at(t, at) == '/'), end = name;
    while (end - name <= NAME_MAX && ascii_is_letter(byte_at(t, end)))
        end++;
    return inside_a_line(span_cut(t, name, end - name)) ? end : 0;
}

bool view_tag_behind(struct span t, size_t at)
{
    size_t end = name_end(t, at);
    return span_starts(span_from(t, at), SPAN_LIT("!--")) ||
           (end && end < t.n && strchr("> /&\\%", t.p[end]) && t.p[end]);
}

/* The length of such a tag at `at` with its attributes, or 0. */
static size_t tag_length(struct span t, size_t at)
{
    if (span_starts(span_from(t, at), SPAN_LIT("<!--")))
        return comment_length(t, at);
    size_t end = name_end(t, at + 1);
    uint8_t behind = byte_at(t, end);
    if (!end || (behind != '>' && behind != ' ' && behind != '/'))
        return 0;
    while (end < t.n && end - at < VIEW_TAG_MAX && t.p[end] && t.p[end] != '<' && t.p[end] != '>')
        end++;
    return byte_at(t, end) == '>' ? end + 1 - at : 0;
}

static bool of_value(uint8_t c)
{
    return utf8_letter_byte(c) || ascii_is_digit(c) || (c && strchr("@._-+", c));
}

/* Does a value go on behind the tag at..end: with the next character, or in the next tag, or do
 * numbers stand on both sides of it? */
static bool goes_on(struct span t, size_t at, size_t end)
{
    uint8_t before = byte_at(t, at - 1), behind = byte_at(t, end);
    size_t next = end + (behind == ' ');
    if (before == ' ') /* 4111 <b>1111</b> */
        return ascii_is_digit(byte_at(t, at - 2)) && ascii_is_digit(behind);
    return of_value(before) && (of_value(behind) || tag_length(t, next) ||
                                (ascii_is_digit(before) && ascii_is_digit(byte_at(t, next))));
}

bool view_tag_at(struct span t, size_t at, struct view_escape *e)
{
    size_t n = tag_length(t, at);
    if (!n)
        return false;
    e->n = (uint32_t)n;
    e->out_n = 0;
    e->tells = at > 0 && goes_on(t, at, at + n);
    e->in_word = e->tells && utf8_letter_byte(t.p[at - 1]) && utf8_letter_byte(byte_at(t, at + n));
    /* To the tagger a tag is a sign between words, a comment is words of its own. */
    bool comment = t.p[at + 1] == '!';
    e->within = !comment;
    e->names = e->in_word || (comment && e->tells);
    return true;
}
