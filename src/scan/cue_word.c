/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading words for cue.c one by one: one that is asked for by itself, what stands between two, and
 * all of a window that holds more than ASCII. The others, nearly all, are cue_window.c's.
 */
#include "cue_int.h"
#include "fold_int.h"
#include "scan_int.h"
#include "utf8.h"

static bool letter(uint32_t cp)
{
    if (cp < 0x80)
        return is((uint8_t)cp, C_LETTER);
    return cp == 0xAA || cp == 0xBA ||
           (cp >= 0xC0 && cp != 0xD7 && cp != 0xF7 && cp != 0xFFFD &&
            (cp < 0x2000 || cp >= 0x3005 || cp == 0x260E || cp == 0x260F)); /* a telephone */
}

/* Letters of ASCII at the start of a word, the frequent case, eight at a time. Stops at what needs
 * a closer look; returns its place. */
static size_t ascii_read(struct span t, size_t at, size_t end, struct folding *f)
{
    uint64_t before = 0; /* 0x80: the byte before was a small letter */
    f->n = 0;
    while (at < end && f->n + 8 <= WORD_BYTES_MAX) {
        size_t room = end - at < 8 ? end - at : 8, n = room;
        uint8_t last[8] = {0};
        if (t.n - at < 8)
            memcpy(last, t.p + at, t.n - at);
        uint64_t v = load8(t.n - at < 8 ? last : t.p + at);
        uint64_t letter = letters_of(v), small = letter & v << 2;
        uint64_t stop = (letter ^ 0x8080808080808080U) | (letter & ~small & (small << 8 | before));
        if (stop && (size_t)__builtin_ctzll(stop) / 8 < n)
            n = (size_t)__builtin_ctzll(stop) / 8;
        store8(f->b + f->n, v | 0x2020202020202020U);
        f->n += n;
        at += n;
        if (n < 8)
            break;
        before = small >> 56;
    }
    return at;
}

/* Forget the first character. */
static void first_drop(struct folding *f)
{
    size_t n = 1;
    while (n < f->n && (f->b[n] & 0xC0) == 0x80)
        n++;
    f->n -= n;
    memmove(f->b, f->b + n, f->n);
}

/* What ascii_read left of a word: letters of other alphabets, or more than it takes. */
static size_t rest_read(struct span t, size_t at, size_t end, struct folding *f)
{
    bool lower = f->n && is(t.p[at - 1], C_LOWER);
    while (at < end) {
        uint32_t cp = t.p[at];
        size_t width = cp < 0x80 ? 1 : utf8_next(t, at, &cp);
        bool upper = cp < 0x80 && is((uint8_t)cp, C_UPPER);
        if (!letter(cp) || (upper && lower))
            break;
        lower = cp < 0x80 && is((uint8_t)cp, C_LOWER);
        f->wide = f->wide || cp >= 0xE00;
        if (f->wide && f->n >= WORD_BYTES_MAX)
            first_drop(f); /* the label is what ends last */
        if (f->n < WORD_BYTES_MAX)
            f->n += fold_letter(cp, f->b + f->n);
        at += width;
    }
    memset(f->b + f->n, 0, 8);
    return at;
}

size_t cue_word_read(struct span t, size_t at, size_t end, struct folding *f)
{
    f->wide = false;
    at = ascii_read(t, at, end, f);
    if (at < end && (t.p[at] >= 0x80 || f->n + 8 > WORD_BYTES_MAX))
        return rest_read(t, at, end, f);
    memset(f->b + f->n, 0, 8);
    return at;
}

