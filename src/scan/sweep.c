/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one pass: 64 bytes become bitmaps (anchor.c), bitmaps become anchors by shifts, and each
 * anchor calls the recogniser that owns it, in the order of the text. Where a word began is known
 * from the bitmaps, so a digit deep inside a long token costs nothing.
 *
 *   digit after a non-digit   number_at, once per word and once per group of digits between signs;
 *                             secret_at_mixed
 *   '@' or %40                mail_at, secret_at_mail
 *   ':'                       link_at, colon_at
 *   key                       www_at, bic_at, mail_spelt_at, secret_at_word
 *   run of 16 token bytes     secret_at_run
 *   five dashes and BEGIN     secret_at_pem
 *   hidden character          secret_at_hidden
 *   ASCII behind another      secret_at_foreign
 *   row of a table            secret_at_row, when a head above named columns of secrets
 */
#include "pace.h"
#include "scan_int.h"

enum {
    SWEEP_TURN = 16 * 1024, /* bytes between turns */
    STRETCH = 32,           /* blocks whose bytes are classified at once */
};

/* A block of 64 bytes that holds an anchor, as bitmaps. */
struct block {
    size_t base;
    const struct anchors *a; /* a[-1] is the block before, a[1] the one behind */
    uint64_t digit_starts, run_starts, hidden, foreign;
};

/* The classes of n blocks from `base` on; none behind the text. */
static void load(const struct probe *p, size_t base, size_t n, struct anchors *out)
{
    enum { READS = 64 + ANCHOR_KEY_BYTES - 1 };
    struct span t = p->text;
    size_t left = base < t.n ? t.n - base : 0;
    size_t whole = left < READS ? 0 : (left - READS) / 64 + 1;
    whole = whole < n ? whole : n;
    p->sc->anchors(&p->sc->keys, t.p + base, whole, out);
    for (size_t k = whole; k < n; k++) {
        uint8_t pad[80] = {0};
        out[k] = (struct anchors){0};
        if (base + 64 * k >= t.n)
            continue;
        memcpy(pad, t.p + base + 64 * k, t.n - base - 64 * k);
        p->sc->anchors(&p->sc->keys, pad, 1, &out[k]);
    }
}

/* May a run that long begin in a block? Exact but at its end, where eight bytes on either side will
 * do: words of eight bytes are frequent, such runs rare. */
static inline bool long_run_may(uint64_t run, uint64_t next)
{
    _Static_assert(SECRET_RUN_MIN == 16, "twice eight");
    uint64_t eight = run & run >> 1;
    eight &= eight >> 2;
    eight &= eight >> 4;
    bool crosses = (run >> 63 & next) & ((run >> 56 == 0xFF) | ((uint8_t)next == 0xFF));
    return crosses | ((eight & eight >> 8) != 0);
}

/* Starts of runs that hold SECRET_RUN_MIN bytes: a run byte with none before and fifteen after. */
static inline uint64_t long_runs(const struct anchors *a)
{
    uint64_t r = a[0].run, n = a[1].run;
#pragma GCC unroll 4
    for (unsigned step = 1; step < SECRET_RUN_MIN; step *= 2) {
        r &= r >> step | n << (64 - step);
        n &= n >> step; /* the block after counts as none: only 15 bits of it matter */
    }
    return r & ~(a[0].run << 1 | a[-1].run >> 63);
}

/* Where words begin in a block. */
static inline uint64_t word_starts(const struct anchors *a)
{
    return a->word & ~(a->word << 1 | a[-1].word >> 63);
}

/* Few digits with no word byte behind them: how many, 0 when it is something else. */
static inline size_t few_digits(struct span t, size_t at)
{
    size_t n = digits_in(load8_of(t, at));
    return n <= NEAR_DIGITS && !is(peek(t, at + n), C_WORD) ? n : 0;
}

/* Where the word at bit i began: mostly in this block; else in one before it of the stretch that
 * began at sw->at, or before that. */
static size_t word_start(const struct sweep *sw, const struct block *b, unsigned i)
{
    uint64_t starts = word_starts(b->a) & (~(uint64_t)0 >> (63 - i));
    const struct anchors *a = b->a;
    size_t base = b->base;
    for (; !starts && base > sw->at; base -= 64)
        starts = word_starts(--a);
    return starts ? base + 63 - (size_t)__builtin_clzll(starts) : sw->word;
}

