/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in scripts that set no blanks around words: Chinese and Japanese in ideographs, Korean in
 * syllables. The model sees single ideographs there and cuts names in half; here a name is a family
 * name from the lists with a given name behind it, and points of evidence for its borders: the end
 * of the script, a form of address, a label or a verb beside it. Large towns and provinces are
 * found by their list and what stands beside them. Called once for a text, after the model; a text
 * without such characters costs one sweep over its bytes.
 *
 * What it finds replaces what the model found there. Invariants N1 to N3 of ner.h hold, with
 * characters in the place of tokens; time is linear, as a name looks at AHEAD characters at most.
 */
#include "ner_int.h"

#include "letters.h"
#include "utf8.h"
#include "wide_names.h"

enum {
    AHEAD = 12, /* characters from a family name to the end of the word behind the given name */
    BEHIND = 4, /* characters in front of it */
    GIVEN_MAX = 3,
    WORD_MAX = 4, /* characters of a word in the lists */
    ENOUGH = 4,   /* points for a finding */
};

enum script { SCRIPT_OTHER, SCRIPT_HAN, SCRIPT_KANA, SCRIPT_HANGUL };

struct glyph {
    uint32_t cp, start, end;
    enum script script;
};

/* A stretch of the text around one character: v[BEHIND] is the character itself. */
struct view {
    struct glyph v[BEHIND + 1 + AHEAD];
};

static enum script script_of(uint32_t cp)
{
    enum { REPEAT_MARK = 0x3005 };
    if (letters_ideograph(cp) || cp == REPEAT_MARK)
        return SCRIPT_HAN;
    if (cp >= 0x3041 && cp <= 0x30ff && cp != 0x30fb)
        return SCRIPT_KANA;
    return cp >= 0xac00 && cp <= 0xd7a3 ? SCRIPT_HANGUL : SCRIPT_OTHER;
}

/* The character at `at`; a zero code point at the end. */
static struct glyph glyph_at(struct span text, size_t at)
{
    struct glyph g = {0, (uint32_t)at, (uint32_t)at, SCRIPT_OTHER};
    if (at < text.n) {
        g.end += (uint32_t)utf8_next(text, at, &g.cp);
        g.script = script_of(g.cp);
    }
    return g;
}

static void view_step(struct view *w, struct span text)
{
    memmove(w->v, w->v + 1, sizeof w->v - sizeof w->v[0]);
    w->v[BEHIND + AHEAD] = glyph_at(text, w->v[BEHIND + AHEAD - 1].end);
}

static void view_open(struct view *w, struct span text, size_t at)
{
    size_t from = at;
    memset(w, 0, sizeof *w);
    for (size_t n = BEHIND; n && from; n--) {
        while (from && (text.p[--from] & 0xc0) == 0x80 && at - from < 4 * (size_t)BEHIND)
            ;
        w->v[n - 1] = glyph_at(text, from);
    }
    for (size_t i = 0; i <= AHEAD; i++)
        w->v[BEHIND + i] = glyph_at(text, i ? w->v[BEHIND + i - 1].end : at);
}

/* ---- lists */

struct list {
    const uint64_t *key;
    size_t n;
};
#define LIST(table) ((struct list){table, sizeof(table) / sizeof((table)[0])})

/* Of one to four characters; 0 when one lies outside the basic plane. */
static uint64_t key_of(const struct glyph *g, size_t n)
{
    uint64_t key = 0;
    for (size_t i = 0; i < n; i++) {
        if (g[i].cp > 0xffff)
            return 0;
        key |= (uint64_t)g[i].cp << (48 - 16 * i);
    }
    return key;
}

