/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code that holds no names (invariant N5): identifiers, links, mail addresses, handles, paths,
 * calls, base64. Called once per block, before anything else is asked of a place. Frequent: numbers
 * and dots with nothing beside them, dates, amounts; they cost no walk.
 */
#include "block_int.h"

static uint8_t sign(const struct tok *t)
{
    return t->sign;
}

/* A chain: tokens [from, to) with nothing between them, cut at quotes, brackets and commas. */
struct chain {
    size_t from, to;
    uint64_t counts; /* COUNT_WORDS, _LOWER, _DIGITS, _SLASHES */
    uint8_t has;
};

enum {
    HAS_DOT = 1,
    HAS_AT = 2,
    HAS_SCORE = 4,
    HAS_EQUALS = 8,
    HAS_COLON = 16,
    HAS_MIXED = 32,
};

/* What a token tells of its chain. */
struct told {
    uint64_t counts;
    uint8_t has;
};
static const struct told told[LOOKS] = {
    ['/'] = {COUNT(COUNT_SLASHES), 0},
    ['\\'] = {COUNT(COUNT_SLASHES), 0},
    ['.'] = {0, HAS_DOT},
    ['@'] = {0, HAS_AT},
    ['_'] = {0, HAS_SCORE},
    ['='] = {0, HAS_EQUALS},
    [':'] = {0, HAS_COLON},
    [LOOK_CAP + CAP_LOWER] = {COUNT(COUNT_WORDS) + COUNT(COUNT_LOWER), 0},
    [LOOK_CAP + CAP_FIRST] = {COUNT(COUNT_WORDS), 0},
    [LOOK_CAP + CAP_ALL] = {COUNT(COUNT_WORDS), 0},
    [LOOK_CAP + CAP_MIXED] = {COUNT(COUNT_WORDS), HAS_MIXED},
    [LOOK_CAP + CAP_NONE] = {COUNT(COUNT_WORDS), 0},
    [LOOK_CAP + CAP_INITIAL] = {COUNT(COUNT_WORDS), 0},
    [LOOK_CAP + CAP_DIGITS] = {COUNT(COUNT_DIGITS), 0},
};

static inline void chain_add(struct chain *c, struct seq s)
{
    const struct told *t = &told[s.v[c->to++].looks];
    c->counts += t->counts;
    c->has |= t->has;
}

/* https://... */
static bool chain_links(const struct chain *c, struct seq s)
{
    for (size_t i = c->from; c->has & HAS_COLON && i < c->to && i + 2 < s.n; i++)
        if (sign(&s.v[i]) == ':' && sign(&s.v[i + 1]) == '/' && sign(&s.v[i + 2]) == '/')
            return true;
    return false;
}

/* A link, or a path from the root or home. */
static bool chain_leads(const struct chain *c, struct seq s)
{
    uint8_t first = sign(&s.v[c->from]);
    return first == '/' || first == '~' || chain_links(c, s);
}

/* @Priyanka, somebody spoken to by a given name; other handles are made up. */
static bool calls_by_name(const struct chain *c, struct seq s)
{
    enum { LISTED = 2 };
    const struct word *w = s.v[c->from + 1].w;
    return count_of(c->counts, COUNT_WORDS) == 1 && !count_of(c->counts, COUNT_DIGITS) &&
           sign(&s.v[c->from]) == '@' && w->cap == CAP_FIRST && w->gaz.first >= LISTED &&
           !w->gaz.common;
}

static bool chain_is_code(const struct chain *c, struct seq s)
{
    size_t bytes = s.v[c->to - 1].end - s.v[c->from].start;
    unsigned words = count_of(c->counts, COUNT_WORDS), lower = count_of(c->counts, COUNT_LOWER);
    unsigned slashes = count_of(c->counts, COUNT_SLASHES);
    unsigned digits = count_of(c->counts, COUNT_DIGITS);
    if (words == 0)
        return false;
    if (c->has & HAS_SCORE || chain_leads(c, s))
        return true;
    if (c->has & HAS_DOT && words > 1 && lower == words) /* user.name */
        return true;
    if (c->has & HAS_AT) /* a mail address or a handle */
        return !calls_by_name(c, s);
    if (lower && (slashes > 1 || (slashes && c->has & HAS_DOT)))
        return true;
    return bytes >= 20 && words > 1 && (digits > 2 || (digits && c->has & HAS_MIXED)) &&
           (lower || c->has & HAS_MIXED);
}

static void mark_one(struct seq s, size_t i)
{
    s.v[i].flags |= TOKEN_CODE;
    bits_put(&s.marks->of[MARK_CODE], i, true);
}

static void mark(struct seq s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        mark_one(s, i);
}