/* "passportnumber", "telefonnr", "ssns": the word without what says only "number" or "several". */
static uint64_t stem_hash(const struct cue_index *x, const struct folding *f, uint64_t h)
{
    static const struct {
        const char *word;
        uint8_t n;
    } tails[] = {{"nummer", 6}, {"number", 6}, {"nr", 2}, {"num", 3}, {"no", 2}, {"s", 1}};
    uint8_t last = f->b[f->n - 1];
    size_t from = last == 'r' ? 0 : last == 'm' ? 3 : last == 'o' ? 4 : last == 's' ? 5 : 6;
    if (from == 6 || find_word(x, h))
        return h;
    for (size_t i = from; i < (from ? from + 1 : 3); i++) {
        size_t n = tails[i].n;
        if (f->n < n + 2 || memcmp(f->b + f->n - n, tails[i].word, n) != 0)
            continue;
        uint64_t cut = hash_piece(f, 0, f->n - n);
        if (find_word(x, cut))
            return cut;
        /* Versicherungs-nr: the joint's s */
        cut = f->n > n + 3 && f->b[f->n - n - 1] == 's' ? hash_piece(f, 0, f->n - n - 1) : cut;
        if (find_word(x, cut))
            return cut;
    }
    return h;
}

/* A run of letters without blanks, as in Chinese: the longest entry that ends last. */
static uint64_t wide_hash(const struct cue_index *x, const struct folding *f, uint64_t whole)
{
    if (find_word(x, whole))
        return whole;
    uint64_t best = whole;
    size_t best_end = 0, best_n = 0;
    for (size_t i = 0; i < f->n; i++) {
        if ((f->b[i] & 0xC0) == 0x80)
            continue;
        for (size_t j = i; j < f->n;) {
            do
                j++;
            while (j < f->n && (f->b[j] & 0xC0) == 0x80);
            if (j < best_end || (j == best_end && j - i <= best_n))
                continue;
            uint64_t h = hash_piece(f, i, j - i);
            if (find_word(x, h)) {
                best = h;
                best_end = j;
                best_n = j - i;
            }
        }
    }
    return best;
}

/* Does the point at `at` end a sentence? After a word, not after "no." or "Passnr." */
static bool sentence_ends(struct span t, size_t at)
{
    return peek(t, at + 1) == ' ' && is(peek(t, at + 2), C_UPPER) && at >= 4 &&
           is(t.p[at - 1], C_LOWER) && is(t.p[at - 2], C_LOWER) && is(t.p[at - 3], C_LOWER) &&
           is(t.p[at - 4], C_LOWER) && memcmp(t.p + at - 2, "nr", 2) != 0;
}

unsigned cue_barrier(struct span t, size_t at, unsigned *digits)
{
    uint8_t c = t.p[at];
    if (is(c, C_DIGIT))
        return ++*digits == NUMBER_DIGITS ? BAR_NUMBER : 0;
    if (c != '-' && c != '.' && c != ' ')
        *digits = 0;
    if (c == '\n')
        return BAR_LINE;
    if ((c == '.' || c == '!' || c == '?') && sentence_ends(t, at))
        return BAR_SENTENCE;
    switch (c) {
    case '"': /* of an abbreviation in Hebrew, it stands between the letters */
        return at && is(t.p[at - 1], C_HIGH) && is(peek(t, at + 1), C_HIGH) ? 0 : BAR_STOP;
    case ';':
    case '|':
    case '{':
    case '}':
    case '[':
    case ']':
    case '<':
    case '>':
    case '=':
    case '\t':
        return BAR_STOP;
    default:
        return 0;
    }
}

bool cue_own_letters(struct span t, size_t at, size_t end)
{
    if (!at || (at >= 2 && t.p[at - 2] == '%'))
        return false;
    if (is(t.p[at - 1], C_DIGIT))
        return true;
    if (end - at == 2 && (peek(t, end) == ':' || peek(t, end) == '-') &&
        peek(t, end + 3) == t.p[end] && is(peek(t, end + 1), C_HEX) && is(t.p[end + 2], C_HEX))
        return true;
    if (at < 2 || (t.p[at - 1] != '-' && t.p[at - 1] != ':'))
        return false;
    if (end - at == 1)
        return is(t.p[at - 2], C_DIGIT);
    return end - at == 2 && is(t.p[at], C_HEX) && is(t.p[at + 1], C_HEX) && at >= 3 &&
           is(t.p[at - 2], C_HEX) && is(t.p[at - 3], C_HEX) && (at < 4 || !is(t.p[at - 4], C_WORD));
}