static bool listed(struct list list, uint64_t key)
{
    size_t lo = 0, hi = list.n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (list.key[mid] < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < list.n && list.key[lo] == key;
}

static bool given_char(uint32_t cp)
{
    size_t lo = 0, n = sizeof wide_given_char / sizeof wide_given_char[0], hi = n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (wide_given_char[mid] < cp)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && wide_given_char[lo] == cp;
}

/* Does a word of the list start at g[0..have)? */
static bool starts(const struct glyph *g, size_t have, struct list words)
{
    for (size_t n = 1; n <= WORD_MAX && n <= have && g[n - 1].cp; n++)
        if (listed(words, key_of(g, n)))
            return true;
    return false;
}

/* ---- evidence */

static size_t glyphs_of(const struct glyph *g, size_t max, enum script script)
{
    size_t n = 0;
    while (n < max && g[n].script == script)
        n++;
    return n;
}

static bool is_wide(enum script s)
{
    return s != SCRIPT_OTHER;
}

/* Points for what stands left of the name at v[BEHIND]. */
static int left_points(const struct view *w)
{
    const struct glyph *name = &w->v[BEHIND];
    size_t gap = name[-1].cp == ' ' || name[-1].cp == ':' || name[-1].cp == 0xff1a ? 1 : 0;
    const struct glyph *before = name - gap;
    if (starts(before - 2, 2, LIST(wide_lead)) || starts(before - 1, 1, LIST(wide_lead)))
        return 3;
    return is_wide(name[-1].script) ? 0 : 1;
}

/* ... and right of it, where `right` stands. */
static int right_points(const struct glyph *right, size_t have)
{
    if (starts(right, have, LIST(wide_address)))
        return 4;
    if (right[0].cp == ' ' && have > 1 && starts(right + 1, have - 1, LIST(wide_address)))
        return 4;
    if (!is_wide(right[0].script))
        return 1;
    return starts(right, have, LIST(wide_go_on)) ? 1 : 0;
}

/* Does a given name of n characters stand at g? Two points when it is on the list, one when every
 * character is one of given names, -1 for none. */
static int given_points(const struct glyph *g, size_t n)
{
    if (listed(LIST(wide_given), key_of(g, n)))
        return 2;
    for (size_t i = 0; i < n; i++)
        if (!given_char(g[i].cp))
            return -1;
    return 1;
}

/* Nothing of these scripts on either side: a name among Latin words, a cell, a line of its own. */
static bool stands_alone(const struct view *w, const struct glyph *right)
{
    return !is_wide(w->v[BEHIND - 1].script) && !is_wide(right[0].script);
}

/* Points for a name of `family` + `given` ideographs at v[BEHIND]. */
static int han_points(const struct view *w, size_t family, size_t given)
{
    const struct glyph *name = &w->v[BEHIND], *right = name + family + given;
    size_t have = (size_t)(w->v + BEHIND + 1 + AHEAD - right);
    int right_side = right_points(right, have);
    int points = left_points(w) + right_side + (family == 2 ? 1 : 0);
    if (!given)
        return right_side == 4 ? points : 0;
    int own = given_points(name + family, given);
    if (own < 0 && !(right_side == 4 || (family == 2 && stands_alone(w, right))))
        return 0;
    return points + (own < 0 ? 0 : own) + (stands_alone(w, right) ? 1 : 0);
}

/* The characters of the name at v[BEHIND], 0 for none. */
static size_t han_name(const struct view *w, int *best)
{
    const struct glyph *name = &w->v[BEHIND];
    size_t most = glyphs_of(name, AHEAD, SCRIPT_HAN), n = 0;
    for (size_t family = 2; family >= 1; family--) {
        if (family > most || !listed(LIST(wide_family), key_of(name, family)))
            continue;
        if (starts(name, most, LIST(wide_plain)))
            return 0;
        for (size_t given = 0; given <= GIVEN_MAX && family + given <= most; given++) {
            int points = han_points(w, family, given);
            if (points >= ENOUGH && points > *best)
                *best = points, n = family + given;
        }
    }
    return n;
}

/* A Korean name: family name, one or two syllables, then nothing, a particle or an address. */
static size_t korean_name(const struct view *w, int *best)
{
    const struct glyph *name = &w->v[BEHIND];
    size_t most = glyphs_of(name, AHEAD, SCRIPT_HANGUL), n = 0;
    if (w->v[BEHIND - 1].script == SCRIPT_HANGUL)
        return 0;
    for (size_t family = 2; family >= 1; family--) {
        if (family > most || !listed(LIST(wide_family), key_of(name, family)))
            continue;
        if (starts(name, most, LIST(wide_plain)))
            return 0;
        for (size_t given = 1; given <= 2 && family + given <= most; given++) {
            const struct glyph *right = name + family + given;
            int right_side = right_points(right, (size_t)(w->v + BEHIND + 1 + AHEAD - right));
            int own = given_points(name + family, given);
            if (right_side == 0 && !starts(right, most, LIST(wide_particle)))
                continue;
            if (given == 1 && right_side != 4 && !stands_alone(w, right))
                continue;
            int points = left_points(w) + right_side + (own < 0 ? 0 : own + 1) +
                         (stands_alone(w, right) ? 1 : 0);
            if (points >= ENOUGH && points > *best)
                *best = points, n = family + given;
        }
    }
    return n;
}

/* ---- places */

/* Where a town may begin: not within a word of its script, unless what stands before it leads to
 * places. */
static bool place_may_begin(const struct glyph *g)
{
    if (g[-1].script != g->script)
        return true;
    return g->script == SCRIPT_HAN && starts(g - 1, 1, LIST(wide_at));
}

/* ... and end, where `right` stands: "北京大学" is no place. */
static bool place_may_end(const struct glyph *right, size_t have, enum script script)
{
    if (right->script != script)
        return true;
    return script == SCRIPT_HAN ? !starts(right, have, LIST(wide_not_place))
                                : starts(right, have, LIST(wide_place_end));
}

/* A town's or a province's word behind its name: "深圳市", "京都府", "서울시". */
static bool place_word(const struct glyph *right)
{
    static const uint16_t words[] = {0x5e02, 0x7701, 0x5e9c, 0x770c, 0x7e23,
                                     0x53bf, 0x90fd, 0x533a, 0x5340, 0xc2dc};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (right->cp == words[i])
            return true;
    return false;
}

/* The characters of the place at v[BEHIND], 0 for none. */
static size_t place_name(const struct view *w)
{
    const struct glyph *g = &w->v[BEHIND];
    size_t most = glyphs_of(g, WORD_MAX, g->script), n = most;
    if (g->script == SCRIPT_KANA || !place_may_begin(g))
        return 0;
    while (n > 1 && !listed(LIST(wide_place), key_of(g, n)))
        n--;
    if (n < 2 || !place_may_end(g + n, AHEAD - n, g->script))
        return 0;
    return n + place_word(g + n);
}

/* ---- merging */

static bool touch(const struct finding *a, const struct finding *b)
{
    return a->start < b->end && b->start < a->end;
}

/* Take out of v[0..n) what touches one of `names`; both in order. Returns what is left. */
static size_t drop_touched(struct finding *v, size_t n, const struct findings *names)
{
    size_t kept = 0, k = 0;
    for (size_t i = 0; i < n; i++) {
        while (k < names->n && names->v[k].end <= v[i].start)
            k++;
        if (k == names->n || !touch(&v[i], &names->v[k]))
            v[kept++] = v[i];
    }
    return kept;
}

/* Is f of the model a piece of a longer stretch of ideographs, or an everyday word? */
static bool doubtful(struct span text, const struct finding *f)
{
    struct view w;
    if (f->entity != ENTITY_PERSON || text.p[f->start] < 0xe3)
        return false;
    view_open(&w, text, f->start);
    if (w.v[BEHIND].script != SCRIPT_HAN)
        return false;
    struct glyph behind = glyph_at(text, f->end);
    return w.v[BEHIND - 1].script == SCRIPT_HAN || behind.script == SCRIPT_HAN ||
           starts(w.v + BEHIND, WORD_MAX, LIST(wide_plain));
}

/* Take out of `names` the places where the model has found one, which may be longer. */
static void drop_known_places(struct findings *names, const struct finding *v, size_t n)
{
    size_t kept = 0, k = 0;
    for (size_t i = 0; i < names->n; i++) {
        while (k < n && v[k].end <= names->v[i].start)
            k++;
        bool place = names->v[i].entity == ENTITY_LOCATION;
        if (!place || k == n || v[k].entity != ENTITY_LOCATION || !touch(&v[k], &names->v[i]))
            names->v[kept++] = names->v[i];
    }
    names->n = kept;
}

static void drop_doubtful(struct span text, struct findings *out, size_t first)
{
    size_t kept = first;
    for (size_t i = first; i < out->n; i++)
        if (!doubtful(text, &out->v[i]))
            out->v[kept++] = out->v[i];
    out->n = kept;
}

/* ---- the sweep */

enum { FIRST = 0xe3 /* leads the first character of these scripts */ };
#define EACH 0x0101010101010101U
#define TOPS (0x80 * EACH)

/* The top bit of each byte from FIRST on. */
static inline uint64_t leads(uint64_t v)
{
    return v & ((v & ~TOPS) + (0x100 - FIRST) * EACH) & TOPS;
}

/* The next byte from `at` on that leads a character of these scripts. */
static size_t wide_next(struct span text, size_t at)
{
    uint64_t v[4];
    for (; text.n - at >= sizeof v; at += sizeof v) { /* nearly always ASCII */
        memcpy(v, text.p + at, sizeof v);
        if ((v[0] | v[1] | v[2] | v[3]) & TOPS &&
            (leads(v[0]) | leads(v[1]) | leads(v[2]) | leads(v[3])))
            break;
    }
    while (at < text.n && text.p[at] < FIRST)
        at++;
    return at;
}

/* The names and places of the stretch of wide characters at the middle of `w`; `w` is then behind
 * it. */
static struct err stretch(struct view *w, struct span text, struct findings *names)
{
    while (is_wide(w->v[BEHIND].script)) {
        int points = 0;
        size_t n = 0;
        if (w->v[BEHIND].script == SCRIPT_HANGUL)
            n = korean_name(w, &points);
        else if (w->v[BEHIND].script == SCRIPT_HAN)
            n = han_name(w, &points);
        enum entity entity = n ? ENTITY_PERSON : ENTITY_LOCATION;
        if (!n)
            n = place_name(w);
        if (n)
            TRY(findings_add(names, (struct finding){w->v[BEHIND].start, w->v[BEHIND + n - 1].end,
                                                     (uint16_t)entity, NER_RULE_WIDE,
                                                     points > ENOUGH ? 0.9F : 0.8F}));
        for (size_t i = 0; i < (n ? n : 1); i++)
            view_step(w, text);
    }
    return OK;
}

struct err wide_names(struct span text, struct findings *names, struct findings *out, size_t first)
{
    size_t at = wide_next(text, 0);
    names->n = 0;
    if (at == text.n)
        return OK;
    drop_doubtful(text, out, first);
    for (; at < text.n; at = wide_next(text, at)) {
        struct view w;
        struct glyph here = glyph_at(text, at);
        if (!is_wide(here.script)) { /* ０, ：, 😀 */
            at = here.end;
            continue;
        }
        view_open(&w, text, at);
        TRY(stretch(&w, text, names));
        at = w.v[BEHIND].end > at ? w.v[BEHIND].end : at + 1;
    }
    drop_known_places(names, out->v + first, out->n - first);
    out->n = first + drop_touched(out->v + first, out->n - first, names);
    return findings_merge(out, first, names);
}
