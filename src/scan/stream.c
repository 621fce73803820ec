/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text that arrives in pieces. A window of folded text is kept: what recognisers may still look
 * back to, and what is not swept yet because one might have to look ahead (R1). The sweep itself is
 * the same and stops in the same places, so the findings are those of the whole.
 *
 * A text at hand in which something has to be folded is read so, too: the folded bytes of a piece
 * stay in the cache.
 *
 * The owner's recognisers and lists see the text as it is and may need all of it: with any of them
 * the pieces are gathered and scanned at the end.
 */
#include <stdlib.h>

#include "fold_int.h"
#include "scan_int.h"
#include "terminal.h"

enum {
    GATHER_MAX = 64 << 20,
    WINDOW_MAX = 256 << 20,
    /* Of a text at hand: so large that what waits is seldom moved, so small that it fits a second
     * cache with what is kept. */
    PIECE = 128 << 10,
    KEPT = 48 << 10,
    HELD_MAX = TERMINAL_MAX + 1,
};
_Static_assert((size_t)SECRET_LOOK_BACK <= SCAN_BEHIND, "R1");
_Static_assert(KEPT > SCAN_AHEAD_LONG + SCAN_BEHIND + (8 << 10),
               "what waits, what is looked back to, what is not worth moving");

struct scan_stream {
    const struct scanner *sc;
    bool gather, ended;
    struct buf text;        /* the window, folded; or all there was, as it was */
    size_t base;            /* folded offset of the window's first byte, a multiple of 64 */
    size_t taken;           /* bytes of the whole folded so far */
    uint8_t held[HELD_MAX]; /* a character or sequence that the last piece cut in two */
    size_t held_n;
    struct fold_steps steps;
    struct sweep sweep;
    struct probe probe;
};

static void begin(struct scan_stream *st, const struct scanner *s, bool gather)
{
    *st = (struct scan_stream){.sc = s, .gather = gather};
    st->text = buf_init(gather ? GATHER_MAX : WINDOW_MAX);
    st->probe = (struct probe){.sc = s, .cue_start = SIZE_MAX, .glued = SIZE_MAX};
    st->probe.column.row = SIZE_MAX;
}

struct err scan_stream_new(const struct scanner *s, struct scan_stream **out)
{
    struct scan_stream *st = malloc(sizeof *st);
    if (!st)
        return err(ERR_NOMEM);
    begin(st, s, s->owner || s->allow.n || s->deny.n);
    *out = st;
    return OK;
}

void scan_stream_free(struct scan_stream *st)
{
    if (!st)
        return;
    buf_wipe(&st->text);
    fold_steps_free(&st->steps);
    free(st);
}

/* How many bytes at the end of `t` begin a terminal's sequence that is not all there. */
static size_t sequence_cut_short(struct span t)
{
    for (size_t n = 1; n < TERMINAL_MAX && n <= t.n; n++) {
        bool blank, cut;
        if (t.p[t.n - n] == TERMINAL_ESC)
            return !terminal_sequence(t, t.n - n, &blank, &cut) && cut ? n : 0;
    }
    return 0;
}

/* The same of a character. */
static size_t character_cut_short(struct span t)
{
    for (size_t n = 1; n <= 2 && n <= t.n; n++) {
        uint8_t c = t.p[t.n - n];
        if (c >= 0xC2)
            return c < 0xE0 ? (n < 2 ? n : 0) : (n < 3 ? n : 0);
        if (c < 0x80)
            return 0;
    }
    return 0;
}

static size_t cut_short(struct span t)
{
    size_t n = character_cut_short(t);
    return n ? n : sequence_cut_short(t);
}

static struct err fold_in(struct scan_stream *st, struct span piece)
{
    TRY(fold_append(piece, st->taken, &st->text, &st->steps));
    st->taken += piece.n;
    return OK;
}

/* Fold what was held back, the piece, and hold back its cut end. */
static struct err take(struct scan_stream *st, struct span piece, bool last)
{
    while (st->held_n && piece.n) {
        st->held[st->held_n++] = piece.p[0];
        piece = span_from(piece, 1);
        struct span held = span(st->held, st->held_n);
        if (cut_short(held) == held.n)
            continue;
        size_t keep = cut_short(held);
        TRY(fold_in(st, span_cut(held, 0, held.n - keep)));
        memmove(st->held, st->held + held.n - keep, keep);
        st->held_n = keep;
    }
    size_t keep = last ? 0 : cut_short(piece);
    if (last && st->held_n) {
        TRY(fold_in(st, span(st->held, st->held_n)));
        st->held_n = 0;
    }
    if (!piece.n)
        return OK;
    TRY(fold_in(st, span_cut(piece, 0, piece.n - keep)));
    memcpy(st->held, piece.p + piece.n - keep, keep);
    st->held_n = keep;
    return OK;
}