/* What is to be asked about digits that are not idle, once for each word. */
static void number_found(struct probe *p, struct sweep *sw, const struct block *b, unsigned i)
{
    const struct anchors *a = b->a;
    const uint64_t last = (uint64_t)1 << NUMBER_SEEN;
    uint64_t digit = a[0].digit >> i | a[1].digit << 1 << (63 - i);
    uint64_t word = a[0].word >> i | a[1].word << 1 << (63 - i);
    size_t at = b->base + i, start = word_start(sw, b, i);
    if (sw->word_done == start + 1)
        return;
    sw->word_done = start + 1;
    const struct number n = {.word = start,
                             .at = at,
                             .digits = (size_t)__builtin_ctzll(~digit | last),
                             .end = at + (size_t)__builtin_ctzll(~word | last)};
    if (secret_mixed(p->text, start, at, n.digits, n.end) && p->sc->secrets)
        secret_at_mixed(&sw->secrets, start, at);
    number_at(p, n);
}

/* What stands behind a decimal point, or a few digits, all of their word, that are nobody's: no
 * more is to be asked about the word. Most numbers are idle. */
static inline bool digits_idle(const struct probe *p, struct sweep *sw, const struct block *b,
                               unsigned i)
{
    size_t at = b->base + i;
    const uint8_t *number = p->text.p + at;
    if (at < 2 || !(word_starts(b->a) >> i & 1))
        return false;
    if (number[-1] == '.' && is(number[-2], C_DIGIT)) {
        sw->word_done = at + 1;
        return true;
    }
    size_t few = p->sc->plain_c || number[-1] == '%' ? 0 : few_digits(p->text, at);
    return few && near_nothing(p, at, few);
}

static inline void digits_at(struct probe *p, struct sweep *sw, const struct block *b, unsigned i)
{
    size_t at = b->base + i;
    if (at && p->text.p[at - 1] == '%' && peek(p->text, at) == '4' && peek(p->text, at + 1) == '0')
        mail_at(p, at - 1, 3);
    if (at >= p->skip && !digits_idle(p, sw, b, i))
        number_found(p, sw, b, i);
}

static void ports_at(struct probe *p, struct sweep *sw, size_t at)
{
    if (secret_port(p->text, at))
        secret_at_pgpass(&sw->secrets, at);
}

static void colons_at(struct probe *p, struct sweep *sw, size_t at)
{
    uint8_t before = prev(p->text, at), after = peek(p->text, at + 1);
    if (after == '/' && peek(p->text, at + 2) == '/') {
        link_at(p, at);
        if (p->sc->secrets)
            secret_at_url(&sw->secrets, at);
    } else if (p->sc->secrets) {
        if ((before | 0x20) == 'w' && secret_pw(p->text, at))
            secret_at_word(&sw->secrets, at - 2);
        else if (secret_label(before, p->text, at))
            secret_at_label(&sw->secrets, at);
        if (is(after, C_DIGIT) || after == '*')
            ports_at(p, sw, at);
    }
    if (is(before, C_HEX) || after == ':')
        colon_at(p, at);
}

static void signs_at(struct probe *p, struct sweep *sw, size_t at)
{
    mail_at(p, at, 1);
    if (p->sc->secrets)
        secret_at_mail(&sw->secrets, at);
}

static void keys_at(struct probe *p, struct sweep *sw, size_t at)
{
    unsigned keys = anchor_key(&p->sc->keys, p->text, at);
    if ((keys & KEY_SECRET) && p->sc->secrets)
        secret_at_word(&sw->secrets, at);
    if (keys & KEY_WWW)
        www_at(p, at);
    if (keys & KEY_BIC)
        bic_at(p, at);
    if (keys & KEY_MAIL)
        mail_spelt_at(p, at);
}