/* Before the tag that ends at `at`, `at` itself when there is none: "<dd>". */
static size_t before_tag(struct span t, size_t at)
{
    enum { TAG_MAX = 32 };
    if (!at || t.p[at - 1] != '>')
        return at;
    for (size_t n = 1; n < TAG_MAX && n < at && t.p[at - n - 1] != '\n'; n++)
        if (t.p[at - n - 1] == '<')
            return at - n - 1;
    return at;
}

/* Content-Disposition: form-data; name="passport_no" (RFC 7578) */
static bool names_part(struct span line)
{
    static const char name[] = "name=\"";
    size_t at = line.n ? line.n - 1 : 0;
    if (!at || line.p[at] != '"')
        return false;
    while (at && line.p[at - 1] != '"')
        at--;
    return at >= sizeof name - 1 &&
           span_is(span_cut(line, at - (sizeof name - 1), sizeof name - 1), name);
}

/* A few words without a digit, perhaps in a tag. */
static bool is_heading(struct span line)
{
    enum { HEADING_MAX = 44, HEADING_LEAST = 2 };
    bool tag = line.n && line.p[0] == '<' && line.p[line.n - 1] == '>';
    if (line.n < HEADING_LEAST || line.n > (tag ? HEADING_MAX + 16 : HEADING_MAX))
        return false;
    for (size_t i = 0; i < line.n; i++)
        if (is(line.p[i], C_DIGIT) || memchr(",;=|{}!?\"", line.p[i], 9) ||
            (!tag && (line.p[i] == '<' || line.p[i] == '>')))
            return false;
    return true;
}

bool cue_under_heading(struct span t, size_t start)
{
    enum { ABOVE_MAX = 72 };
    size_t end = start, n = 0;
    while (end && start - end < 4 && (t.p[end - 1] == ' ' || t.p[end - 1] == '"'))
        end--;
    end = before_tag(t, end);
    while (end && start - end < 48 && t.p[end - 1] == ' ')
        end--;
    if (!end || t.p[end - 1] != '\n')
        return false;
    end--;
    bool apart = end && t.p[end - 1] == '\n'; /* an empty line between */
    end -= apart;
    while (n < ABOVE_MAX && n < end && t.p[end - n - 1] != '\n')
        n++;
    struct span above = span_cut(t, end - n, n);
    return names_part(above) || is_heading(above);
}

size_t cue_question(struct span t, size_t from, size_t start)
{
    enum { ANSWER_MAX = 40 };
    size_t most = start - from < ANSWER_MAX ? start - from : ANSWER_MAX;
    const uint8_t *mark = most ? memchr(t.p + start - most, '?', most) : NULL;
    if (!mark)
        return 0;
    for (size_t at = start; at > from && start - at < ANSWER_MAX; at--)
        if (t.p[at - 1] == '?')
            return at - 1;
        else if (is(t.p[at - 1], C_DIGIT))
            return 0;
    return 0;
}

size_t cue_word_hash(const struct cue_index *x, struct span t, size_t at, size_t end,
                     uint64_t *hash)
{
    struct folding f;
    size_t to = cue_word_read(t, at, end, &f);
    *hash = 0;
    if (to > at && f.n) {
        uint64_t h = hash_word(&f);
        *hash = f.wide ? wide_hash(x, &f, h) : stem_hash(x, &f, h);
    }
    return to;
}

bool cue_refers(const struct cue_index *x, struct span t, size_t at)
{
    struct folding f;
    if (!cue_may_be(x, span_cut(t, at, 2), CUE_THIS))
        return false;
    size_t to = cue_word_read(t, at, t.n - at < WORD_BYTES_MAX ? t.n : at + WORD_BYTES_MAX, &f);
    return to > at && cue_is(x, span_cut(t, at, to - at), CUE_THIS) != 0;
}

/* The letters of ASCII that a word begins with, folded, at most SHORT_MAX of them. */
enum { SHORT_MAX = 15 };
struct short_word {
    uint64_t v[2];
    size_t n;
};

