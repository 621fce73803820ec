/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a token's surroundings say, computed once per block in linear passes: code that holds no
 * names, first of a line or sentence, letter case of the line, the key before a colon, and the run
 * of name-like words it stands in. Both the trainer and the tagger see places through this.
 */
#include "block_int.h"

#include <stddef.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

static uint8_t sign(const struct tok *t)
{
    return t->sign;
}

static bool is_letters(const struct tok *t)
{
    return t->kind == WORD_LETTERS;
}

/* ---- marks as bits */

enum { MARKS_EACH = 8 /* of a token, in one byte */, MARKS_AT_ONCE = 16 /* tokens */ };

/* The marks of MARKS_AT_ONCE tokens, those before the first MARKS_EACH and those behind. */
struct some_marks {
    uint8_t low[MARKS_AT_ONCE], high[MARKS_AT_ONCE];
};

const uint8_t context_said[LOOKS] = {
    ['.'] = CONTEXT_SENTENCE,
    ['!'] = CONTEXT_SENTENCE,
    ['?'] = CONTEXT_SENTENCE,
    [LOOK_CAP + CAP_LOWER] = CONTEXT_INSIDE,
    [LOOK_CAP + CAP_FIRST] = CONTEXT_INSIDE,
    [LOOK_CAP + CAP_ALL] = CONTEXT_INSIDE,
    [LOOK_CAP + CAP_MIXED] = CONTEXT_INSIDE,
    [LOOK_CAP + CAP_NONE] = CONTEXT_INSIDE,
    [LOOK_CAP + CAP_INITIAL] = CONTEXT_INSIDE,
    [LOOK_CAP + CAP_NEWLINE] = CONTEXT_LINE,
};

/* The last eight bytes of each token are `flags` and on, with the marks in the middle. What those
 * behind the first `n` tokens say is not asked. Then bit k goes to of[k]. `looks` and `said` go on
 * past those with what is not asked either. */
#if defined(__x86_64__)
static inline __m128i looks_load(const struct tok *t)
{
    return _mm_loadl_epi64((const __m128i *)(const void *)&t->flags);
}

/* Four tokens: the first four bytes of each, or the last four, byte by byte. */
static inline void looks_part(const struct tok *t, __m128i *front, __m128i *back)
{
    __m128i a = _mm_unpacklo_epi8(looks_load(t), looks_load(t + 1));
    __m128i b = _mm_unpacklo_epi8(looks_load(t + 2), looks_load(t + 3));
    *front = _mm_unpacklo_epi16(a, b);
    *back = _mm_unpackhi_epi16(a, b);
}

/* context_said of 16. */
static inline __m128i said_of(__m128i looks)
{
    const __m128i last = _mm_set1_epi8(CAP_INITIAL - CAP_LOWER);
    __m128i cap = _mm_sub_epi8(looks, _mm_set1_epi8((char)(LOOK_CAP + CAP_LOWER)));
    __m128i inside = _mm_cmpeq_epi8(_mm_min_epu8(cap, last), cap);
    __m128i line = _mm_cmpeq_epi8(looks, _mm_set1_epi8((char)(LOOK_CAP + CAP_NEWLINE)));
    __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(looks, _mm_set1_epi8('.')),
                                _mm_or_si128(_mm_cmpeq_epi8(looks, _mm_set1_epi8('!')),
                                             _mm_cmpeq_epi8(looks, _mm_set1_epi8('?'))));
    inside = _mm_and_si128(inside, _mm_set1_epi8(CONTEXT_INSIDE));
    line = _mm_and_si128(line, _mm_set1_epi8(CONTEXT_LINE));
    return _mm_or_si128(_mm_or_si128(inside, line),
                        _mm_and_si128(ends, _mm_set1_epi8(CONTEXT_SENTENCE)));
}