static void runs_at(struct probe *p, struct sweep *sw, size_t at)
{
    struct span t = p->text;
    static const char pem[] = "-----BEGIN";
    if (t.p[at] == '-' && t.n - at > sizeof pem && !memcmp(t.p + at, pem, sizeof pem - 1))
        secret_at_pem(&sw->secrets, at);
    if (at >= sw->secrets.run_end) {
        size_t end = secret_at_run(&sw->secrets, at);
        if (end > sw->secrets.run_end)
            sw->secrets.run_end = end;
    }
}

/* An anchor that is more than a digit. */
static void anchor_at(struct probe *p, struct sweep *sw, const struct block *b, unsigned i)
{
    uint64_t bit = (uint64_t)1 << i;
    size_t at = b->base + i;
    if (b->digit_starts & bit)
        digits_at(p, sw, b, i);
    if (b->a->at & bit)
        signs_at(p, sw, at);
    if (b->a->colon & bit)
        colons_at(p, sw, at);
    if (b->a->key & bit)
        keys_at(p, sw, at);
    if (b->run_starts & bit)
        runs_at(p, sw, at);
    if (b->hidden & bit)
        secret_at_hidden(&sw->secrets, at);
    if (b->foreign & bit)
        secret_at_foreign(&sw->secrets, at);
}

/* Most runs are short names and paths. */
static bool run_idle(const struct probe *p, const struct block *b, unsigned i)
{
    const struct anchors *a = b->a;
    uint64_t run = a[0].run >> i | a[1].run << 1 << (63 - i);
    uint64_t digit = a[0].digit >> i | a[1].digit << 1 << (63 - i);
    uint64_t word = a[0].word >> i | a[1].word << 1 << (63 - i);
    uint64_t stop = ~run & (run + 1); /* the first that is none of the run's */
    size_t n = stop ? (size_t)__builtin_ctzll(stop) : 64;
    return n < 64 && !(digit & (stop - 1)) && secret_run_idle(p->text, b->base + i, n, word);
}

static uint64_t runs_sift(const struct probe *p, const struct block *b)
{
    uint64_t runs = b->run_starts;
    for (uint64_t left = runs; left; left &= left - 1)
        if (run_idle(p, b, (unsigned)__builtin_ctzll(left)))
            runs &= ~(left & -left);
    return runs;
}

/* Most of what the buckets let through begins no key: no more is to be asked about it in the n
 * blocks from `base` on. Which blocks that is in is noted first: nothing predicts it. */
static void keys_sift(const struct probe *p, size_t base, struct anchors *a, size_t n)
{
    enum { READS = 64 + ANCHOR_KEY_BYTES };
    size_t left = p->text.n - base, readable = left < READS ? 0 : (left - READS) / 64 + 1;
    uint64_t in = 0;
    readable = n < readable ? n : readable;
    for (size_t k = 0; k < readable; k++)
        in |= (uint64_t)(a[k].key != 0) << k;
    for (; in; in &= in - 1) {
        size_t k = (size_t)__builtin_ctzll(in);
        uint64_t none = 0;
        for (uint64_t keys = a[k].key; keys; keys &= keys - 1) {
            size_t i = (size_t)__builtin_ctzll(keys);
            bool may = anchor_key_may(&p->sc->keys, p->text.p + base + 64 * k + i);
            none |= (uint64_t)!may << i;
        }
        a[k].key &= ~none;
    }
}

/* Which of the n blocks from a[1] on may hold an anchor, a bit each. In prose most do not, in other
 * texts nothing predicts it: no branches. */
static uint64_t may_hold(const struct anchors *a, size_t n)
{
    uint64_t held = 0;
    for (size_t k = 0; k < n; k++, a++) {
        uint64_t any = a[1].digit | a[1].at | a[1].colon | a[1].key | a[1].high | a[0].high >> 63;
        held |= (uint64_t)((any != 0) | long_run_may(a[1].run, a[2].run)) << k;
    }
    return held;
}

/* Most characters beyond ASCII are quotation marks, dashes and letters with an accent, which end no
 * word that announces a secret and hide nothing. */
static void high_sift(const struct probe *p, struct block *b)
{
    struct span t = p->text;
    for (uint64_t left = b->foreign; left; left &= left - 1)
        if (!secret_foreign_may(t, b->base + (size_t)__builtin_ctzll(left)))
            b->foreign &= ~(left & -left);
    for (uint64_t left = b->hidden; left; left &= left - 1)
        if (!secret_hides(t, b->base + (size_t)__builtin_ctzll(left)))
            b->hidden &= ~(left & -left);
}