/* 16 bytes at p are readable. */
static inline struct short_word short_read(const uint8_t *p)
{
    uint64_t v = load8(p), more = load8(p + 8);
    size_t n = letters_in(v);
    if (n == 8 && !(is(p[7], C_LOWER) && is(p[8], C_UPPER)))
        n += letters_in(more);
    return (struct short_word){{v | 0x2020202020202020U, more | 0x2020202020202020U}, n};
}

/* hash_piece of its first n letters. */
static inline uint64_t short_hash(const struct short_word *w, size_t n)
{
    if (n <= 8)
        return hash_mix(n ^ w->v[0] << (64 - 8 * n));
    return hash_mix(hash_mix(n ^ w->v[0]) ^ w->v[1] << (128 - 8 * n));
}

size_t cue_look(const struct cue_index *x, struct span t, size_t at, size_t end, struct word *out)
{
    struct short_word w = {.n = SHORT_MAX + 1};
    if (t.n - at > SHORT_MAX)
        w = short_read(t.p + at);
    size_t n = w.n < end - at ? w.n : end - at;
    if (w.n <= SHORT_MAX && (n == end - at || t.p[at + n] < 0x80)) {
        out->hash = short_hash(&w, n);
        out->slot = slot_of(x, out->hash);
        if (out->slot->n || out->slot->tail || !cue_may_have_stem(x, out->hash, t.p + at, n))
            return at + n;
    }
    size_t to = cue_word_hash(x, t, at, end, &out->hash);
    out->slot = slot_of(x, out->hash);
    return to;
}

/* What stands between words, read byte by byte from {0, false}. */
struct between {
    unsigned digits;
    bool label; /* a word and its colon: what it labels may stand on the next line */
};

/* Past the byte at `at`, or up to `to` where letters stand there that are no word; `last` is the
 * word before, NULL when there is none. */
static inline size_t between_read(struct span t, size_t at, size_t to, size_t end,
                                  struct between *b, struct word *last)
{
    uint8_t c = t.p[at];
    unsigned bar = 0;
    if (last && (c == ':' || c == '='))
        last->labels = true;
    if (b->label && c == '\n')
        b->label = false;
    else
        bar = cue_barrier(t, at, &b->digits);
    b->label = last && (c == ':' || (b->label && c == '\r'));
    if (last)
        last->barrier |= (uint8_t)bar;
    bool genitive =
        c == '\'' && peek(t, at + 1) == 's' && !is(peek(t, at + 2), C_LETTER); /* driver's */
    return to > at ? to : at + 1 + (genitive && at + 1 < end);
}

/* Bytes between words by what they do: see between_read. */
enum {
    GAP_LINE = BAR_LINE,
    GAP_DIGIT = 2,
    GAP_KEEPS = 4, /* digits before it and behind are one number's */
    GAP_STOP = BAR_STOP,
    GAP_LETTER = 16,
    GAP_LABEL = 32,
    GAP_END = 64,
};
static const uint8_t gap_kinds[256] = {
    ['0' ... '9'] = GAP_DIGIT | GAP_KEEPS,
    ['A' ... 'Z'] = GAP_LETTER | GAP_KEEPS,
    ['a' ... 'z'] = GAP_LETTER | GAP_KEEPS, /* letters that are no word */
    [' '] = GAP_KEEPS,
    ['-'] = GAP_KEEPS,
    ['.'] = GAP_KEEPS | GAP_END,
    ['!'] = GAP_END,
    ['?'] = GAP_END,
    ['"'] = GAP_STOP,
    [';'] = GAP_STOP,
    ['|'] = GAP_STOP,
    ['{'] = GAP_STOP,
    ['}'] = GAP_STOP,
    ['['] = GAP_STOP,
    [']'] = GAP_STOP,
    ['<'] = GAP_STOP,
    ['>'] = GAP_STOP,
    ['\t'] = GAP_STOP,
    ['='] = GAP_STOP | GAP_LABEL,
    [':'] = GAP_LABEL,
    ['\n'] = GAP_LINE,
};

/* The same byte by byte, where it matters what stands behind what. */
static void gap_read(struct span t, size_t at, size_t end, struct word *last)
{
    struct between b = {0, false};
    while (at < end)
        if (t.p[at] == ' ' || gap_kinds[t.p[at]] & GAP_LETTER)
            at++;
        else
            at = between_read(t, at, at, end, &b, last);
}

