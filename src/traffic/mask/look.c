/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recogniser. A candidate is an opening bracket (or none), a name of letters, digits and
 * underscores, perhaps a dot and a variant, and a closing bracket (or none). Letters and digits are
 * always raw; the four signs may be spelt for Markdown, HTML, JSON or a link. Brackets are taken
 * with the token when both are there and the opening one is not spelt more strangely than the rest:
 * a backslash before an issued token belongs to the text around it.
 */
#include "look_int.h"

#include "num.h"

/* ---- one sign in one of its spellings ---- */

enum spelling { RAW, MARKDOWN, OTHER };

struct sign {
    uint8_t c; /* '<' '>' '_' '.', or 0: none of these */
    uint8_t n; /* bytes */
    uint8_t how;
};

enum { SIGN_NONE, SIGN_MORE, SIGN_YES };

static const struct {
    const char *text; /* lower case */
    uint8_t n, c, how;
} spellings[] = {
    {"\\\\<", 3, '<', MARKDOWN}, {"\\\\>", 3, '>', MARKDOWN}, {"\\\\_", 3, '_', MARKDOWN},
    {"\\\\.", 3, '.', MARKDOWN}, {"\\<", 2, '<', MARKDOWN},   {"\\>", 2, '>', MARKDOWN},
    {"\\_", 2, '_', MARKDOWN},   {"\\.", 2, '.', MARKDOWN},   {"\\u003c", 6, '<', OTHER},
    {"\\u003e", 6, '>', OTHER},  {"\\u005f", 6, '_', OTHER},  {"\\u002e", 6, '.', OTHER},
    {"%3c", 3, '<', OTHER},      {"%3e", 3, '>', OTHER},      {"%5f", 3, '_', OTHER},
    {"%2e", 3, '.', OTHER},      {"&lt;", 4, '<', OTHER},     {"&gt;", 4, '>', OTHER},
    {"&lowbar;", 8, '_', OTHER}, {"&#95;", 5, '_', OTHER},    {"&#x5f;", 6, '_', OTHER},
    {"&#60;", 5, '<', OTHER},    {"&#62;", 5, '>', OTHER},    {"&#x3c;", 6, '<', OTHER},
    {"&#x3e;", 6, '>', OTHER},   {"&#46;", 5, '.', OTHER},    {"&period;", 8, '.', OTHER},
};

/* How much of `text` stands at p[0..left): all (2), all that is there (1), or not (0). */
static int stands(const char *text, size_t n, const uint8_t *p, size_t left)
{
    size_t i = 0;
    for (; i < n && i < left; i++)
        if (ascii_lower(p[i]) != (uint8_t)text[i])
            return SIGN_NONE;
    return i == n ? SIGN_YES : SIGN_MORE;
}

static int sign_at(const struct look *l, size_t at, struct sign *out)
{
    if (at == l->in.n)
        return l->final ? SIGN_NONE : SIGN_MORE;
    uint8_t c = l->in.p[at];
    if (c == '<' || c == '>' || c == '_' || c == '.') {
        *out = (struct sign){c, 1, RAW};
        return SIGN_YES;
    }
    if (c != '\\' && c != '%' && c != '&')
        return SIGN_NONE;
    int best = SIGN_NONE;
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        bool escaped = spellings[i].text[0] == '\\' && spellings[i].how == MARKDOWN;
        if (escaped && (spellings[i].n == 3) != (l->text == LOOK_JSON))
            continue;
        int v = stands(spellings[i].text, spellings[i].n, l->in.p + at, l->in.n - at);
        if (v == SIGN_YES) { /* in JSON source \u003c is < and nothing else */
            bool same = l->text == LOOK_JSON && spellings[i].text[1] == 'u';
            *out = (struct sign){spellings[i].c, spellings[i].n, same ? RAW : spellings[i].how};
            return SIGN_YES;
        }
        if (v == SIGN_MORE)
            best = SIGN_MORE;
    }
    return l->final ? SIGN_NONE : best;
}

/* JSON source: is the escape at `at` a letter, digit or underscore in disguise? SIGN_MORE when the
 * text ends inside it. */
