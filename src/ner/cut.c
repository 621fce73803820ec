/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts text into tokens: runs of letters (an ideograph alone), runs of ASCII digits, single signs,
 * runs of those by which Markdown emphasizes (**), line ends. Blanks, invisible characters and what
 * a terminal is told are no tokens; a broken UTF-8 byte is a sign. `O'` and `D'` before a capital
 * belong to the word (O'Brien), any other apostrophe is a sign (Anna's).
 *
 * Two ways to the same tokens: cut_next takes one, byte by byte, and knows all of this; cut_many
 * takes the tokens of 64 bytes at a time from bit masks and leaves to cut_next what holds more than
 * ASCII, is an O' or a D', or is too long. Called for every byte of every text by token.c.
 */
#include "ner_int.h"

#include "letters.h"
#include "terminal.h"
#include "utf8.h"

#include <stddef.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* ---- one token */

/* Characters that join letters without being seen: soft hyphen, zero-width, byte order mark. */
static bool is_joiner(uint32_t cp)
{
    return cp == 0xad || (cp >= 0x200b && cp <= 0x200f) || cp == 0x2060 || cp == 0xfeff ||
           (cp >= 0xfe00 && cp <= 0xfe0f);
}

static bool is_blank(uint32_t cp)
{
    return (cp <= 0x20 && cp != '\n' && cp != '\t') || cp == 0x7f || cp == 0xa0 || cp == 0x85 ||
           (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f ||
           cp == 0x205f || cp == 0x3000;
}

static bool is_apostrophe(uint32_t cp)
{
    return cp == '\'' || cp == 0x2019;
}

static size_t next_cp(struct span s, size_t at, uint32_t *cp)
{
    *cp = s.p[at];
    return *cp < 0x80 ? 1 : utf8_next(s, at, cp);
}

/* End of the run of letters that starts at `at`. */
static size_t letters_end(struct span s, size_t at)
{
    size_t end = at;
    while (at < s.n) {
        uint32_t cp;
        size_t n = next_cp(s, at, &cp);
        if (letters_fold(cp) && !letters_ideograph(cp))
            end = at + n;
        else if (!is_joiner(cp))
            break;
        at += n;
    }
    return end;
}

/* Behind O' or D' when a capital follows, else `at`. */
static size_t elided(struct span s, size_t at)
{
    uint8_t c = s.p[at];
    if ((c != 'O' && c != 'D') || s.n - at < 3)
        return at;
    uint32_t cp;
    size_t next = at + 1 + next_cp(s, at + 1, &cp);
    if (!is_apostrophe(cp) || next >= s.n)
        return at;
    next_cp(s, next, &cp);
    return letters_fold(cp) & LETTERS_UPPER ? next : at;
}

enum class {
    CLASS_BLANK,
    CLASS_LETTER,
    CLASS_DIGIT,
    CLASS_NEWLINE,
    CLASS_SIGN,
    CLASS_HIGH, /* part of a longer character */
    CLASS_ESCAPE,
};

static const uint8_t class_of[256] = {
    [0x00 ... 0x08] = CLASS_BLANK, [0x0b ... 0x1a] = CLASS_BLANK, [TERMINAL_ESC] = CLASS_ESCAPE,
    [0x1c ... 0x20] = CLASS_BLANK, ['\t'] = CLASS_SIGN,           ['\n'] = CLASS_NEWLINE,
    [0x21 ... 0x2f] = CLASS_SIGN,  ['0' ... '9'] = CLASS_DIGIT,   [0x3a ... 0x40] = CLASS_SIGN,
    ['A' ... 'Z'] = CLASS_LETTER,  [0x5b ... 0x60] = CLASS_SIGN,  ['a' ... 'z'] = CLASS_LETTER,
    [0x7b ... 0x7e] = CLASS_SIGN,  [0x7f] = CLASS_BLANK,          [0x80 ... 0xff] = CLASS_HIGH,
};

static size_t digits_end(struct span s, size_t at)
{
    while (at < s.n && class_of[s.p[at]] == CLASS_DIGIT)
        at++;
    return at;
}

static size_t emphasis_end(struct span s, size_t at)
{
    while (at < s.n && sign_emphasizes(s.p[at]))
        at++;
    return at;
}

/* The end of a token that starts with part of a longer character. */
static size_t high_end(struct span s, size_t at, enum word_kind *kind)
{
    uint32_t cp;
    size_t n = utf8_next(s, at, &cp);
    if (is_blank(cp) || is_joiner(cp))
        return at;
    *kind = letters_fold(cp) ? WORD_LETTERS : WORD_SIGN;
    return *kind == WORD_SIGN || letters_ideograph(cp) ? at + n : letters_end(s, at);
}

/* The end of the token that starts at `at`, and its kind; `at` itself for a blank. In order of how
 * often they come. */
static inline size_t token_end(struct span s, size_t at, enum word_kind *kind)
{
    enum class c = (enum class)class_of[s.p[at]];
    if (c == CLASS_LETTER) {
        *kind = WORD_LETTERS;
        size_t end = letters_ascii_end(s, at);
        if (end < s.n && (s.p[end] >= 0x80 || s.p[end] == '\''))
            end = letters_end(s, elided(s, at));
        return end;
    }
    if (c == CLASS_BLANK || c == CLASS_ESCAPE)
        return at;
    if (c == CLASS_SIGN || c == CLASS_NEWLINE) {
        *kind = c == CLASS_SIGN ? WORD_SIGN : WORD_NEWLINE;
        return sign_emphasizes(s.p[at]) ? emphasis_end(s, at + 1) : at + 1;
    }
    if (c == CLASS_DIGIT) {
        *kind = WORD_DIGITS;
        return digits_end(s, at + 1);
    }
    return high_end(s, at, kind);
}

static size_t blank_len(struct span s, size_t at)
{
    uint32_t cp;
    bool blank, cut;
    if (s.p[at] >= 0x80)
        return utf8_next(s, at, &cp);
    size_t n = s.p[at] == TERMINAL_ESC ? terminal_sequence(s, at, &blank, &cut) : 1;
    return n ? n : 1;
}

size_t cut_next(struct span text, size_t *at, enum word_kind *kind)
{
    while (*at < text.n) {
        *kind = WORD_SIGN;
        size_t end = token_end(text, *at, kind);
        if (end > *at)
            return end;
        *at += blank_len(text, *at);
    }
    return *at;
}

/* ---- many tokens */

#define ALWAYS __attribute__((always_inline)) static inline

enum { STEP = 64 };

/* One bit for each of STEP bytes. */
struct classes {
    uint64_t letter, digit, emphasis, line, solid; /* solid: begins or goes on with a token */
    uint64_t odd; /* cut_next is asked about the token here or before it */
};

/* O or D before an apostrophe. */
static bool may_elide(const uint8_t *p)
{
    return p[1] == '\'' && (p[0] == 'O' || p[0] == 'D');
}

static inline void classes_plain(const uint8_t p[STEP], struct classes *c)
{
    *c = (struct classes){0};
    for (unsigned i = 0; i < STEP; i++) {
        uint64_t bit = 1ULL << i;
        enum class is = (enum class)class_of[p[i]];
        c->letter |= is == CLASS_LETTER ? bit : 0;
        c->digit |= is == CLASS_DIGIT ? bit : 0;
        c->emphasis |= sign_emphasizes(p[i]) ? bit : 0;
        c->line |= is == CLASS_NEWLINE ? bit : 0;
        c->solid |= is < CLASS_HIGH && is != CLASS_BLANK ? bit : 0;
        c->odd |= is >= CLASS_HIGH || (i && may_elide(p + i - 1)) ? bit : 0;
    }
}

#if defined(__x86_64__)
static inline uint64_t bits(__m128i v)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(v);
}

