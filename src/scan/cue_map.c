/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the words around a value may say, before they are read. Most numbers of a log or a table are
 * somebody's only if a word nearby says so strongly, and nearly none does; numbers stand close
 * together there, so their windows overlap. Each 64 bytes of the text are therefore looked at once,
 * when a number first asks: a word whose first letters are those of a word of the table is looked
 * up, and what it may say is noted where it begins. A window is then a few bits.
 *
 * Never wrongly no: whatever is not plain ASCII, and the scanner without quick refusals, says yes.
 */
#include "cue_int.h"
#include "scan_int.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Bit i stands for byte i of a block. */
struct masks {
    uint64_t letter, lower, high;
};

static inline struct masks masks_plain(const uint8_t *p)
{
    struct masks m = {0, 0, 0};
    for (size_t i = 0; i < 64; i++) {
        m.letter |= (uint64_t)is(p[i], C_LETTER) << i;
        m.lower |= (uint64_t)is(p[i], C_LOWER) << i;
        m.high |= (uint64_t)is(p[i], C_HIGH) << i;
    }
    return m;
}

/* May a word that begins with the n letters of v say something? */
static inline bool head_may(const struct cue_index *x, uint64_t v, size_t n)
{
    unsigned bit = head_bit(v | 0x2020202020202020U, n);
    return x->heads[bit / 64] >> bit % 64 & 1;
}

/* The slot of a word of n < 8 letters, once they are the word's own and head_may let it through:
 * what it says when it is in the table; NULL where word_says has to look closer. */
static inline const struct cue_slot *short_slot(const struct cue_index *x, uint64_t v, size_t n)
{
    uint64_t word = (v | 0x2020202020202020U) << (64 - 8 * n), hash = hash_mix(n ^ word);
    if (!in_filter(x, hash))
        return may_have_stem(word) ? NULL : &x->none;
    const struct cue_slot *s = slot_of(x, hash);
    return s->n || s->tail ? s : NULL;
}

/* Where x->says has what the word at `at` may say that head_may let through, and that ends at `end`
 * at the latest. */
static size_t word_says(const struct cue_index *x, struct span t, size_t at, size_t end)
{
    struct word w;
    for (size_t to = cue_look(x, t, at, end, &w); at < to; at++)
        if (t.p[at] >= 0x80)
            return SAYS_ANY; /* a window may end before */
    return says_place(x, w.slot);
}

static inline void add_place(const struct cue_index *x, size_t place, struct types *found)
{
    found->bits[0] |= x->says[place].bits[0];
    found->bits[1] |= x->says[place].bits[1];
}

/* The same of any word, added to what was found. */
static void add_word(const struct cue_index *x, struct span t, size_t at, size_t end,
                     struct types *found)
{
    uint64_t v = 0;
    for (size_t i = 0; i < 8 && i < end - at; i++)
        v |= (uint64_t)t.p[at + i] << 8 * i;
    size_t n = letters_in(v);
    if (head_may(x, v, n))
        add_place(x, word_says(x, t, at, end), found);
}

/* Does a word go on from the byte before `at` to the one there? */
static bool word_goes_on(struct span t, size_t at)
{
    return at && at < t.n && is(t.p[at - 1], C_LETTER) && is(t.p[at], C_LETTER) &&
           !(is(t.p[at - 1], C_LOWER) && is(t.p[at], C_UPPER));
}

/* Is the nearest word before the letter at `at`, or behind it, one of a single letter? Yes, too,
 * where it is not near. */
static bool single_beside(struct span t, size_t at, bool behind)
{
    enum { SIGNS_MOST = 64 };
    size_t step = behind ? 1 : SIZE_MAX, i = at + step; /* SIZE_MAX wraps: one back */
    for (size_t k = 0; k < SIGNS_MOST && i < t.n && !is(t.p[i], C_LETTER); k++)
        i += step;
    return i < t.n && (!is(t.p[i], C_LETTER) || !word_goes_on(t, behind ? i + 1 : i));
}

/* Three words of one letter each may be a name with dots, "S.S.N.": a bit for the last of each
 * three of which two at least begin in the block at `at`. `one`: of its `starts` those of such
 * words. */