static int escape_joins(const struct look *l, size_t at)
{
    if (l->text != LOOK_JSON || at >= l->in.n || l->in.p[at] != '\\')
        return SIGN_NONE;
    size_t left = l->in.n - at;
    if (left >= 2 && l->in.p[at + 1] != 'u')
        return SIGN_NONE;
    if (left < 6)
        return l->final ? SIGN_NONE : SIGN_MORE;
    uint64_t c;
    if (failed(num_hex(span_cut(l->in, at + 2, 4), &c)) || c >= 0x80)
        return SIGN_NONE;
    return look_joins((uint8_t)c) ? SIGN_YES : SIGN_NONE;
}

/* ---- a name ---- */

struct name {
    size_t end;   /* where the name ends in `in` */
    uint8_t n;    /* bytes of the canonical name, up to the dot */
    bool cut;     /* the text ended inside it */
    bool strange; /* an underscore was spelt for Markdown */
    uint8_t c[TOKEN_NAME_MAX + 1];
};

/* Letters, digits and underscores from `at` on. False when that is longer than any name. */
static bool read_name(const struct look *l, size_t at, struct name *out)
{
    *out = (struct name){.end = at};
    for (;;) {
        if (out->n > TOKEN_NAME_MAX - TOKEN_VARIANT - 1)
            return false;
        if (out->end < l->in.n && l->in.p[out->end] != '_' && look_joins(l->in.p[out->end])) {
            out->c[out->n++] = ascii_lower(l->in.p[out->end++]);
            continue;
        }
        struct sign s;
        int v = sign_at(l, out->end, &s);
        out->cut = v == SIGN_MORE;
        if (v != SIGN_YES) {
            int joins = v == SIGN_NONE ? escape_joins(l, out->end) : SIGN_NONE;
            out->cut |= joins == SIGN_MORE;
            return joins != SIGN_YES;
        }
        if (s.c != '_')
            return true;
        out->strange |= s.how == MARKDOWN;
        out->c[out->n++] = '_';
        out->end += s.n;
    }
}

static bool is_digest(uint8_t c)
{
    return ascii_is_digit(c) ||
           ((uint8_t)(c - 'a') < 26 && c != 'i' && c != 'l' && c != 'o' && c != 'u');
}

/* TYPE_ and 8 or 12 characters of a digest, the type a known one. */
static bool has_shape(const struct look *l, const struct name *m)
{
    const uint8_t *p = m->c;
    size_t dash = m->n;
    while (dash && p[dash - 1] != '_')
        dash--;
    size_t digest = m->n - dash;
    if (dash < 2 || (digest != TOKEN_SHORT && digest != TOKEN_LONG))
        return false;
    for (size_t i = dash; i < m->n; i++)
        if (!is_digest(p[i]))
            return false;
    uint8_t type[TOKEN_NAME_MAX];
    for (size_t i = 0; i + 1 < dash; i++)
        type[i] = (uint8_t)((uint8_t)(p[i] - 'a') < 26 ? p[i] & 0xdf : p[i]);
    struct span name = span(type, dash - 1);
    bool known = entity_find(name) != ENTITY_COUNT;
    for (size_t i = 0; !known && l->s->style && i < l->s->style->own_n; i++)
        known = span_eq(l->s->style->own[i], name);
    return known;
}

/*
 * A dot and two characters of a variant at `at`, nothing joined behind. LOOK_YES: they are added to
 * the name and *at moves. LOOK_MORE: the text ended before that could be told.
 */
static enum look_verdict read_variant(const struct look *l, size_t *at, struct name *m)
{
    struct sign dot;
    int v = sign_at(l, *at, &dot);
    if (v != SIGN_YES || dot.c != '.')
        return v == SIGN_MORE ? LOOK_MORE : LOOK_NO;
    size_t i = *at + dot.n, k = 0;
    for (; k < TOKEN_VARIANT && i < l->in.n && is_digest(ascii_lower(l->in.p[i])); k++, i++)
        m->c[m->n + 1 + k] = ascii_lower(l->in.p[i]);
    m->c[m->n] = '.';
    if (i == l->in.n && !l->final)
        return session_prefix(l->s, span(m->c, m->n + 1 + k)) ? LOOK_MORE : LOOK_NO;
    if (k < TOKEN_VARIANT || (i < l->in.n && look_joins(l->in.p[i])))
        return LOOK_NO;
    int joins = escape_joins(l, i);
    if (joins != SIGN_NONE)
        return joins == SIGN_MORE ? LOOK_MORE : LOOK_NO;
    m->strange |= dot.how == MARKDOWN;
    m->n = (uint8_t)(m->n + 1 + TOKEN_VARIANT);
    *at = i;
    return LOOK_YES;
}

