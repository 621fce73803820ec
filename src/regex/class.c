/* SPDX-License-Identifier: Apache-2.0 */
/* Character classes: sets of code points as sorted ranges. Called by the parser only. */
#include "regex_int.h"

#include <stdlib.h>

/* Room for `more` ranges behind those it has. */
static struct err reserve(struct arena *a, struct re_class *c, size_t more)
{
    if (more <= c->cap - c->n)
        return OK;
    size_t cap = c->n + (more > c->n ? more : c->n);
    void *p;
    TRY(arena_take(a, cap * sizeof *c->v, &p));
    if (c->n)
        memcpy(p, c->v, c->n * sizeof *c->v);
    c->v = p;
    c->cap = cap;
    return OK;
}

struct err re_class_add(struct arena *a, struct re_class *c, uint32_t lo, uint32_t hi)
{
    TRY(reserve(a, c, 1));
    c->v[c->n++] = (struct re_range){lo, hi};
    return OK;
}

struct err re_class_join(struct arena *a, struct re_class *c, const struct re_range *v, size_t n)
{
    TRY(reserve(a, c, n));
    if (n)
        memcpy(c->v + c->n, v, n * sizeof *v);
    c->n += n;
    return OK;
}

static int by_low(const void *a, const void *b)
{
    const struct re_range *x = a, *y = b;
    return x->lo < y->lo ? -1 : x->lo > y->lo;
}

void re_class_close(struct re_class *c)
{
    if (c->n < 2)
        return;
    qsort(c->v, c->n, sizeof *c->v, by_low);
    size_t kept = 0;
    for (size_t i = 1; i < c->n; i++) {
        if (c->v[i].lo <= c->v[kept].hi || c->v[i].lo - c->v[kept].hi == 1) {
            if (c->v[i].hi > c->v[kept].hi)
                c->v[kept].hi = c->v[i].hi;
        } else {
            c->v[++kept] = c->v[i];
        }
    }
    c->n = kept + 1;
}

struct err re_class_negate(struct arena *a, struct re_class *c)
{
    struct re_class out = {0};
    uint32_t next = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (c->v[i].lo > next)
            TRY(re_class_add(a, &out, next, c->v[i].lo - 1));
        next = c->v[i].hi + 1;
    }
    if (next <= CP_MAX)
        TRY(re_class_add(a, &out, next, CP_MAX));
    *c = out;
    return OK;
}

struct set {
    const char *name;
    const struct re_range *v;
    size_t n;
};
#define SET(name, table)                                                                           \
    {                                                                                              \
        name, table, sizeof(table) / sizeof(table)[0]                                              \
    }

static const struct re_range digit[] = {{'0', '9'}};
static const struct re_range word[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
static const struct re_range perl_space[] = {{9, 10}, {12, 13}, {' ', ' '}};
static const struct re_range alnum[] = {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}};
static const struct re_range alpha[] = {{'A', 'Z'}, {'a', 'z'}};
static const struct re_range ascii[] = {{0, 127}};
static const struct re_range blank[] = {{9, 9}, {' ', ' '}};
static const struct re_range cntrl[] = {{0, 31}, {127, 127}};
static const struct re_range graph[] = {{'!', '~'}};
static const struct re_range lower[] = {{'a', 'z'}};
static const struct re_range print[] = {{' ', '~'}};
static const struct re_range punct[] = {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}};
static const struct re_range space[] = {{9, 13}, {' ', ' '}};
static const struct re_range upper[] = {{'A', 'Z'}};
static const struct re_range xdigit[] = {{'0', '9'}, {'A', 'F'}, {'a', 'f'}};

static const struct set posix[] = {SET("alnum", alnum), SET("alpha", alpha),  SET("ascii", ascii),
                                   SET("blank", blank), SET("cntrl", cntrl),  SET("digit", digit),
                                   SET("graph", graph), SET("lower", lower),  SET("print", print),
                                   SET("punct", punct), SET("space", space),  SET("upper", upper),
                                   SET("word", word),   SET("xdigit", xdigit)};