/* first_name=Anna&last_name=Smith: each key and each value by itself. */
static void mark_fields(struct seq s, size_t from, size_t to)
{
    while (from < to) {
        struct chain c = {.from = from, .to = from};
        while (c.to < to && sign(&s.v[c.to]) != '=' && sign(&s.v[c.to]) != '&')
            chain_add(&c, s);
        if (c.to - c.from > 1 && chain_is_code(&c, s))
            mark(s, c.from, c.to);
        from = c.to + 1;
    }
}

/* CN=Ada Lovelace:mailto:ada@example.org, as calendars have it: where the scheme begins, for what
 * stands before it is none of the address. `from` where no such one is. */
static size_t scheme_from(struct seq s, size_t from, size_t to)
{
    for (size_t i = from + 1; i + 2 < to; i++)
        if (sign(&s.v[i]) == ':' && s.v[i + 1].looks == LOOK_CAP + CAP_LOWER &&
            sign(&s.v[i + 2]) == ':')
            return i + 1;
    return from;
}

/* ---- what Markdown emphasizes: _Ada Lovelace_, __Ada__, ~~Ada~~ */

static bool in_word(const struct tok *t)
{
    return t->kind == WORD_LETTERS || t->kind == WORD_DIGITS;
}

static bool glued(struct seq s, size_t i)
{
    return i < s.n && s.v[i].flags & TOKEN_GLUED;
}

/* May emphasis begin at the sign `i`? No word before it, and none of a path's or member's. */
static bool may_open(struct seq s, size_t i)
{
    static const uint8_t joins[] = "/\\.@=";
    const struct tok *before = &s.v[i - (i > 0)];
    bool free = !glued(s, i) || !(in_word(before) || memchr(joins, sign(before), sizeof joins));
    return free && glued(s, i + 1);
}

static bool may_close(struct seq s, size_t i)
{
    return glued(s, i) && !(glued(s, i + 1) && in_word(&s.v[i + 1]));
}

static size_t run_length(const struct tok *t)
{
    return t->end - t->start;
}

/* Does prose have token `i`, where programs have operators, calls and blocks? */
static bool in_prose(struct seq s, size_t i)
{
    static const uint8_t code[] = "=<>{}&|\\^;#@$";
    const struct tok *t = &s.v[i];
    if (sign(t) == '`')
        return run_length(t) > 1;
    if (t->kind == WORD_NEWLINE)
        return i + 1 == s.n || s.v[i + 1].kind != WORD_NEWLINE;
    if (sign(t) == '(' || sign(t) == '[')
        return !(i && glued(s, i) && in_word(t - 1));
    return t->kind != WORD_SIGN || !memchr(code, sign(t), sizeof code - 1);
}

/* May the run `close` end what `open` begins? A run is known by its first byte alone: "**_" and
 * "`_" may hold what "_" needs; "**" behind a word does not, which a pointer has. */
static bool are_pair(const struct tok *open, const struct tok *close)
{
    bool holds = sign(open) == '*' || sign(open) == '`';
    return sign(open) == sign(close) ||
           (holds && sign_emphasizes(sign(close)) && run_length(open) > 1) ||
           (sign(close) == '*' && run_length(close) > 2);
}

/* A word, or what may stand between two of a name. */
static bool in_name(const struct tok *t)
{
    return t->kind == WORD_LETTERS || t->w->marks >> MARK_JOINS & 1;
}

/* Does prose alone lead from the run `i`, which begins emphasis or, `back`, ends it, to its other
 * side? Names alone where no word with a capital is beside `i`: _a, b_ are identifiers. One word
 * must be so: __init__ and __FILE__ are. */
static bool has_other_side(struct seq s, size_t i, bool back)
{
    enum { EMPHASIZED = 40 };
    const size_t step = back ? (size_t)-1 : 1;
    size_t at = i + step;
    bool capital = at < s.n && s.v[at].cap == CAP_FIRST;
    for (size_t n = 1; n <= EMPHASIZED && at < s.n && in_prose(s, at); n++, at += step) {
        if (!are_pair(&s.v[back ? at : i], &s.v[back ? i : at])) {
            if (!capital && !in_name(&s.v[at]))
                return false;
            continue;
        }
        bool opens = may_open(s, at), closes = may_close(s, at);
        if (back ? opens : closes)
            return n > 2 || capital;
        if (opens || closes)
            return false;
    }
    return false;
}

static bool emphasizes(struct seq s, size_t i)
{
    if (sign(&s.v[i]) != '_' && sign(&s.v[i]) != '~')
        return false; /* nearly all; * and ` end a chain */
    return (may_open(s, i) && has_other_side(s, i, false)) ||
           (may_close(s, i) && has_other_side(s, i, true));
}

static void mark_part(struct seq s, size_t from, size_t to)
{
    struct chain c = {.from = from, .to = from};
    while (c.to < to)
        chain_add(&c, s);
    size_t scheme = c.has & HAS_AT && c.has & HAS_COLON ? scheme_from(s, from, to) : from;
    if (scheme > from)
        mark(s, scheme, to);
    else if (c.has & HAS_EQUALS && !chain_leads(&c, s))
        mark_fields(s, from, to);
    else if (chain_is_code(&c, s))
        mark(s, from, to);
}