static size_t less(size_t at, size_t n)
{
    return at > n ? at - n : 0;
}

/* Forget what no recogniser can look back to any more. */
static void slide(struct scan_stream *st)
{
    struct sweep *sw = &st->sweep;
    size_t drop = less(sw->at, SCAN_BEHIND + 64) / 64 * 64;
    if (drop < 4096)
        return;
    buf_drop(&st->text, drop);
    bool done = sw->word_done == sw->word + 1;
    sw->at -= drop;
    sw->from = less(sw->from, drop);
    sw->word = less(sw->word, drop);
    sw->word_done = done ? sw->word + 1 : 0;
    sw->secrets.skip = less(sw->secrets.skip, drop);
    sw->secrets.run_end = less(sw->secrets.run_end, drop);
    sw->secrets.name_end = less(sw->secrets.name_end, drop);
    sw->secrets.hide_end = less(sw->secrets.hide_end, drop);
    sw->secrets.place_end = less(sw->secrets.place_end, drop);
    sw->secrets.jwk_end = less(sw->secrets.jwk_end, drop);
    sw->secrets.row_at = less(sw->secrets.row_at, drop);
    sw->secrets.last.at = sw->secrets.last.end = 0;
    st->probe.skip = less(st->probe.skip, drop);
    for (size_t i = 0; i < 2; i++)
        st->probe.listed[i].end = less(st->probe.listed[i].end, drop);
    st->probe.cue_start = st->probe.glued = SIZE_MAX;
    struct column *c = &st->probe.column;
    c->row = c->row == SIZE_MAX || c->row < drop ? SIZE_MAX : c->row - drop;
    st->base += drop;
    st->steps.base = st->base;
    size_t old = 0;
    while (old + 1 < st->steps.n && st->steps.v[old + 1].now <= st->base)
        old++;
    st->steps.n -= old;
    if (old)
        memmove(st->steps.v, st->steps.v + old, st->steps.n * sizeof *st->steps.v);
    old = 0;
    while (old < st->steps.joints && st->steps.joint[old] < st->base)
        old++;
    st->steps.joints -= old;
    if (old)
        memmove(st->steps.joint, st->steps.joint + old, st->steps.joints * sizeof *st->steps.joint);
}

static struct err scan_window(struct scan_stream *st, bool last, struct findings *out)
{
    size_t first = out->n;
    st->probe.text = buf_span(&st->text);
    st->probe.out = out;
    st->sweep.secrets.text = st->probe.text;
    st->sweep.secrets.out = out;
    st->sweep.secrets.joints = (struct secret_joints){st->steps.joint, st->steps.joints, st->base};
    sweep_run(&st->probe, &st->sweep, last);
    TRY(st->probe.err);
    TRY(st->sweep.secrets.err);
    fold_map_back(&st->steps, st->base, out, first);
    slide(st);
    return OK;
}

struct err scan_pieces(const struct scanner *s, struct span key, struct span text,
                       struct findings *out)
{
    struct scan_stream st;
    struct err e = OK;
    begin(&st, s, false);
    st.probe.key = key;
    size_t most = PIECE + KEPT; /* growing would leave copies */
    e = buf_reserve(&st.text, text.n < most ? text.n : most);
    for (size_t at = 0; !failed(e) && at < text.n; at += PIECE) {
        bool last = text.n - at <= PIECE;
        e = take(&st, span_cut(text, at, PIECE), last);
        if (!failed(e))
            e = scan_window(&st, last, out);
    }
    buf_wipe(&st.text);
    fold_steps_free(&st.steps);
    return e;
}

struct err scan_stream_feed(struct scan_stream *st, struct span piece, bool last,
                            struct findings *out)
{
    if (st->ended)
        return err(ERR_CLOSED);
    if (st->taken + piece.n > SCAN_TEXT_MAX)
        return err(ERR_LIMIT);
    st->ended = last;
    if (!st->gather) {
        size_t first = out->n;
        TRY(take(st, piece, last));
        TRY(scan_window(st, last, out));
        scan_settle(st->sc, SPAN_NONE, 0, out, first);
        return OK;
    }
    st->taken += piece.n;
    TRY(buf_put(&st->text, piece));
    return last ? scan_text(st->sc, buf_span(&st->text), out) : OK;
}

size_t scan_stream_settled(const struct scan_stream *st)
{
    if (st->ended)
        return st->taken;
    if (st->gather)
        return 0;
    size_t at = st->base + less(st->sweep.from, SCAN_BEHIND), near = 0;
    return fold_map(&st->steps, &near, at, false);
}