static inline void take_marks(const struct tok *t, size_t n, struct some_marks *m, uint8_t *looks,
                              uint8_t *said)
{
    static const uint8_t ones[2 * MARKS_AT_ONCE] = {[0 ... MARKS_AT_ONCE - 1] = 0xff};
    const uint8_t *live = ones + MARKS_AT_ONCE - (n < MARKS_AT_ONCE ? n : MARKS_AT_ONCE);
    __m128i those = _mm_loadu_si128((const __m128i *)(const void *)live), front[4], back[4];
    for (unsigned k = 0; k < 4; k++)
        looks_part(t + 4 * k, &front[k], &back[k]);
    __m128i flags = _mm_unpacklo_epi64(_mm_unpacklo_epi32(front[0], front[1]),
                                       _mm_unpacklo_epi32(front[2], front[3]));
    __m128i a = _mm_unpacklo_epi32(back[0], back[1]), b = _mm_unpacklo_epi32(back[2], back[3]);
    __m128i look = _mm_unpackhi_epi64(_mm_unpackhi_epi32(back[0], back[1]),
                                      _mm_unpackhi_epi32(back[2], back[3]));
    __m128i glued =
        _mm_slli_epi16(_mm_and_si128(flags, _mm_set1_epi8(TOKEN_GLUED)), MARK_GLUED - MARKS_EACH);
    __m128i low = _mm_unpacklo_epi64(a, b), high = _mm_or_si128(_mm_unpackhi_epi64(a, b), glued);
    _mm_storeu_si128((__m128i *)(void *)m->low, _mm_and_si128(low, those));
    _mm_storeu_si128((__m128i *)(void *)m->high, _mm_and_si128(high, those));
    _mm_storeu_si128((__m128i *)(void *)looks, look);
    _mm_storeu_si128((__m128i *)(void *)said, said_of(look));
}

static inline void part_marks(const uint8_t *byte, size_t i, unsigned marks, struct bits *of)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)byte);
    for (unsigned k = MARKS_EACH; k-- > 0; v = _mm_add_epi8(v, v)) {
        uint16_t those = (uint16_t)_mm_movemask_epi8(v);
        if (k < marks)
            memcpy((uint8_t *)of[k].v + (BITS_FRONT + i) / 8, &those, sizeof those);
    }
}
#else
static inline void take_marks(const struct tok *t, size_t n, struct some_marks *m, uint8_t *looks,
                              uint8_t *said)
{
    *m = (struct some_marks){0};
    for (size_t i = 0; i < n && i < MARKS_AT_ONCE; i++) {
        unsigned marks = t[i].marks | (t[i].flags & (unsigned)TOKEN_GLUED) << MARK_GLUED;
        m->low[i] = (uint8_t)marks;
        m->high[i] = (uint8_t)(marks >> MARKS_EACH);
        looks[i] = t[i].looks;
        said[i] = context_said[t[i].looks];
    }
}

static inline void part_marks(const uint8_t *byte, size_t i, unsigned marks, struct bits *of)
{
    for (unsigned k = 0; k < marks; k++)
        for (size_t j = 0; j < MARKS_AT_ONCE; j++)
            bits_put(&of[k], i + j, byte[j] >> k & 1);
}
#endif

static void fill_marks(struct seq s)
{
    _Static_assert(TOKEN_GLUED == 1, "becomes the bit MARK_GLUED");
    _Static_assert(sizeof(struct tok) == offsetof(struct tok, flags) + 8, "see take_marks");
    _Static_assert(offsetof(struct tok, marks) == offsetof(struct tok, flags) + 4, "likewise");
    _Static_assert(offsetof(struct tok, looks) == offsetof(struct tok, flags) + 7, "likewise");
    struct bits *of = s.marks->of;
    uint8_t *looks = s.marks->looks + BYTES_FRONT, *said = s.marks->said + BYTES_FRONT;
    struct some_marks m;
    memset(s.marks->of, 0, sizeof s.marks->of);
    for (size_t i = 0; i < s.n; i += MARKS_AT_ONCE) {
        take_marks(s.v + i, s.n - i, &m, looks + i, said + i);
        part_marks(m.low, i, MARKS_EACH, of);
        part_marks(m.high, i, MARKS - MARKS_EACH, of + MARKS_EACH);
    }
    for (int k = 1; k <= PAD; k++) {
        looks[-k] = looks[(int)s.n - 1 + k] = s.v[-k].looks;
        said[-k] = said[(int)s.n - 1 + k] = context_said[s.v[-k].looks];
    }
}

/* ---- lines and keys */

/* The word before the separator at i, over quotes and stars: how many tokens before it, or 0 when
 * there is none. Without a branch: what stands there cannot be guessed. */
static size_t key_back(struct seq s, size_t i)
{
    enum { BEHIND_LETTERS = CAP_DIGITS };
    const uint32_t each = 0x01010101U, tops = 0x80U * each, near = tops << 8;
    uint32_t looks = four_bytes(s.marks->looks + BYTES_FRONT + i - 4), low = looks & ~tops;
    uint32_t words = looks & ~(low + (0x80U - BEHIND_LETTERS) * each) & near;
    uint32_t lines = looks & (low + (0x80U - CAP_NEWLINE) * each) & near;
    size_t back = (size_t)__builtin_clz(words | 1) / 8 + 1;
    return back & (0U - (size_t)(words > lines));
}

