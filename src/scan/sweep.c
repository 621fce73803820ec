/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one pass: 64 bytes become bitmaps (anchor.c), bitmaps become anchors by shifts, and each
 * anchor calls the recogniser that owns it, in the order of the text. Where a word began is known
 * from the bitmaps, so a digit deep inside a long token costs nothing.
 *
 *   digit after a non-digit   number_at, once per word and once per group of digits between signs
 *   '@' or %40                mail_at
 *   ':'                       link_at, colon_at
 *   key                       www_at, bic_at, secret_at_word
 *   run of 16 token bytes     secret_at_run
 *   five dashes and BEGIN     secret_at_pem
 *   hidden character          secret_at_hidden
 *   row of a table            secret_at_row, when a head above named columns of secrets
 */
#include "pace.h"
#include "scan_int.h"

enum { SWEEP_TURN = 16 * 1024 }; /* bytes between turns */

/* What the current block offers, as bitmaps. */
struct block {
    size_t base;
    struct anchors a;
    uint64_t word_starts, digit_starts, run_starts, hidden;
};

static void load(const struct probe *p, size_t base, struct anchors *out)
{
    struct span t = p->text;
    if (base >= t.n) {
        *out = (struct anchors){0};
    } else if (t.n - base >= 64 + ANCHOR_KEY_BYTES - 1) {
        p->sc->anchors(&p->sc->keys, t.p + base, out);
    } else {
        uint8_t pad[80] = {0};
        memcpy(pad, t.p + base, t.n - base);
        p->sc->anchors(&p->sc->keys, pad, out);
    }
}

/* Starts of runs that hold SECRET_RUN_MIN bytes: a run byte with none before and fifteen after. */
static uint64_t long_runs(uint64_t run, uint64_t next, bool in_run)
{
    const uint64_t ones = 0x0101010101010101U;
    _Static_assert(SECRET_RUN_MIN >= 15, "a long run fills one of the bitmap's bytes");
    uint64_t r = run, n = next, no = ~run;
    if (!((no - ones) & ~no & ones * 0x80) && (uint8_t)next != 0xFF)
        return 0; /* prose: no word is that long */
#pragma GCC unroll 4
    for (unsigned step = 1; step < SECRET_RUN_MIN; step *= 2) {
        r &= r >> step | n << (64 - step);
        n &= n >> step; /* the block after counts as none: only 15 bits of it matter */
    }
    return r & ~(run << 1 | in_run);
}

static size_t word_start(const struct sweep *sw, const struct block *b, unsigned i)
{
    uint64_t before = b->word_starts & (~(uint64_t)0 >> (63 - i));
    return before ? b->base + 63 - (size_t)__builtin_clzll(before) : sw->word;
}

/* Few digits with no word byte behind them: how many, 0 when not or when the block ends before. */
static inline size_t few_digits(const struct block *b, unsigned i)
{
    uint64_t digit = b->a.digit >> i, word = b->a.word >> i;
    size_t n = (size_t)__builtin_ctzll(~digit | (uint64_t)1 << 63);
    return n <= NEAR_DIGITS && i + n < 64 && !(word >> n & 1) ? n : 0;
}