/* Is there a number in [at, end)? */
static bool gap_number(struct span t, size_t at, size_t end)
{
    unsigned digits = 0;
    for (; at < end && digits < NUMBER_DIGITS; at++) {
        unsigned kind = gap_kinds[t.p[at]];
        digits = kind & GAP_KEEPS ? digits + !!(kind & GAP_DIGIT) : 0;
    }
    return digits == NUMBER_DIGITS;
}

/* What stands in [at, end), which is not empty; most gaps are short. */
static inline unsigned gap_seen(const uint8_t *p, size_t n)
{
    unsigned seen = gap_kinds[p[0]] | gap_kinds[p[n - 1]] | gap_kinds[p[n > 1]] |
                    gap_kinds[p[n > 2 ? n - 2 : 0]];
    for (size_t i = 2; i + 2 < n; i++)
        seen |= gap_kinds[p[i]];
    return seen;
}

/* "Passport:" and what it labels on the next line? */
static bool label_ends_line(struct span t, size_t at, size_t end)
{
    bool label = false;
    for (; at < end; at++) {
        uint8_t c = t.p[at];
        if (label && c == '\n')
            return true;
        label = c == ':' || (label && (c == ' ' || c == '\r' || gap_kinds[c] & GAP_LETTER));
    }
    return false;
}

void cue_gap_read(struct span t, size_t at, size_t end, struct word *last)
{
    if (at == end)
        return;
    unsigned first = gap_kinds[t.p[at]], seen = gap_seen(t.p + at, end - at);
    bool lines = seen & GAP_LABEL && seen & GAP_LINE && label_ends_line(t, at, end);
    if (lines || (seen & GAP_END && seen & GAP_LETTER)) {
        gap_read(t, at, end, last); /* it matters what stands behind what */
        return;
    }
    last->labels |= (seen & GAP_LABEL) != 0;
    last->barrier |= seen & (GAP_STOP | GAP_LINE);
    if (first & GAP_END && sentence_ends(t, at))
        last->barrier |= BAR_SENTENCE;
    if (seen & GAP_DIGIT && end - at >= NUMBER_DIGITS && gap_number(t, at, end))
        last->barrier |= BAR_NUMBER;
}

/* Set the bits of w from its words. */
static void words_mark(struct words *w)
{
    w->known = w->line = w->far = w->stop = 0;
    for (size_t i = 0; i < w->n; i++) {
        uint64_t bit = (uint64_t)1 << i;
        unsigned bar = w->v[i].barrier;
        w->known |= w->v[i].slot->n || w->v[i].slot->tail ? bit : 0;
        w->line |= bar & BAR_LINE ? bit : 0;
        w->far |= bar & (BAR_NUMBER | BAR_SENTENCE) ? bit : 0;
        w->stop |= bar ? bit : 0;
    }
}

void cue_words_plain(const struct cue_index *x, struct span t, size_t at, size_t end,
                     struct words *out)
{
    struct word *w = out->v;
    size_t n = 0;
    struct between b = {0, false};
    while (at < end) {
        uint8_t c = t.p[at];
        if (c == ' ') { /* the frequent case of what follows */
            at++;
            continue;
        }
        struct word next = {0};
        size_t to = at;
        if (is(c, C_LETTER | C_HIGH)) {
            to = cue_look(x, t, at, end, &next);
            bool apart = at && t.p[at - 1] == ' ' && to - at != 2;
            if (to > at && !apart && cue_own_letters(t, at, to)) {
                at = to;
                continue;
            }
        }
        if (!next.hash) {
            at = between_read(t, at, to, end, &b, n ? &w[n - 1] : NULL);
            continue;
        }
        if (n == WORDS_MAX) {
            memmove(w, w + 1, (WORDS_MAX - 1) * sizeof *w);
            n--;
        }
        w[n++] = next;
        b = (struct between){0, false};
        at = to;
    }
    out->n = n;
    words_mark(out);
}