static __attribute__((noinline)) uint64_t initials(struct span t, size_t at, uint64_t starts,
                                                   uint64_t one)
{
    uint64_t said = 0, last = one & -one;
    bool pair = false;
    for (uint64_t left = one & (one - 1); left; left &= left - 1) {
        uint64_t next = left & -left;
        bool beside = !(starts & (next - 1) & ~(2 * last - 1)); /* no word between */
        if (beside && (pair ||
                       (last == (starts & -starts) &&
                        single_beside(t, at + (size_t)__builtin_ctzll(last), false)) ||
                       (!(starts & ~(2 * next - 1)) &&
                        single_beside(t, at + (size_t)__builtin_ctzll(next), true))))
            said |= next;
        pair = beside;
        last = next;
    }
    return said;
}

/* The 64 bytes at p are those of t at `at`, eight more are readable. */
static inline __attribute__((always_inline)) void block_fill(const struct cue_index *x,
                                                             struct span t, size_t at,
                                                             const uint8_t *p, struct masks m,
                                                             struct cue_block *b)
{
    size_t words = 0;
    b->at = at;
    b->says = 0;
    b->all = m.high;
    uint64_t split = m.letter & ~m.lower & m.lower << 1;
    uint64_t starts = m.letter & (~(m.letter << 1) | split) & ~(uint64_t)word_goes_on(t, at);
    uint64_t stop = ~m.letter | split;
    uint64_t one = starts & (stop >> 1 | (uint64_t)1 << 63); /* the last may be longer */
    if (one & (one - 1))
        b->all |= initials(t, at, starts, one);
    b->any = x->says[b->all ? SAYS_ANY : SAYS_NONE];
    for (; starts; starts &= starts - 1) {
        size_t i = (size_t)__builtin_ctzll(starts);
        uint64_t v = load8(p + i), behind = stop >> i >> 1;
        size_t n = behind ? (size_t)__builtin_ctzll(behind) + 1 : letters_in(v);
        n = n < 8 ? n : 8;
        if (!head_may(x, v, n))
            continue;
        bool whole = n < 8 && i + n < 64 && !(m.high >> (i + n) & 1);
        const struct cue_slot *slot = whole ? short_slot(x, v, n) : NULL;
        size_t place = slot ? says_place(x, slot) : word_says(x, t, at + i, t.n);
        if (place == SAYS_NONE)
            continue;
        if (words == CUE_BLOCK_WORDS) {
            b->all |= starts;
            b->any = x->says[SAYS_ANY];
            return;
        }
        b->says |= starts & -starts;
        b->place[words++] = (uint16_t)place;
        add_place(x, place, &b->any);
    }
}

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,bmi2"))) static void block_fast(const struct cue_index *x,
                                                                struct span t, size_t at,
                                                                const uint8_t *p,
                                                                struct cue_block *b)
{
    const __m256i from_a = _mm256_set1_epi8((char)(0x80 - 'a')), fold = _mm256_set1_epi8(0x20);
    const __m256i past_z = _mm256_set1_epi8((char)(0x80 + 26));
    struct masks m = {0, 0, 0};
    for (size_t i = 0; i < 64; i += 32) {
        __m256i v = _mm256_loadu_si256((const void *)(p + i));
        __m256i from = _mm256_add_epi8(_mm256_or_si256(v, fold), from_a);
        m.letter |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(past_z, from)) << i;
        m.lower |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_slli_epi16(v, 2)) << i;
        m.high |= (uint64_t)(uint32_t)_mm256_movemask_epi8(v) << i;
    }
    m.lower &= m.letter;
    block_fill(x, t, at, p, m, b);
}
#endif

static void block_read(const struct cue_index *x, struct span t, size_t at, struct cue_block *b)
{
    uint8_t copy[64 + 8] = {0};
    const uint8_t *p = t.p + at;
    if (t.n - at < sizeof copy)
        p = memcpy(copy, p, t.n - at);
#if defined(__x86_64__)
    if (x->vectors) {
        block_fast(x, t, at, p, b);
        return;
    }
#endif
    block_fill(x, t, at, p, masks_plain(p), b);
}