/* Note what the separator at i says; false when it has no key. */
static bool key_note(struct seq s, size_t i)
{
    size_t back = key_back(s, i);
    const struct tok *at = &s.v[i - back], *before = at - 1; /* padding has no letters */
    uint8_t c = sign(before);
    before -= (c == '_') | (c == '-') | (c == '.');
    uint32_t one = at->w->id, other = before->w->id, letters = 0U - is_letters(before);
    s.keys[i + 1] = (struct key_ids){one, one * 31 + ((other & letters) | (7 & ~letters))};
    return back != 0;
}

/* Where the lines of the block begin, and of one more; the last of its places in each. */
struct lines {
    uint16_t first[BLOCK_TOKENS + 2], last[BLOCK_TOKENS + 1];
    size_t n;
};

/* Without a branch: what the next line is like cannot be guessed. */
static enum line_case case_of_line(uint64_t counts)
{
    static const uint8_t by[] = {LINE_NORMAL,       LINE_MANY_CAPITALS, LINE_ALL_CAPITALS,
                                 LINE_ALL_CAPITALS, LINE_NO_CAPITALS,   LINE_NO_CAPITALS,
                                 LINE_NO_CAPITALS,  LINE_NO_CAPITALS};
    unsigned words = count_of(counts, COUNT_WORDS), upper = count_of(counts, COUNT_UPPER);
    unsigned loud = count_of(counts, COUNT_ALL);
    unsigned none = upper == 0, all = (words > 1) & (words == loud);
    unsigned many = (words > 3) & (upper * 5 >= words * 3);
    return (enum line_case)by[none << 2 | all << 1 | many];
}

/* The separator at i: the new key_at, or the old one where it has no key. */
static uint16_t separator(struct seq s, size_t i, uint16_t key)
{
    if (sign(&s.v[i]) == ':')
        code_mark_json_key(s, i);
    return key_note(s, i) ? (uint16_t)(i + 1) : key;
}

/* Does the key that ends its line speak for the list below it? */
static bool opens_list(struct seq s, size_t i)
{
    return s.v[i - key_back(s, i)].w->gaz.lex == LEX_KEY;
}

/* What tokens have in common up to the next line end or separator: of struct tok. */
struct place {
    uint16_t line, key_at;
};

/* The places behind each line end and separator; to[0] is that before the first. */
static void find_places(struct seq s, struct place *to, struct lines *lines)
{
    uint16_t at[BLOCK_TOKENS];
    size_t stops = bits_list(&s.marks->of[MARK_LINE], s.n, at);
    struct place p = {0};
    uint16_t list = 0;
    lines->first[0] = 0;
    s.keys[0] = (struct key_ids){0};
    *to++ = p;
    for (size_t k = 0; k < stops; k++) {
        size_t i = at[k];
        if (s.v[i].kind == WORD_SIGN) {
            p.key_at = separator(s, i, p.key_at);
        } else {
            if (i == lines->first[p.line])
                list = 0;
            lines->last[p.line] = (uint16_t)k;
            lines->first[++p.line] = (uint16_t)(i + 1);
            if (p.key_at != i || i == 0) /* a key at the end of its line speaks for the next one */
                p.key_at = list;
            else if (opens_list(s, i - 1U))
                list = p.key_at;
        }
        *to++ = p;
    }
    lines->n = p.line + 1U;
    lines->last[p.line] = (uint16_t)stops;
    lines->first[lines->n] = (uint16_t)(s.n + 1);
}

static void fill_lines(struct seq s, struct lines *lines)
{
    static const uint64_t of_cap[] = {
        [CAP_LOWER] = COUNT(COUNT_WORDS),
        [CAP_FIRST] = COUNT(COUNT_WORDS) + COUNT(COUNT_UPPER),
        [CAP_ALL] = COUNT(COUNT_WORDS) + COUNT(COUNT_UPPER) + COUNT(COUNT_ALL),
        [CAP_MIXED] = COUNT(COUNT_WORDS) + COUNT(COUNT_UPPER),
        [CAP_NONE] = COUNT(COUNT_WORDS),
        [CAP_INITIAL] = COUNT(COUNT_WORDS) + COUNT(COUNT_UPPER) + COUNT(COUNT_ALL),
        [CAP_NEWLINE] = 0,
    };
    _Static_assert(offsetof(struct tok, key_at) == offsetof(struct tok, line) + 2,
                   "as in struct place");
    struct place places[BLOCK_TOKENS + 1];
    uint64_t counts = 0, before = 0, upto[BLOCK_TOKENS + 1]; /* each place's end */
    size_t p = 0;
    find_places(s, places, lines);
    for (size_t i = 0; i < s.n; i++) {
        struct tok *t = &s.v[i];
        /* Both at once, as a number: one by one they would go through a vector. */
        memcpy((uint8_t *)t + offsetof(struct tok, line), &places[p], sizeof places[p]);
        counts += of_cap[t->cap];
        upto[p] = counts;
        p += t->marks >> MARK_LINE & 1;
    }
    upto[p] = counts; /* of a place without a token too */
    for (size_t k = 0; k < lines->n; k++) {
        uint64_t those = upto[lines->last[k]];
        s.line_case[k] = (uint8_t)case_of_line(those - before);
        before = those;
    }
}