/* Bytes from `low` to `high`, which are ASCII: moved up to the largest signed numbers there are. */
static inline __m128i from_to(__m128i v, char low, char high)
{
    __m128i up = _mm_add_epi8(v, _mm_set1_epi8((char)(0x7f - high)));
    return _mm_cmpgt_epi8(up, _mm_set1_epi8((char)(0x7f - high + low - 1)));
}

/* The bytes behind an O' or D'. */
static __attribute__((noinline)) uint64_t elisions(const uint8_t p[STEP], uint64_t apostrophes)
{
    uint64_t found = 0;
    for (uint64_t left = apostrophes & ~1ULL; left; left &= left - 1)
        found |= may_elide(p + __builtin_ctzll(left) - 1) ? left & -left : 0;
    return found;
}

static inline void classes_fast(const uint8_t p[STEP], struct classes *c)
{
    uint64_t apostrophes = 0;
    *c = (struct classes){0};
    for (unsigned i = 0; i < STEP; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        __m128i solid = _mm_or_si128(from_to(v, '!', '~'), from_to(v, '\t', '\n'));
        __m128i star = _mm_cmpeq_epi8(v, _mm_set1_epi8('*')),
                tilde = _mm_cmpeq_epi8(v, _mm_set1_epi8('~'));
        __m128i emphasis = _mm_or_si128(_mm_or_si128(star, tilde), from_to(v, '_', '`'));
        c->letter |= bits(from_to(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 'z')) << i;
        c->digit |= bits(from_to(v, '0', '9')) << i;
        c->emphasis |= bits(emphasis) << i;
        c->line |= bits(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n'))) << i;
        c->solid |= bits(solid) << i;
        c->odd |= bits(_mm_or_si128(v, _mm_cmpeq_epi8(v, _mm_set1_epi8(TERMINAL_ESC)))) << i;
        apostrophes |= bits(_mm_cmpeq_epi8(v, _mm_set1_epi8('\''))) << i;
    }
    if (apostrophes)
        c->odd |= elisions(p, apostrophes);
}

#define AVX2 __attribute__((target("avx2,bmi")))

AVX2 static inline uint64_t bits_avx2(__m256i v)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(v);
}