/* What the words of a block say that begin in some bytes of it: mostly all of them, or none. */
static inline void add_block(const struct cue_index *x, const struct cue_block *b, uint64_t in,
                             struct types *found)
{
    uint64_t any = b->says | b->all;
    if (!(any & in))
        return;
    if (!(any & ~in)) {
        found->bits[0] |= b->any.bits[0];
        found->bits[1] |= b->any.bits[1];
        return;
    }
    if (b->all & in)
        add_place(x, SAYS_ANY, found);
    const uint16_t *place = b->place;
    for (uint64_t left = b->says; left; left &= left - 1, place++)
        if (left & -left & in)
            add_place(x, *place, found);
}

/* What the words of [at, end) say. */
static void add_range(struct probe *p, size_t at, size_t end, struct types *found)
{
    struct span t = p->text;
    for (size_t base = at / 64 * 64; base < end; base += 64) {
        struct cue_block *b = &p->blocks[base / 64 % CUE_BLOCKS];
        if (b->at != base)
            block_read(p->sc->cues, t, base, b);
        uint64_t in = ~(uint64_t)0;
        in &= base < at ? in << (at - base) : in;
        in &= end - base < 64 ? in >> (64 - (end - base)) : in;
        add_block(p->sc->cues, b, in, found);
    }
    if (end <= at || !word_goes_on(t, end))
        return;
    size_t cut = end - 1; /* the last word is read only so far */
    while (cut > at && word_goes_on(t, cut))
        cut--;
    add_word(p->sc->cues, t, cut, end, found);
}

/* The same of a text of its own. */
static void add_text(const struct cue_index *x, struct span t, struct types *found)
{
    for (size_t at = 0, run = 0; at < t.n; at++) {
        if (is(t.p[at], C_HIGH)) {
            add_place(x, SAYS_ANY, found);
        } else if (is(t.p[at], C_LETTER) && !word_goes_on(t, at)) {
            run = at + 1 < t.n && word_goes_on(t, at + 1) ? 0 : run + 1;
            if (run > 2)
                add_place(x, SAYS_ANY, found); /* initials */
            add_word(x, t, at, t.n, found);
        }
    }
}

/* A routing number, or its column, beside the value at `start`: see cues_read_before. */
static void add_bank(const struct probe *p, size_t start, struct types *found)
{
    struct types beside = {{0}};
    for (int side = -1; side < 2; side += 2)
        add_text(p->sc->cues, column_beside(p, start, side), &beside);
    if (types_have(&beside, ENTITY_ABA_ROUTING_NUMBER))
        types_add(found, ENTITY_US_BANK_NUMBER);
}

static struct types around_say(struct probe *p, size_t start, size_t end)
{
    const struct cue_index *x = p->sc->cues;
    struct span column = column_name(p, start);
    size_t from = start > WINDOW_BEFORE ? start - WINDOW_BEFORE : 0;
    struct types found = {{0}};
    struct cue_behind b;
    if (x->plain || (p->key.n && start <= WINDOW_BEFORE))
        return x->says[SAYS_ANY];
    add_range(p, from, start, &found);
    if (cue_words_behind(p, start, end, &b))
        add_range(p, b.at, b.to, &found);
    if (prev(p->text, start) == '"') /* the member behind may say its kind */
        add_text(x, cue_member_type(p->text, start), &found);
    if (column.n) {
        add_text(x, column, &found);
        add_bank(p, start, &found);
    }
    if (types_have(&found, ENTITY_ABA_ROUTING_NUMBER) ||
        probe_listed(p, ENTITY_ABA_ROUTING_NUMBER, start))
        types_add(&found, ENTITY_US_BANK_NUMBER);
    return found;
}

bool cues_may(struct probe *p, size_t start, size_t end, enum entity e)
{
    if (p->may_start != start || p->may_end != end) {
        p->may = around_say(p, start, end);
        p->may_start = start;
        p->may_end = end;
    }
    return types_have(&p->may, e) || (is_vat(e) && (types_have(&p->may, ENTITY_EU_VAT) ||
                                                    types_have(&p->may, ENTITY_DE_VAT_ID) ||
                                                    types_have(&p->may, ENTITY_IT_VAT_CODE)));
}