#define R(lo, hi) {lo, hi},
static const struct re_range category_l[] = {
#define CATEGORY_L
#include "unicode.def"
#undef CATEGORY_L
};
static const struct re_range category_lu[] = {
#define CATEGORY_Lu
#include "unicode.def"
#undef CATEGORY_Lu
};
static const struct re_range category_ll[] = {
#define CATEGORY_Ll
#include "unicode.def"
#undef CATEGORY_Ll
};
static const struct re_range category_m[] = {
#define CATEGORY_M
#include "unicode.def"
#undef CATEGORY_M
};
static const struct re_range category_n[] = {
#define CATEGORY_N
#include "unicode.def"
#undef CATEGORY_N
};
static const struct re_range category_nd[] = {
#define CATEGORY_Nd
#include "unicode.def"
#undef CATEGORY_Nd
};
static const struct re_range category_p[] = {
#define CATEGORY_P
#include "unicode.def"
#undef CATEGORY_P
};
static const struct re_range category_s[] = {
#define CATEGORY_S
#include "unicode.def"
#undef CATEGORY_S
};
static const struct re_range category_z[] = {
#define CATEGORY_Z
#include "unicode.def"
#undef CATEGORY_Z
};
/* UTS #18 annex C: Alphabetic, M, Nd, Pc and Join_Control. */
static const struct re_range unicode_word[] = {
#define CATEGORY_WORD
#include "unicode.def"
#undef CATEGORY_WORD
};
#undef R
/* White_Space */
static const struct re_range unicode_space[] = {
    {9, 13},          {' ', ' '},       {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680},
    {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};

static const struct set categories[] = {
    SET("L", category_l), SET("Lu", category_lu), SET("Ll", category_ll),
    SET("M", category_m), SET("N", category_n),   SET("Nd", category_nd),
    SET("P", category_p), SET("S", category_s),   SET("Z", category_z)};

static const struct fold {
    uint32_t lo, hi;
    int32_t delta;
    uint32_t stride;
} folds[] = {
#define FOLD(lo, hi, delta, stride) {lo, hi, delta, stride},
#include "unicode.def"
#undef FOLD
};

static struct err add_set(struct arena *a, struct re_class *c, const struct set *s, unsigned how)
{
    if (!how)
        return re_class_join(a, c, s->v, s->n);
    struct re_class all = {0};
    TRY(re_class_join(a, &all, s->v, s->n));
    if (how & RE_FOLDED)
        TRY(re_class_fold(a, &all));
    if (how & RE_NEGATED)
        TRY(re_class_negate(a, &all));
    return re_class_join(a, c, all.v, all.n);
}

static bool add_named(struct arena *a, struct re_class *c, const struct set *sets, size_t n,
                      struct span name, unsigned how, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        if (span_is(name, sets[i].name)) {
            *e = add_set(a, c, &sets[i], how);
            return true;
        }
    }
    return false;
}

bool re_class_perl(struct arena *a, struct re_class *c, uint8_t letter, bool unicode, bool fold,
                   struct err *e)
{
    static const struct set sets[][2] = {{SET("d", digit), SET("d", category_nd)},
                                         {SET("w", word), SET("w", unicode_word)},
                                         {SET("s", perl_space), SET("s", unicode_space)}};
    unsigned how = (letter < 'a' ? RE_NEGATED : 0U) | (fold ? RE_FOLDED : 0U);
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        if (ascii_lower(letter) == (uint8_t)sets[i][unicode].name[0]) {
            *e = add_set(a, c, &sets[i][unicode], how);
            return true;
        }
    }
    return false;
}

bool re_class_posix(struct arena *a, struct re_class *c, struct span name, unsigned how,
                    struct err *e)
{
    return add_named(a, c, posix, sizeof posix / sizeof *posix, name, how, e);
}

bool re_class_unicode(struct arena *a, struct re_class *c, struct span name, unsigned how,
                      struct err *e)
{
    return add_named(a, c, categories, sizeof categories / sizeof *categories, name, how, e);
}

/* The first of the n ranges that does not end before cp. */
static size_t range_from(const struct re_range *v, size_t n, uint32_t cp)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (v[mid].hi < cp)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool re_in_ranges(const struct re_range *v, size_t n, uint32_t cp)
{
    size_t i = range_from(v, n, cp);
    return i < n && v[i].lo <= cp;
}

bool re_is_word(uint32_t cp, bool unicode)
{
    uint32_t l = cp | 0x20;
    if (cp < 0x80)
        return (l >= 'a' && l <= 'z') || (cp >= '0' && cp <= '9') || cp == '_';
    return unicode && re_in_ranges(unicode_word, sizeof unicode_word / sizeof *unicode_word, cp);
}

/* The other cases of [lo, hi], which lies in the run of pairs f, but for those that the first n
 * ranges have: a class that is closed under case grows by none. */
static struct err fold_part(struct arena *a, struct re_class *c, size_t n, const struct fold *f,
                            uint32_t lo, uint32_t hi)
{
    uint32_t step = f->stride, d = (uint32_t)f->delta;
    uint32_t from = f->lo + (lo - f->lo + step - 1) / step * step;
    if (step == 1) {
        size_t i = range_from(c->v, n, from + d);
        bool had = i < n && c->v[i].lo <= from + d && hi + d <= c->v[i].hi;
        return had ? OK : re_class_add(a, c, from + d, hi + d);
    }
    for (uint32_t cp = from; cp <= hi; cp += step)
        if (!re_in_ranges(c->v, n, cp + d))
            TRY(re_class_add(a, c, cp + d, cp + d));
    return OK;
}

/* Orbits have up to four members (k, K, Kelvin sign), so a second pass finds the rest. */
struct err re_class_fold(struct arena *a, struct re_class *c)
{
    const struct fold *end = folds + sizeof folds / sizeof *folds;
    size_t n = 0;
    for (int pass = 0; pass < 2 && n != c->n; pass++) {
        n = c->n;
        for (const struct fold *f = folds; f < end && f->lo <= c->v[n - 1].hi; f++) {
            for (size_t i = range_from(c->v, n, f->lo); i < n && c->v[i].lo <= f->hi; i++) {
                uint32_t lo = c->v[i].lo, hi = c->v[i].hi;
                TRY(fold_part(a, c, n, f, lo > f->lo ? lo : f->lo, hi < f->hi ? hi : f->hi));
            }
        }
        re_class_close(c);
    }
    return OK;
}