AVX2 static inline __m256i from_to_avx2(__m256i v, char low, char high)
{
    __m256i up = _mm256_add_epi8(v, _mm256_set1_epi8((char)(0x7f - high)));
    return _mm256_cmpgt_epi8(up, _mm256_set1_epi8((char)(0x7f - high + low - 1)));
}

/* The same, twice as many at a time. */
AVX2 static inline void classes_avx2(const uint8_t p[STEP], struct classes *c)
{
    uint64_t apostrophes = 0;
    *c = (struct classes){0};
    for (unsigned i = 0; i < STEP; i += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(p + i));
        __m256i low = _mm256_or_si256(v, _mm256_set1_epi8(0x20));
        __m256i solid = _mm256_or_si256(from_to_avx2(v, '!', '~'), from_to_avx2(v, '\t', '\n'));
        __m256i star = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('*'));
        __m256i tilde = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('~'));
        __m256i ticks = from_to_avx2(v, '_', '`');
        __m256i emphasis = _mm256_or_si256(_mm256_or_si256(star, tilde), ticks);
        c->letter |= bits_avx2(from_to_avx2(low, 'a', 'z')) << i;
        c->digit |= bits_avx2(from_to_avx2(v, '0', '9')) << i;
        c->emphasis |= bits_avx2(emphasis) << i;
        c->line |= bits_avx2(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('\n'))) << i;
        c->solid |= bits_avx2(solid) << i;
        __m256i escape = _mm256_cmpeq_epi8(v, _mm256_set1_epi8(TERMINAL_ESC));
        c->odd |= bits_avx2(_mm256_or_si256(v, escape)) << i;
        apostrophes |= bits_avx2(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('\''))) << i;
    }
    if (apostrophes)
        c->odd |= elisions(p, apostrophes);
}
#endif

/* What its first byte says of a token: what it is (part of a longer character: unless cut_next
 * knows better), to which a mask lets the length add. */
struct first {
    uint8_t is, length;
};
enum { RUN = 0x0e /* tells a single sign from more of them */ };
#define SIGN(c)  [c] = {c, 0}
#define SIGNS(c) SIGN(c), SIGN((c) + 1), SIGN((c) + 2)
static const struct first first_of[256] = {
    SIGN('\t'),
    SIGN('\n'),
    SIGNS('!'),
    SIGNS('$'),
    SIGNS('\''),
    ['*'] = {CUT_STARS, RUN},
    SIGN('+'),
    SIGN(','),
    SIGNS('-'),
    ['0' ... '9'] = {'0', 0x0f},
    SIGNS(':'),
    SIGNS('='),
    SIGN('@'),
    ['A' ... 'Z'] = {CUT_LETTERS, 0},
    SIGNS('['),
    SIGNS('^'),
    ['a' ... 'z'] = {CUT_LETTERS, 0},
    SIGNS('{'),
    ['~'] = {CUT_TILDES, RUN},
    [0x80 ... 0xff] = {CUT_SIGN, 0},
};
#undef SIGNS
#undef SIGN

/* Token `n` of those that are being cut, with the first byte at p. No branch, which would be
 * guessed wrong. */
ALWAYS void put(struct cuts out, size_t n, const uint8_t *p, uint32_t start, uint32_t end)
{
    enum { DIGITS_MAX = 9 };
    struct first first = first_of[*p];
    struct tok *t = &out.tok[n];
    uint32_t length = end - start;
    t->start = start;
    t->end = end;
    memset((uint8_t *)t + offsetof(struct tok, run_from), 0,
           offsetof(struct tok, flags) - offsetof(struct tok, run_from));
    out.is[n] = (uint8_t)(first.is + ((length < DIGITS_MAX ? length : DIGITS_MAX) & first.length));
}

/* What is known of the STEP bytes at `base`, bit by bit: where tokens start, the byte behind each
 * token, which tokens begin where the one before ends, and where cut_next must look. */
