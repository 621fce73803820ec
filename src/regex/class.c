/* SPDX-License-Identifier: Apache-2.0 */
/* Character classes: sets of code points as sorted ranges. Called by the parser only. */
#include "regex_int.h"

#include <stdlib.h>

struct err re_class_add(struct arena *a, struct re_class *c, uint32_t lo, uint32_t hi)
{
    if (c->n == c->cap) {
        size_t cap = c->cap ? c->cap * 2 : 8;
        void *p;
        TRY(arena_take(a, cap * sizeof *c->v, &p));
        if (c->n)
            memcpy(p, c->v, c->n * sizeof *c->v);
        c->v = p;
        c->cap = cap;
    }
    c->v[c->n++] = (struct re_range){lo, hi};
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

static struct err add_set(struct arena *a, struct re_class *c, const struct re_range *set, size_t n,
                          bool negate)
{
    uint32_t next = 0;
    for (size_t i = 0; i < n; i++) {
        if (!negate)
            TRY(re_class_add(a, c, set[i].lo, set[i].hi));
        else if (set[i].lo > next)
            TRY(re_class_add(a, c, next, set[i].lo - 1));
        next = set[i].hi + 1;
    }
    if (negate && next <= CP_MAX)
        TRY(re_class_add(a, c, next, CP_MAX));
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

static const struct {
    uint32_t lo, hi;
    int32_t delta;
    uint32_t stride;
} folds[] = {
#define FOLD(lo, hi, delta, stride) {lo, hi, delta, stride},
#include "unicode.def"
#undef FOLD
};

static bool add_named(struct arena *a, struct re_class *c, const struct set *sets, size_t n,
                      struct span name, bool negate, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        if (span_is(name, sets[i].name)) {
            *e = add_set(a, c, sets[i].v, sets[i].n, negate);
            return true;
        }
    }
    return false;
}

static const struct set *perl_set(uint8_t letter, bool unicode)
{
    static const struct set sets[][2] = {{SET("d", digit), SET("d", category_nd)},
                                         {SET("w", word), SET("w", unicode_word)},
                                         {SET("s", perl_space), SET("s", unicode_space)}};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (ascii_lower(letter) == (uint8_t)sets[i][unicode].name[0])
            return &sets[i][unicode];
    return NULL;
}

bool re_class_perl(struct arena *a, struct re_class *c, uint8_t letter, bool unicode, struct err *e)
{
    const struct set *one = perl_set(letter, unicode);
    if (one)
        *e = add_set(a, c, one->v, one->n, letter < 'a');
    return one != NULL;
}

const struct re_range *re_perl_ranges(uint8_t letter, bool unicode, size_t *n)
{
    const struct set *one = letter < 'a' ? NULL : perl_set(letter, unicode);
    *n = one ? one->n : 0;
    return one ? one->v : NULL;
}

bool re_class_posix(struct arena *a, struct re_class *c, struct span name, bool negate,
                    struct err *e)
{
    return add_named(a, c, posix, sizeof posix / sizeof *posix, name, negate, e);
}

bool re_class_unicode(struct arena *a, struct re_class *c, struct span name, bool negate,
                      struct err *e)
{
    return add_named(a, c, categories, sizeof categories / sizeof *categories, name, negate, e);
}

bool re_in_ranges(const struct re_range *v, size_t n, uint32_t cp)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (cp < v[mid].lo)
            hi = mid;
        else if (cp > v[mid].hi)
            lo = mid + 1;
        else
            return true;
    }
    return false;
}

bool re_is_word(uint32_t cp, bool unicode)
{
    uint32_t l = cp | 0x20;
    if (cp < 0x80)
        return (l >= 'a' && l <= 'z') || (cp >= '0' && cp <= '9') || cp == '_';
    return unicode && re_in_ranges(unicode_word, sizeof unicode_word / sizeof *unicode_word, cp);
}

/* One pass over the pairs: the part of each pair's run that lies in [lo, hi]. */
static struct err fold_range(struct arena *a, struct re_class *c, uint32_t lo, uint32_t hi)
{
    for (size_t i = 0; i < sizeof folds / sizeof *folds; i++) {
        if (folds[i].hi < lo || folds[i].lo > hi)
            continue;
        uint32_t from = folds[i].lo, to = folds[i].hi < hi ? folds[i].hi : hi,
                 step = folds[i].stride;
        if (from < lo)
            from += (lo - from + step - 1) / step * step;
        if (from > to)
            continue;
        uint32_t d = (uint32_t)folds[i].delta;
        if (step == 1) {
            TRY(re_class_add(a, c, from + d, to + d));
            continue;
        }
        for (uint32_t cp = from; cp <= to; cp += step)
            TRY(re_class_add(a, c, cp + d, cp + d));
    }
    return OK;
}

/* Orbits have up to four members (k, K, Kelvin sign), so the second pass finds the rest. */
struct err re_class_fold(struct arena *a, struct re_class *c)
{
    for (int pass = 0; pass < 2; pass++) {
        size_t n = c->n;
        for (size_t i = 0; i < n; i++)
            TRY(fold_range(a, c, c->v[i].lo, c->v[i].hi));
        re_class_close(c);
    }
    return OK;
}