/* ---- tables: rows of fields under a line of their names */

enum { COLUMNS = 32, NAME_WORDS = 3 /* of a column */ };

struct table {
    uint8_t by; /* what separates fields; 0 = no table */
    size_t columns;
    uint16_t end[COLUMNS];    /* the token behind each column's name */
    uint16_t key_at[COLUMNS]; /* of the fields: 0 = the column has no name */
};

static bool separates(uint8_t c)
{
    return c == ',' || c == ';' || c == '|' || c == '\t';
}

/* Of a comma that separates fields: a blank behind it belongs to prose. */
static bool is_separator(const struct tok *t, uint8_t by)
{
    return sign(t) == by && (by == '|' || by == '\t' || t[1].flags & TOKEN_GLUED);
}

/* Are tokens [from, to) the names of columns? */
static bool table_open(struct seq s, size_t from, size_t to, struct table *t)
{
    unsigned words = 0;
    t->by = 0;
    t->columns = 0;
    if (!bits_maybe_any(&s.marks->of[MARK_SEPARATES], from, to) ||
        bits_run(&s.marks->of[MARK_HEAD], from) < to - from)
        return false; /* nearly always */
    for (size_t i = from; i < to; i++) {
        uint8_t c = sign(&s.v[i]);
        if (is_letters(&s.v[i])) {
            if (++words > NAME_WORDS)
                return false;
        } else if (t->by ? is_separator(&s.v[i], t->by)
                         : separates(c) && is_separator(&s.v[i], c)) {
            if (t->columns == COLUMNS - 1 || (words == 0 && c != '|'))
                return false;
            t->by = c;
            t->end[t->columns++] = (uint16_t)i;
            words = 0;
        } else if (c != '"' && c != '_' && c != '-' && c != '.') {
            return false;
        }
    }
    t->end[t->columns++] = (uint16_t)to;
    for (size_t k = 0; t->by && k < t->columns; k++)
        t->key_at[k] = key_note(s, t->end[k]) ? (uint16_t)(t->end[k] + 1) : 0;
    return t->by != 0;
}

/* The fields of [from, to); `fill` gives their tokens the names of the table's columns. */
static size_t fields(struct seq s, size_t from, size_t to, const struct table *t, bool fill)
{
    size_t at = 0;
    bool quoted = false;
    for (size_t i = from; i < to; i++) {
        uint8_t c = sign(&s.v[i]);
        quoted ^= c == '"';
        if (c == t->by && !quoted)
            at++;
        else if (fill && t->key_at[at])
            s.v[i].key_at = t->key_at[at];
    }
    return at + 1;
}

static void fill_tables(struct seq s, const struct lines *lines)
{
    struct table t = {0};
    for (size_t k = 0; k < lines->n; k++) {
        size_t from = lines->first[k], to = lines->first[k + 1] - 1U;
        if (t.by && fields(s, from, to, &t, false) == t.columns)
            fields(s, from, to, &t, true);
        else if (!table_open(s, from, to, &t))
            t.by = 0;
    }
}

/* Those that may be names, and are no code. */
static void fill_maybe(struct seq *s)
{
    const uint64_t *maybe = s->marks->of[MARK_MAYBE].v, *code = s->marks->of[MARK_CODE].v;
    struct bits those;
    for (size_t k = BITS_FRONT / 64; k < bits_end(s->n); k++)
        those.v[k] = maybe[k] & ~code[k];
    s->maybes = bits_list(&those, s->n, s->maybe);
}

/* ---- runs of name-like words */

/* A word that looks like part of a name by its case, or by the lists where case says nothing: one
 * of those that may be one. */
static bool name_like(struct seq s, const struct tok *t)
{
    const struct gaz g = t->w->gaz;
    bool no_case = (t->cap == CAP_LOWER) | (s.line_case[t->line] == LINE_ALL_CAPITALS);
    bool listed = ((g.first | g.last) != 0) & (g.common == 0);
    return !no_case | listed;
}