struct step {
    size_t base;
    uint64_t starts, ends, glued, odd;
};

typedef void classes_fn(const uint8_t[STEP], struct classes *);

ALWAYS void step_fill(struct span text, size_t at, classes_fn *classes, struct step *s)
{
    uint8_t last[STEP];
    const uint8_t *p = text.p + at;
    if (text.n - at < STEP) { /* blanks behind the text end its last token */
        memset(last, ' ', sizeof last);
        memcpy(last, p, text.n - at);
        p = last;
    }
    struct classes c;
    classes(p, &c);
    uint64_t inside =
        (c.letter & c.letter << 1) | (c.digit & c.digit << 1) | (c.emphasis & c.emphasis << 1);
    uint64_t starts = c.solid & ~inside, ends = ~inside & c.solid << 1;
    *s = (struct step){at, starts, ends, starts & ends & ~(c.line | c.line << 1), c.odd};
}

/* The tokens between bytes `from` of the step and the first odd place, from the one numbered `n` of
 * `out` on, up to `max` in all. Returns how many there are then. */
ALWAYS size_t step_take(const struct cutter *c, const struct step *s, size_t from, struct cuts out,
                        size_t n, size_t max)
{
    uint64_t live = ~0ULL << from, odd = s->odd & live;
    uint64_t starts = s->starts & live, ends = s->ends & live << 1;
    const uint8_t *p = c->text.p + s->base;
    const uint32_t base = (uint32_t)s->base;
    ends &= (odd & -odd) - 1; /* all where nothing is odd, which cannot be guessed */
    for (; n < max && ends; n++) {
        unsigned start = (unsigned)__builtin_ctzll(starts), end = (unsigned)__builtin_ctzll(ends);
        put(out, n, p + start, base + start, base + end);
        out.tok[n].flags = s->glued >> start & TOKEN_GLUED;
        starts &= starts - 1;
        ends &= ends - 1;
    }
    return n;
}

/* The next token by itself; false at the end of the text. */
static bool take_one(struct cutter *c, struct cuts out, size_t n)
{
    enum word_kind kind = WORD_SIGN;
    size_t end = cut_next(c->text, &c->at, &kind);
    if (end == c->at)
        return false;
    put(out, n, c->text.p + c->at, (uint32_t)c->at, (uint32_t)end);
    out.is[n] = kind == WORD_LETTERS ? CUT_LETTERS : out.is[n];
    return true;
}

/* Tokens [from, n) are there: is the first glued to the one before? And go on behind the last. */
ALWAYS void follow(struct cutter *c, struct cuts out, size_t from, size_t n)
{
    struct tok *first = &out.tok[from];
    const struct tok *last = &out.tok[n - 1];
    bool glued = (first->start == c->glue) & (out.is[from] != '\n');
    first->flags = glued ? TOKEN_GLUED : 0;
    c->glue = out.is[n - 1] == '\n' ? CUT_NO_GLUE : last->end;
    c->at = last->end;
    if (c->at < c->text.n)
        c->at += c->text.p[c->at] == ' '; /* the one between two words */
}

ALWAYS size_t many(struct cutter *c, struct cuts out, size_t max, classes_fn *classes)
{
    struct step s = {0};
    size_t n = 0, from = STEP;
    _Static_assert(TOKEN_GLUED == 1, "a bit of struct step becomes it");
    while (n < max && c->at < c->text.n) {
        if (from >= STEP)
            step_fill(c->text, c->at, classes, &s);
        from = c->at - s.base;
        size_t to = step_take(c, &s, from, out, n, max);
        if (to == n && from && s.odd >> from == 0) { /* a token that goes past the step */
            from = STEP;
            continue;
        }
        if (to == n && !take_one(c, out, to++))
            break;
        follow(c, out, n, to);
        from = c->at - s.base;
        n = to;
    }
    return n;
}

#if defined(__x86_64__)
AVX2 static size_t many_avx2(struct cutter *c, struct cuts out, size_t max)
{
    return many(c, out, max, classes_avx2);
}
#endif

size_t cut_many_plain(struct cutter *c, struct cuts out, size_t max)
{
    return many(c, out, max, classes_plain);
}

size_t cut_many_narrow(struct cutter *c, struct cuts out, size_t max)
{
#if defined(__x86_64__)
    return many(c, out, max, classes_fast);
#else
    return cut_many_plain(c, out, max);
#endif
}

size_t cut_many(struct cutter *c, struct cuts out, size_t max)
{
#if defined(__x86_64__)
    if (cpu_has_avx2())
        return many_avx2(c, out, max);
#endif
    return cut_many_narrow(c, out, max);
}