static void keep_name(struct look_hit *hit, const struct name *m, size_t n)
{
    hit->name_n = (uint8_t)n;
    memcpy(hit->name, m->c, n);
}

/* The name is whole: which token is it, and where does it end? */
static enum look_verdict resolve(const struct look *l, struct name *m, size_t *end,
                                 struct look_hit *hit)
{
    size_t base_n = m->n, at = *end;
    enum look_verdict v = read_variant(l, &at, m);
    if (v == LOOK_MORE)
        return LOOK_MORE;
    hit->t = session_find(l->s, span(m->c, m->n));
    keep_name(hit, m, m->n);
    if (hit->t || m->n == base_n) {
        *end = at;
        return hit->t || (l->look_alikes && has_shape(l, m)) ? LOOK_YES : LOOK_NO;
    }
    uint8_t full_n = m->n;
    m->n = (uint8_t)base_n;
    hit->t = session_find(l->s, span(m->c, base_n));
    if (hit->t) {
        keep_name(hit, m, base_n);
        return LOOK_YES;
    }
    if (!l->look_alikes || !has_shape(l, m))
        return LOOK_NO;
    keep_name(hit, m, full_n);
    *end = at;
    return LOOK_YES;
}

/* ---- a token ---- */

static bool may_live(const struct look *l, const struct name *m)
{
    return session_prefix(l->s, span(m->c, m->n));
}

/* From the opening bracket's end (or the bare name) on. */
static enum look_verdict token_from(const struct look *l, size_t at, const struct sign *open,
                                    struct look_hit *hit, size_t from)
{
    struct name m;
    if (!read_name(l, at, &m))
        return LOOK_NO;
    if (m.cut && !l->final)
        return may_live(l, &m) ? LOOK_MORE : LOOK_NO;
    if (m.n < TOKEN_SHORT + 3) /* most words end here */
        return LOOK_NO;
    size_t end = m.end;
    enum look_verdict v = resolve(l, &m, &end, hit);
    if (v != LOOK_YES || !open) {
        hit->n = end - from;
        return v;
    }
    struct sign close;
    int c = sign_at(l, end, &close);
    if (c == SIGN_MORE)
        return LOOK_MORE;
    bool closed = c == SIGN_YES && close.c == '>';
    if (!closed)
        return LOOK_NO; /* the bare name is found where it begins */
    if (open->how == MARKDOWN && close.how == RAW && !m.strange)
        return LOOK_NO; /* a backslash of the text around; the raw bracket behind it opens */
    if ((open->how == OTHER) != (close.how == OTHER))
        return LOOK_NO;
    hit->n = end + close.n - from;
    return LOOK_YES;
}

static enum look_verdict bracketed(const struct look *l, size_t at, size_t from,
                                   struct look_hit *hit)
{
    struct sign open;
    int v = sign_at(l, at, &open);
    if (v == SIGN_MORE)
        return LOOK_MORE;
    if (v != SIGN_YES || open.c != '<')
        return LOOK_NO;
    return token_from(l, at + open.n, &open, hit, from);
}