/* Signs that emphasize are no identifier's: what stands between them is looked at by itself. */
static void mark_chain(struct seq s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (emphasizes(s, i)) {
            mark_part(s, from, i);
            from = i + 1;
        }
    mark_part(s, from, to);
}

/* len(x): what is called is no person. `brackets`: with nothing on either side. */
static void mark_called(struct seq s, const struct bits *brackets)
{
    for (size_t i = bits_next(brackets, 0, s.n); i < s.n; i = bits_next(brackets, i + 1, s.n))
        if (s.v[i - 1].cap == CAP_LOWER)
            mark_one(s, i - 1);
}

/* The chains of two tokens and more that have a word, around `telling` ones. `joined`: the tokens
 * that go on with a chain. */
static void mark_chains(struct seq s, const struct bits *joined, const struct bits *telling)
{
    for (size_t i = bits_next(telling, 0, s.n), to; i < s.n; i = bits_next(telling, to, s.n)) {
        size_t from = i - bits_run_before(joined, i + 1);
        to = i + 1 + bits_run(joined, i + 1);
        if (bits_maybe_any(&s.marks->of[MARK_LETTERS], from, to))
            mark_chain(s, from, to);
    }
}

/* abc123, 0x1f: words that are no name because digits are glued to them, or for their length. */
static uint64_t glued_words(const struct marks *m, size_t k)
{
    const uint64_t *glued = m->of[MARK_GLUED].v, *digits = m->of[MARK_DIGITS].v;
    uint64_t behind = glued[k] & (digits[k] << 1 | digits[k - 1] >> 63);
    uint64_t before = (digits[k] & glued[k]) >> 1 | (digits[k + 1] & glued[k + 1]) << 63;
    return m->of[MARK_LONG].v[k] & (behind | before);
}

/* Those behind which there is nothing: the next one is glued to them. */
static void find_glued_right(struct seq s, struct bits *right)
{
    const uint64_t *glued = s.marks->of[MARK_GLUED].v;
    for (size_t k = BITS_FRONT / 64; k < bits_end(s.n); k++)
        right->v[k] = glued[k] >> 1 | glued[k + 1] << 63;
}

/* The tokens of chains of three and more. */
static uint64_t of_three(const struct bits *joined, size_t k)
{
    uint64_t left = joined->v[k], right = bits_behind(joined, k, 1);
    return (left & (right | bits_before(joined, k, 1))) | (right & bits_behind(joined, k, 2));
}

void code_mark(struct seq s)
{
    const struct marks *m = s.marks;
    const uint64_t *glued = m->of[MARK_GLUED].v, *end = m->of[MARK_END].v;
    struct bits joined = {0}, words = {0}, right = {0}, telling = {0}, brackets = {0};
    uint16_t at[BLOCK_TOKENS];
    if (s.n == 0)
        return;
    find_glued_right(s, &right);
    for (size_t k = BITS_FRONT / 64; k < bits_end(s.n); k++) {
        joined.v[k] = glued[k] & ~end[k] & ~(end[k] << 1 | end[k - 1] >> 63);
        words.v[k] = glued_words(m, k) | (m->of[MARK_LETTERS].v[k] & m->of[MARK_CHAIN].v[k]);
    }
    for (size_t k = BITS_FRONT / 64; k < bits_end(s.n); k++) {
        uint64_t chain = m->of[MARK_CHAIN].v[k], dots = m->of[MARK_DOT].v[k] & ~right.v[k];
        uint64_t linked = joined.v[k] | bits_behind(&joined, k, 1);
        uint64_t pairs = m->of[MARK_DIGITS].v[k] & ~of_three(&joined, k); /* AB12, 12th */
        telling.v[k] = chain & linked & ~dots & ~pairs;         /* a dot only between two others */
        brackets.v[k] = chain & end[k] & glued[k] & right.v[k]; /* no other sign is both */
    }
    mark_chains(s, &joined, &telling);
    mark_called(s, &brackets);
    for (size_t k = 0, n = bits_list(&words, s.n, at); k < n; k++)
        mark_one(s, at[k]);
}

void code_mark_json_key(struct seq s, size_t colon)
{
    enum { KEY_TOKENS = 8 };
    if (colon < 2 || sign(&s.v[colon - 1]) != '"')
        return;
    for (size_t k = 2; k <= KEY_TOKENS && k <= colon; k++) {
        const struct tok *t = &s.v[colon - k];
        if (t->kind == WORD_NEWLINE)
            return;
        if (sign(t) != '"')
            continue;
        const struct tok *before = t - 1;
        if (colon == k || before->kind == WORD_NEWLINE || sign(before) == '{' ||
            sign(before) == ',')
            mark(s, colon - k, colon);
        return;
    }
}
