/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Street addresses of China, Taiwan, Japan and Korea in their own scripts: from the name of the
 * province or city to the last number and what counts it. Called by address.c for a number that
 * such a character stands before; frequent is the refusal, one byte.
 */
#include "scan_int.h"
#include "utf8.h"

enum { BEHIND_BYTES = 96, AHEAD_BYTES = 64, NAME_CHARS = 3 };

/* Each string holds characters of one kind. */
static const char regions[] = "省市区區县縣都道府州郡町村镇鎮乡鄉"
                              "시도구군동읍면";
static const char streets[] = "路街道巷弄里段丁目村町"
                              "로길";
static const char counters[] = "号號弄巷楼樓室层層栋棟座单元段丁目番地之のー−"
                               "층호번지동길";

static bool one_of(const char *set, struct span c)
{
    struct span all = span_str(set);
    for (size_t i = 0; i + c.n <= all.n; i += 3)
        if (!memcmp(all.p + i, c.p, c.n))
            return true;
    return false;
}

/* The three bytes of a wide character that end at `at`; empty when there is none. */
static struct span wide_before(struct span t, size_t at)
{
    uint32_t cp = 0;
    if (at < 3 || (t.p[at - 3] & 0xF0) != 0xE0 || utf8_next(t, at - 3, &cp) != 3)
        return SPAN_NONE;
    bool letter = (cp >= 0x3040 && cp < 0xA000) || (cp >= 0xAC00 && cp < 0xD7A4);
    return letter ? span_cut(t, at - 3, 3) : SPAN_NONE;
}

static bool hangul(struct span c)
{
    return c.n && c.p[0] >= 0xEA && c.p[0] <= 0xED;
}

/* What stands before the number. */
struct front {
    size_t start;     /* where the address begins */
    unsigned regions; /* names of provinces, cities, wards */
    bool street, korean;
};

/* Read back from `at` to the first region's name. */
static struct front front_read(struct span t, size_t at)
{
    struct front f = {.start = at};
    size_t i = at, first = at, name = 0;
    bool border = true; /* the next character ends a word of Korean */
    for (bool last = true; at - i < BEHIND_BYTES; last = false) {
        if (i && (t.p[i - 1] == ' ' || t.p[i - 1] == ',') && hangul(wide_before(t, i - 1))) {
            i--;
            border = f.korean = true;
            continue;
        }
        bool digit = i && (is(t.p[i - 1], C_DIGIT) || t.p[i - 1] == '-') && !last;
        struct span c = digit ? SPAN_NONE : wide_before(t, i);
        if (!digit && !c.n)
            break;
        f.street = f.street || (border && c.n && one_of(streets, c));
        i -= digit ? 1 : 3;
        if (c.n && (border || !hangul(c)) && one_of(regions, c)) {
            f.regions++;
            first = i;
            name = 0;
        } else {
            name++;
            if (!hangul(c) || f.korean)
                f.start = i;
        }
        border = !hangul(c) && c.n;
    }
    /* Sentences of Chinese and Japanese have no blanks: of what stands before the first region's
     * sign two or three characters are its name. */
    if (!f.korean) {
        size_t chars = name > NAME_CHARS ? 2 : name;
        f.start = first >= 3 * chars ? first - 3 * chars : first;
    }
    return f;
}

/* Past numbers, dashes and what counts them; *counted: some such sign stood there, or the numbers
 * are a block's ("2-14-7"). */
static size_t back_end(struct span t, size_t at, bool *counted)
{
    size_t end = at, i = at;
    unsigned dashes = 0;
    *counted = false;
    while (i - at < AHEAD_BYTES) {
        if (is(peek(t, i), C_DIGIT)) {
            end = ++i;
        } else if ((peek(t, i) == '-' || peek(t, i) == ' ' || peek(t, i) == ',') &&
                   is(peek(t, i + 1), C_DIGIT)) {
            dashes += t.p[i] == '-';
            *counted |= dashes > 1;
            i++;
        } else if (i + 3 <= t.n && (t.p[i] & 0xF0) == 0xE0 && one_of(counters, span_cut(t, i, 3))) {
            *counted = true;
            i += 3;
            end = i;
        } else {
            break;
        }
    }
    return end;
}

size_t address_wide(struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t edge = at - (at && t.p[at - 1] == ' ');
    if (!edge || t.p[edge - 1] < 0x80 || !wide_before(t, edge).n)
        return 0;
    struct front f = front_read(t, edge);
    bool counted;
    size_t end = back_end(t, at, &counted);
    if (!f.regions || !(f.street || (counted && f.regions > 1) || f.regions > 2) ||
        (edge < at && !f.korean && !hangul(wide_before(t, edge))))
        return 0;
    float odds = f.street && (counted || f.regions > 1) ? 2.0F : 1.0F;
    return scan_emit(p, ENTITY_LOCATION, f.start, end, odds, SCAN_RULE_ADDRESS) ? end : 0;
}