/* JSON source: a string that is a number token and nothing else, and no member's name. */
static enum look_verdict quoted(const struct look *l, size_t at, struct look_hit *hit)
{
    enum look_verdict v = bracketed(l, at + 1, at, hit);
    if (v != LOOK_YES)
        return v;
    if (!hit->t || hit->t->form != TOKEN_NUMBER)
        return LOOK_NO;
    size_t end = at + hit->n;
    if (end == l->in.n)
        return l->final ? LOOK_NO : LOOK_MORE;
    if (l->in.p[end] != '"')
        return LOOK_NO;
    for (end++; end < l->in.n && memchr(" \t\r\n", l->in.p[end], 4); end++)
        if (end - at > 2 * TOKEN_NAME_MAX)
            break;
    if (end == l->in.n && !l->final)
        return LOOK_MORE;
    if (end < l->in.n && l->in.p[end] == ':')
        return LOOK_NO;
    hit->n++;
    hit->whole = true;
    return LOOK_YES;
}

/* Could the opening bracket be spelt here? Looks at two bytes: most backslashes end here. */
static bool may_open(const struct look *l, size_t at, uint8_t c)
{
    const char *next = c == '\\' ? "<u\\" : c == '&' ? "lL#" : c == '%' ? "3" : "";
    if (!*next)
        return false;
    return at + 1 == l->in.n ? !l->final : strchr(next, l->in.p[at + 1]) && l->in.p[at + 1];
}

/* ---- stand-ins: whole words, spelt as they were given ---- */

/* May what stands here at the end of a piece be the beginning of one, or one that goes on? */
static bool may_go_on(const struct mask_session *s, struct span in)
{
    for (uint32_t i = s->stand_in[in.p[0]]; i; i = s->v[i - 1].next) {
        struct span w = token_shown(s, &s->v[i - 1]);
        if (in.n <= w.n && memcmp(in.p, w.p, in.n) == 0)
            return true;
    }
    return false;
}

/* The longest that stands here; each length that some have is looked up once. */
static enum look_verdict stand_in(const struct look *l, size_t at, bool joined,
                                  struct look_hit *hit)
{
    const struct mask_session *s = l->s;
    struct span in = span_from(l->in, at);
    const uint64_t *lengths = s->stand_in_n[in.p[0]];
    if (joined && look_joins(in.p[0]))
        return LOOK_NO;
    if (!l->final && in.n <= STAND_IN_MAX && may_go_on(s, in))
        return LOOK_MORE;
    for (size_t k = 0; k <= STAND_IN_MAX / 64; k++)
        for (uint64_t left = lengths[k]; left; left &= left - 1) {
            size_t n = 64 * k + (size_t)__builtin_ctzll(left);
            if (n > in.n || (n < in.n && look_joins(in.p[n - 1]) && look_joins(in.p[n])))
                continue;
            const struct mask_token *t = session_stand_in_of(s, span_cut(in, 0, n));
            if (t) {
                hit->n = n;
                hit->t = t;
            }
        }
    return hit->t ? LOOK_YES : LOOK_NO;
}

enum look_verdict look_at(const struct look *l, size_t at, bool joined, struct look_hit *hit)
{
    uint8_t c = l->in.p[at];
    *hit = (struct look_hit){0};
    if (l->s->stand_in[c]) {
        enum look_verdict v = stand_in(l, at, joined, hit);
        if (v != LOOK_NO)
            return v;
    }
    if (c == '"')
        return l->text == LOOK_JSON && l->s->numbers ? quoted(l, at, hit) : LOOK_NO;
    if (c == '<' || may_open(l, at, c))
        return bracketed(l, at, at, hit);
    if (joined || (uint8_t)(ascii_lower(c) - 'a') >= 26)
        return LOOK_NO;
    return token_from(l, at, NULL, hit, at);
}

bool look_joined(const struct look *l, size_t at, size_t step)
{
    return step == 1 ? look_joins(l->in.p[at]) : step == 6 && escape_joins(l, at) == SIGN_YES;
}

size_t look_step(const struct look *l, size_t at)
{
    if (l->text != LOOK_JSON || l->in.p[at] != '\\')
        return 1;
    size_t left = l->in.n - at;
    if (left < 2)
        return l->final ? 1 : 0;
    if (!memchr("\"\\/bfnrtu", l->in.p[at + 1], 9))
        return 1; /* no escape: this is no JSON after all */
    size_t n = l->in.p[at + 1] == 'u' ? 6 : 2;
    if (n <= left)
        return n;
    return l->final ? left : 0;
}