static struct block block_make(const struct probe *p, size_t base, const struct anchors *a)
{
    struct block b = {.base = base, .a = a};
    b.digit_starts = a->digit & ~(a->digit << 1 | a[-1].digit >> 63);
    if (p->sc->secrets) {
        b.run_starts = long_runs(a);
        if (b.run_starts && !p->sc->plain_c)
            b.run_starts = runs_sift(p, &b);
        b.hidden = a->high & (a->word << 1 | a[-1].word >> 63);
        b.foreign = ~a->high & (a->high << 1 | a[-1].high >> 63);
        high_sift(p, &b);
    }
    return b;
}

/* Rows of a table that begin before `end`. */
static inline void rows_until(struct sweep *sw, size_t end)
{
    while (sw->secrets.row_at && sw->secrets.row_at < end)
        secret_at_row(&sw->secrets);
}

/* The anchors of a block in order; false when one has to wait for more text. */
static bool block_read(struct probe *p, struct sweep *sw, const struct block *b, bool last)
{
    uint64_t far = b->run_starts | b->a->at | b->a->colon | b->a->key | b->hidden | b->foreign;
    for (uint64_t all = far | b->digit_starts; all; all &= all - 1) {
        unsigned i = (unsigned)__builtin_ctzll(all);
        size_t at = b->base + i;
        if (at < sw->from)
            continue;
        if (!(far >> i & 1))
            digits_at(p, sw, b, i);
        else if (!last && p->text.n - at < SCAN_AHEAD_LONG)
            return false;
        else
            anchor_at(p, sw, b, i);
        sw->from = at + 1;
    }
    return true;
}

/* n blocks from sw->at on, a[1] the first of them; false when an anchor has to wait. */
static bool stretch_read(struct probe *p, struct sweep *sw, struct anchors *a, size_t n, bool last)
{
    if (!p->sc->plain_c)
        keys_sift(p, sw->at, a + 1, n);
    for (uint64_t held = may_hold(a, n); held; held &= held - 1) {
        size_t k = (size_t)__builtin_ctzll(held), base = sw->at + 64 * k;
        rows_until(sw, base);
        struct block b = block_make(p, base, &a[k + 1]);
        if (!block_read(p, sw, &b, last))
            return false;
    }
    return true;
}

/* Past the n blocks. */
static void stretch_end(struct sweep *sw, const struct anchors *a, size_t n)
{
    struct block end = {.base = sw->at + 64 * (n - 1), .a = &a[n]};
    if (a[n].word >> 63)
        sw->word = word_start(sw, &end, 63);
    sw->before = a[n];
    sw->at += 64 * n;
    rows_until(sw, sw->at);
}

/* False: give up. */
static bool take_turn(struct probe *p)
{
    if (!failed(p->err))
        p->err = pace_turn();
    return !failed(p->err);
}

/* Blocks to read at once, 0 when more text has to come first. One by one where an anchor might have
 * to wait. */
static size_t blocks_next(const struct probe *p, const struct sweep *sw, bool last)
{
    size_t left = p->text.n - sw->at, turn = (SWEEP_TURN - sw->at % SWEEP_TURN) / 64;
    size_t most = turn < STRETCH ? turn : STRETCH;
    if (!last && left < SCAN_AHEAD + 64)
        return 0;
    if (!last && left < SCAN_AHEAD_LONG + 64 * STRETCH)
        return 1;
    return (left + 63) / 64 < most ? (left + 63) / 64 : most;
}

void sweep_run(struct probe *p, struct sweep *sw, bool last)
{
    struct anchors a[STRETCH + 2]; /* one before and one behind */
    probe_reset(p);
    while (sw->at < p->text.n) {
        if (sw->at % SWEEP_TURN == 0 && !take_turn(p))
            return;
        size_t n = blocks_next(p, sw, last);
        if (!n)
            return;
        a[0] = sw->before;
        load(p, sw->at, n + 1, a + 1);
        if (!stretch_read(p, sw, a, n, last))
            return;
        stretch_end(sw, a, n);
    }
}