static void digits_at(struct probe *p, struct sweep *sw, const struct block *b, unsigned i)
{
    size_t at = b->base + i, word = word_start(sw, b, i);
    if (prev(p->text, at) == '%' && peek(p->text, at) == '4' && peek(p->text, at + 1) == '0')
        mail_at(p, at - 1, 3);
    if (at < p->skip || sw->word_done == word + 1)
        return;
    sw->word_done = word + 1;
    size_t few = word == at && !p->sc->plain_c ? few_digits(b, i) : 0;
    if (few && near_nothing(p, at, few))
        return;
    number_at(p, word, at);
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

static void keys_at(struct probe *p, struct sweep *sw, size_t at)
{
    unsigned keys = anchor_key(&p->sc->keys, p->text, at);
    if ((keys & KEY_SECRET) && p->sc->secrets)
        secret_at_word(&sw->secrets, at);
    if (keys & KEY_WWW)
        www_at(p, at);
    if (keys & KEY_BIC)
        bic_at(p, at);
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

static void anchor_at(struct probe *p, struct sweep *sw, const struct block *b, unsigned i)
{
    uint64_t bit = (uint64_t)1 << i;
    size_t at = b->base + i;
    if (b->digit_starts & bit)
        digits_at(p, sw, b, i);
    if (b->a.at & bit)
        mail_at(p, at, 1);
    if (b->a.colon & bit)
        colons_at(p, sw, at);
    if (b->a.key & bit)
        keys_at(p, sw, at);
    if (b->run_starts & bit)
        runs_at(p, sw, at);
    if ((b->hidden & bit) && secret_hides(p->text, at))
        secret_at_hidden(&sw->secrets, at);
}

/* Anchors whose recognisers may read SCAN_AHEAD_LONG bytes. */
static bool reads_far(const struct block *b, unsigned i)
{
    return ((b->run_starts | b->a.colon | b->a.key | b->hidden) >> i) & 1;
}

static void block_make(const struct probe *p, struct sweep *sw, struct block *b, uint64_t next_run)
{
    b->word_starts = b->a.word & ~(b->a.word << 1 | sw->in_word);
    b->digit_starts = b->a.digit & ~(b->a.digit << 1 | sw->in_digits);
    b->run_starts = 0;
    b->hidden = 0;
    if (p->sc->secrets) {
        b->run_starts = long_runs(b->a.run, next_run, sw->in_run);
        b->hidden = b->a.high & (b->a.word << 1 | sw->in_word);
    }
}

/* Most of what the buckets let through begins no key. */
static void keys_sift(const struct probe *p, struct block *b)
{
    if (p->text.n - b->base < 64 + ANCHOR_KEY_BYTES)
        return;
    for (uint64_t left = b->a.key; left; left &= left - 1)
        if (!anchor_key_may(&p->sc->keys, p->text.p + b->base + __builtin_ctzll(left)))
            b->a.key &= ~(left & -left);
}

static void block_end(struct sweep *sw, const struct block *b)
{
    sw->in_word = b->a.word >> 63;
    sw->in_digits = b->a.digit >> 63;
    sw->in_run = b->a.run >> 63;
    if (sw->in_word && b->word_starts)
        sw->word = b->base + 63 - (size_t)__builtin_clzll(b->word_starts);
}

/* False: give up. */
static bool take_turn(struct probe *p)
{
    if (!failed(p->err))
        p->err = pace_turn();
    return !failed(p->err);
}

void sweep_run(struct probe *p, struct sweep *sw, bool last)
{
    struct span t = p->text;
    struct anchors next;
    load(p, sw->at, &next);
    for (; sw->at < t.n; sw->at += 64) {
        if (sw->at % SWEEP_TURN == 0 && !take_turn(p))
            return;
        struct block b = {.base = sw->at, .a = next};
        load(p, sw->at + 64, &next);
        block_make(p, sw, &b, next.run);
        keys_sift(p, &b);
        uint64_t all = b.digit_starts | b.a.at | b.a.colon | b.a.key | b.run_starts | b.hidden;
        if (!last && t.n - sw->at < SCAN_AHEAD + 64)
            return;
        for (; all; all &= all - 1) {
            unsigned i = (unsigned)__builtin_ctzll(all);
            size_t at = b.base + i;
            if (at < sw->from)
                continue;
            if (!last && reads_far(&b, i) && t.n - at < SCAN_AHEAD_LONG)
                return;
            anchor_at(p, sw, &b, i);
            sw->from = at + 1;
        }
        while (sw->secrets.row_at && sw->secrets.row_at < sw->at + 64)
            secret_at_row(&sw->secrets);
        block_end(sw, &b);
    }
}