/* ---- the quick test ---- */

/* Without tokens: what stands between words, what words are made of, what may open a token. */
#define BETWEEN (LOOK_APART | LOOK_JOINED | LOOK_APART << LOOK_NEXT)
#define OF_WORD (LOOK_APART | LOOK_JOINED | LOOK_JOINED << LOOK_NEXT)
#define OPENS   (LOOK_APART << LOOK_NEXT)
static const struct look_skips no_tokens = {{[0 ... '$'] = BETWEEN,
                                             ['%' ... '&'] = OPENS,
                                             ['\'' ... '/'] = BETWEEN,
                                             ['0' ... '9'] = OF_WORD,
                                             [':' ... ';'] = BETWEEN,
                                             ['<'] = OPENS,
                                             ['=' ... '@'] = BETWEEN,
                                             ['A' ... 'Z'] = OF_WORD,
                                             ['['] = BETWEEN,
                                             ['\\'] = OPENS,
                                             [']' ... '^'] = BETWEEN,
                                             ['_'] = OF_WORD,
                                             ['`'] = BETWEEN,
                                             ['a' ... 'z'] = OF_WORD,
                                             ['{' ... 255] = BETWEEN}};

struct look_skips look_skips_of(const struct mask_session *s)
{
    struct look_skips t = no_tokens;
    for (unsigned c = 'A'; c <= 'z'; c++) /* of a name: letters begin it, where no word goes on */
        if (s->first[c] && (t.c[c] >> LOOK_NEXT) == LOOK_JOINED && c != '_')
            t.c[c] &= (uint8_t)~LOOK_APART;
    for (unsigned c = 0; s->stand_ins && c < 256; c++)
        if (s->stand_in[c])
            t.c[c] &= (uint8_t) ~(LOOK_APART | LOOK_JOINED);
    if (s->numbers)
        t.c['"'] &= (uint8_t) ~(LOOK_APART | LOOK_JOINED);
    return t;
}

static bool digest_follows(struct span t, size_t at)
{
    if (t.n - at < TOKEN_SHORT)
        return false;
    for (size_t i = 0; i < TOKEN_SHORT; i++)
        if (!is_digest(ascii_lower(t.p[at + i])))
            return false;
    return true;
}

/* What stands before a digest, and the byte behind it that has to be there, too: an underscore, the
 * last byte of one spelt "&#95;", "&#x5f;" or "&lowbar;", of "%5f" or "\u005f". */
static const struct {
    uint8_t c, then;
} digest_marks[LOOK_MARKS] = {{'_', 0}, {';', 0}, {'5', 'f'}};

/* Where the next digest behind such a mark begins, at or after `at`; t.n when there is none. */
static size_t next_digest(struct span t, size_t mark, size_t at)
{
    uint8_t then = digest_marks[mark].then;
    while ((at = span_find(t, at, digest_marks[mark].c)) < t.n) {
        at++;
        if (then && (at == t.n || ascii_lower(t.p[at]) != then))
            continue;
        if (digest_follows(t, at + (then != 0)))
            return at + (then != 0);
    }
    return t.n;
}

struct look_places look_places_of(struct span text)
{
    struct look_places p = {.text = text};
    for (size_t i = 0; i < LOOK_MARKS; i++)
        p.next[i] = next_digest(text, i, 0);
    return p;
}

size_t look_place(struct look_places *p, size_t at)
{
    /* the longest name, every sign of it spelt as longest, behind a bracket */
    enum { BEFORE = (TOKEN_NAME_MAX + 1) * 8 };
    size_t first = p->text.n;
    for (size_t i = 0; i < LOOK_MARKS; i++) {
        if (p->next[i] < at)
            p->next[i] = next_digest(p->text, i, at);
        first = p->next[i] < first ? p->next[i] : first;
    }
    if (first == p->text.n || first < at + BEFORE)
        return first == p->text.n ? first : at;
    return first - BEFORE;
}

bool look_worthwhile(struct span text)
{
    for (size_t i = 0; i < LOOK_MARKS; i++)
        if (next_digest(text, i, 0) < text.n)
            return true;
    return false;
}
