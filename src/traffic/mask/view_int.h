/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text as its reader sees it: escapes undone. A model reads anna%40example.org, anna&#64;…,
 * anna\u0040… and the base64 of a line as easily as the line itself, so what such spellings hide
 * is looked for too. The view keeps where each of its bytes came from: a value that is found in it
 * is masked as the bytes that stood in the text, whole escapes and whole base64 runs, and restoring
 * gives those back.
 *
 * What is undone, up to VIEW_DEPTH times one inside the other: backslash escapes of JSON, C and
 * Markdown, percent escapes of links, the plus signs of forms, TeX's ties, character references of
 * HTML, its comments and its tags that change how a line looks, quoted-printable, words of a mail's
 * head, folded and wrapped lines, what a terminal is told, base64 (both alphabets) and hexadecimal
 * runs that hold text (UTF-8, UTF-16 or one byte a character), and characters that only look like
 * ASCII.
 * Anything that takes a key or a computation is no spelling: compressed data, ciphers.
 *
 * Frequent: a text that holds nothing of the kind; view_make says so in about 0.1 ns a byte and
 * makes nothing.
 */
#ifndef SANCTUM_TRAFFIC_MASK_VIEW_INT_H
#define SANCTUM_TRAFFIC_MASK_VIEW_INT_H

#include "buf.h"
#include "finding.h"

enum {
    VIEW_DEPTH = 4,
    VIEW_NEAR =
        64, /* bytes around a value in which an escape may have changed what it looks like */
};

/* One escape: bytes of the text below, and what it stands for in this one. */
struct view_step {
    uint32_t from, from_n, to, to_n;
    bool within;  /* it tells of values that it lies in only, not of those around; */
    bool in_word; /* then: and of names only where it parts a word */
};

struct view_layer {
    struct buf text;
    struct view_step *v;
    size_t n, cap;
    bool hides; /* the layer below may show what this one does not: what looked like base64 may
                 * have been part of a token, tags and comments hold values, line ends part them */
};

struct view {
    struct view_layer layer[VIEW_DEPTH];
    size_t n;   /* layers made; 0: the text is what it seems */
    bool names; /* letters, blanks or other characters of names were among the escapes */
};

void view_free(struct view *v);
/* ERR_LIMIT, ERR_NOMEM: the text must not pass. */
MUST struct err view_make(struct view *v, struct span text);
/* The text of the last layer; only while v->n > 0. */
struct span view_text(const struct view *v);
/* Take the last layer off, and those below it that hide nothing. False when no layer is left that
 * shows what those above it do not. view_make's n says how many there were. */
bool view_below(struct view *v);
/* Move `f`, which is made of words if it is a `name`, from the view to the text below it. False: no
 * escape is near that could have changed it, the text itself shows all. */
bool view_back(const struct view *v, bool name, struct finding *f);
/* Undo the escapes of one value (no runs of base64) into `out`, which holds value.n bytes and may
 * be where the value lies. Returns the length. */
size_t view_plain(struct span value, uint8_t *out);

/* The byte at `at`, 0 behind the end: of readers that look ahead. */
static inline uint8_t byte_at(struct span t, size_t at)
{
    return at < t.n ? t.p[at] : 0;
}

/* ---- view_escape.c, for view.c ---- */

enum { VIEW_ESCAPE_OUT = 255 };
struct view_escape {
    uint32_t n;                   /* bytes it takes */
    uint8_t out_n;                /* what it stands for: bytes, never more than it takes */
    bool tells;                   /* it may hide a part of a value, or another escape */
    bool names;                   /* of a name */
    bool within, in_word;         /* as in struct view_step */
    uint8_t out[VIEW_ESCAPE_OUT]; /* a character; words of a mail's head are longer */
};
/* Does an escape stand at t.p[at], which view_next_sign gave? */
bool view_escape_at(struct span t, size_t at, struct view_escape *e);

/* ---- view_seek.c: most of a text is passed over; the plain twins do without vectors */

/* The next place where an escape may stand: a sign, or the first byte of a character outside ASCII
 * that may look like one inside. t.n when there is none. */
size_t view_next_sign(struct span t, size_t at);
size_t view_next_sign_plain(struct span t, size_t at);
/* Somewhere inside the next run of VIEW_RUN_MIN characters or more, if not before it; t.n when
 * there is none. */
enum { VIEW_RUN_MIN = 23 }; /* a card number takes 24, a mail address rarely fewer */
size_t view_inside_run(struct span t, size_t at);
size_t view_inside_run_plain(struct span t, size_t at);

/* ---- view_word.c, for view_escape.c ---- */

/* Does a word of a mail's head begin at t.p[at], where '=' stands? Its charsets are UTF-8, Latin-1
 * and windows-1252; the blanks to the next such word are its. */
bool view_word_at(struct span t, size_t at, struct view_escape *e);

/* ---- view_tag.c, for view_escape.c ---- */

enum { VIEW_TAG_MAX = 400 };
/* Does a tag of HTML that only changes how a line looks, or a comment, begin at t.p[at], where '<'
 * stands? With its attributes it has at most VIEW_TAG_MAX bytes. */
bool view_tag_at(struct span t, size_t at, struct view_escape *e);
/* May what stands from `at` on be such a tag without its '<', whatever its '>' is spelt like? */
bool view_tag_behind(struct span t, size_t at);

/* ---- view_fold.c, for view_escape.c ---- */

/* Does the line end at t.p[at], with what leads the next line, lie in a value: was a line of a
 * calendar, a card or a directory folded there, or a number wrapped between its groups? */
bool view_fold_at(struct span t, size_t at, struct view_escape *e);

/* ---- view_alike.c, for view_escape.c ---- */

bool view_alike_at(struct span t, size_t at, struct view_escape *e);

/* ---- view_text.c: decoded bytes as text ---- */

enum view_charset {
    VIEW_NO_TEXT,
    VIEW_UTF8,
    VIEW_UTF16_LE, /* told by its mark, or by ASCII in every other byte */
    VIEW_UTF16_BE,
    VIEW_BYTES, /* one byte a character, mostly ASCII */
};
/* How these bytes, or a text that begins with them, are written. */
enum view_charset view_charset_of(struct span s);
/* Append them as UTF-8: at most twice as many bytes. */
MUST struct err view_to_utf8(struct span s, enum view_charset c, struct buf *out);

/* ---- view_run.c, for view.c ---- */

/* A run of base64 or hexadecimal digits, [start, end), and the text that it holds, in a buffer of
 * the caller's. */
struct view_run {
    bool found;
    size_t start, end;
    struct buf *text;
};
/* The next one at or after `at` that holds text; not found where there is none. */
MUST struct err view_next_run(struct span t, size_t at, struct view_run *r);

#endif