/* More than one blank before the token: columns, not words of one name. */
static bool apart(const struct tok *t)
{
    return t->start > t[-1].end + 1;
}

/* Runs as bits: words that are like names, side by side or with one or two tokens between them that
 * join. */
struct runs {
    struct bits like, liked; /* those that are; but for those apart from what stands before */
    struct bits joined;      /* what may join, and is not apart either */
    struct bits all, first;  /* the tokens of all runs; the first of each */
};

static void find_like(struct seq s, struct runs *r)
{
    for (size_t k = 0; k < s.maybes; k++) {
        size_t i = s.maybe[k];
        bool like = name_like(s, &s.v[i]);
        bits_put(&r->like, i, like);
        bits_put(&r->liked, i, like & !apart(&s.v[i]));
    }
}

/* With names at both sides, to which most of what could join has none. */
static void find_joined(struct seq s, struct runs *r)
{
    const uint64_t *joins = s.marks->of[MARK_JOINS].v;
    const struct bits *like = &r->like;
    for (size_t k = BITS_FRONT / 64; k < bits_end(s.n); k++) {
        uint64_t left = bits_before(like, k, 1) | bits_before(like, k, 2);
        uint64_t right = bits_behind(like, k, 1) | bits_behind(like, k, 2);
        r->joined.v[k] = joins[k] & ~like->v[k] & left & right;
    }
    for (size_t i = bits_next(&r->joined, 0, s.n); i < s.n; i = bits_next(&r->joined, i + 1, s.n))
        if (apart(&s.v[i]))
            bits_clear(&r->joined, i, i + 1);
}

static void find_runs(struct seq s, struct runs *r)
{
    const struct bits *like = &r->like, *liked = &r->liked, *joined = &r->joined;
    const size_t end = bits_end(s.n);
    for (size_t k = BITS_FRONT / 64; k < end; k++) {
        uint64_t one = bits_before(like, k, 1) & bits_behind(liked, k, 1);
        uint64_t first = bits_before(like, k, 1) & bits_behind(joined, k, 1);
        uint64_t second = bits_before(like, k, 2) & bits_before(joined, k, 1);
        first &= bits_behind(liked, k, 2);
        second &= bits_behind(liked, k, 1);
        r->all.v[k] = like->v[k] | (joined->v[k] & (one | first | second));
    }
    for (size_t k = BITS_FRONT / 64; k < end; k++)
        r->first.v[k] = like->v[k] & ~(liked->v[k] & bits_before(&r->all, k, 1));
}

/* `a` where `which`, else `b`; without a branch, for how long a run is cannot be guessed. */
static inline uint16_t either(bool which, uint16_t a, uint16_t b)
{
    return (uint16_t)(b ^ ((a ^ b) & -(int)which));
}

static bool is_first(const struct runs *r, size_t i)
{
    return r->first.v[(BITS_FRONT + i) / 64] >> i % 64 & 1;
}

/* Forwards for where each run begins, backwards for where it ends. */
static void note_runs(struct seq s, const struct runs *r)
{
    uint16_t at[BLOCK_TOKENS], from = 0, to = 0;
    size_t n = bits_list(&r->all, s.n, at);
    for (size_t k = 0; k < n; k++)
        s.v[at[k]].run_from = from = either(is_first(r, at[k]), at[k], from);
    for (size_t k = n, behind = 0; k-- > 0; behind = at[k]) {
        uint16_t next = (uint16_t)(at[k] + 1);
        s.v[at[k]].run_to = to = either((behind != next) | is_first(r, behind), next, to);
    }
}

static void fill_runs(struct seq s)
{
    struct runs r = {0};
    find_like(s, &r);
    find_joined(s, &r);
    find_runs(s, &r);
    note_runs(s, &r);
}

static void fill(struct seq *s)
{
    struct lines lines;
    fill_marks(*s);
    code_mark(*s);
    fill_lines(*s, &lines);
    fill_tables(*s, &lines);
    fill_maybe(s);
    fill_runs(*s);
}

#if defined(__x86_64__)
/* The same code in fewer instructions, where the CPU has them. */
__attribute__((target("avx2,bmi"), flatten)) static void fill_avx2(struct seq *s)
{
    fill(s);
}
#endif

void context_fill(struct seq *s)
{
#if defined(__x86_64__)
    if (cpu_has_avx2()) {
        fill_avx2(s);
        return;
    }
#endif
    fill(s);
}
