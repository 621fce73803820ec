/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Phone numbers. Three forms: international (a plus or 00 and an assigned calling code, the length
 * the region's plan allows), national with a trunk 0 and grouping, and local forms that only some
 * regions' grouping or a cue make likely. Called for every number that no surer recogniser took.
 * Plans: phone.def.
 */
#include "number_int.h"
#include "scan_int.h"

#include <math.h>

/* The lengths of national numbers, by calling code; {0, 0} for a code that nobody has. */
struct region {
    uint8_t least, most;
};
enum { CODES = 1000 };

static const struct region regions[CODES] = {
#define REGION(code, name, least, most) [code] = {least, most},
#define OTHER(code)                     [code] = {6, 12},
#define GROUPING(groups, lead, odds)
#define AMERICAN(groups, lead, odds, others)
#include "phone.def"
#undef REGION
#undef OTHER
#undef GROUPING
#undef AMERICAN
};

/* Groupings without a trunk digit. */
struct grouping {
    uint32_t groups; /* as decimal digits */
    const char *lead;
    float odds;
    const char *others; /* of the North American plan, but for those that begin so; else NULL */
};

#define REGION(code, name, least, most)
#define OTHER(code)
static const struct grouping groupings[] = {
#define GROUPING(groups, lead, odds)         {groups, lead, odds, NULL},
#define AMERICAN(groups, lead, odds, others) {groups, lead, odds, others},
#include "phone.def"
#undef GROUPING
#undef AMERICAN
};

/* A bit for each of them: most groupings have none. */
#define GROUPING_BIT(groups) ((uint64_t)1 << (groups) % 61)
static const uint64_t grouping_bits =
#define GROUPING(groups, lead, odds)         GROUPING_BIT(groups) |
#define AMERICAN(groups, lead, odds, others) GROUPING_BIT(groups) |
#include "phone.def"
    0;
#undef GROUPING
#undef AMERICAN
#undef REGION
#undef OTHER

/* The plan of the calling code that d begins with, NULL when it is none. No code begins another. */
static const struct region *region_of(const uint8_t *d, size_t n, size_t *width)
{
    unsigned code = 0;
    if (n && d[0] == '0')
        return NULL;
    for (size_t i = 0; i < 3 && i < n; i++) {
        code = code * 10 + (unsigned)(d[i] - '0');
        if (regions[code].most) {
            *width = i + 1;
            return &regions[code];
        }
    }
    return NULL;
}

/* ---- what stands around ---- */

struct place {
    size_t start; /* with plus sign and bracket */
    bool plus, bracket;
};

static bool begins_well(const struct probe *p, const struct place *at, const struct chain *chain)
{
    struct span t = p->text;
    uint8_t c = prev(t, at->start), b = at->start >= 2 ? t.p[at->start - 2] : 0;
    if ((is(c, at->plus ? C_DIGIT : C_WORD) && at->start != p->glued) ||
        (c == '#' && !at->plus && !at->bracket) || c == '$' || c == '@' || c == '\\')
        return false;
    if (c == '*')
        return !number_starred(t, at->start, chain->end);
    if (c == ',')
        return !is(b, C_DIGIT) || at->plus || chain->n > 1 || chain->len[0] > 3;
    if (c == '-' || c == '/' || c == '_')
        return !is(b, C_WORD);
    if (c == '.' || c == ':')
        return !is(b, C_DIGIT);
    return !(c == 0xA3 && b == 0xC2); /* a pound sign */
}

static bool ends_well(struct span t, size_t end)
{
    uint8_t c = peek(t, end), d = peek(t, end + 1);
    if (is(c, C_WORD) || c == '@' || c == '$')
        return false;
    if (c == '-' || c == '_' || c == '/')
        return !is(d, C_WORD);
    if (c == '%')
        return d == '2' || d == '3' || d == '0';
    return !((c == '.' || c == ':') && is(d, C_DIGIT));
}

static struct place place_of(struct span t, const struct chain *c)
{
    struct place at = {c->start, false, false};
    bool close =
        (c->n > 1 && c->sep[1] == ')') || (c->n > 2 && c->sep[2] == ')' && c->sep[1] != '(');
    if (prev(t, at.start) == '+') {
        at.plus = true;
        at.start--;
    }
    if (close && prev(t, at.start) == '(') {
        at.bracket = true;
        at.start--;
        if (!at.plus && prev(t, at.start) == '+') {
            at.plus = true;
            at.start--;
        }
    }
    if (!at.plus && at.start >= 3 && t.p[at.start - 1] == 'B' &&
        !memcmp(t.p + at.start - 3, "%2B", 3)) {
        at.plus = true;
        at.start -= 3;
    }
    return at;
}

/* Where the extension at `at` ends, `end` when it is none. */
static __attribute__((noinline, cold)) size_t extension_read(struct span t, size_t at, size_t end,
                                                             float *odds)
{
    static const char *const words[] = {"extension", "ext.", "ext", "poste", "durchwahl", "x", "#"};
    enum { SPELT = 5 };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i][0] != ascii_lower(t.p[at]))
            continue;
        size_t n = strlen(words[i]), d = at + n;
        if (!span_eq_nocase(span_cut(t, at, n), span_str(words[i])))
            continue;
        d += peek(t, d) == ' ' || peek(t, d) == ':';
        size_t from = d;
        while (d - from < 7 && is(peek(t, d), C_DIGIT))
            d++;
        if (d == from || d - from > 6 || is(peek(t, d), C_WORD))
            continue;
        *odds = i < SPELT ? 3.0F : 1.5F;
        return d;
    }
    return end;
}

/* "x123", " x123", " ext. 123", " #12": up to six digits. *odds is what it says for a phone: a word
 * tells, a sign is a product's or a note's, too. */
static inline size_t extension_end(struct span t, size_t end, float *odds)
{
    static const bool begins[256] = {
        ['e'] = true, ['E'] = true, ['x'] = true, ['X'] = true, ['p'] = true,
        ['P'] = true, ['d'] = true, ['D'] = true, ['#'] = true};
    size_t at = end;
    *odds = 0;
    at += peek(t, at) == ',';
    at += peek(t, at) == ' ';
    return begins[peek(t, at)] ? extension_read(t, at, end, odds) : end;
}

/* A mail address on the same line nearby: somebody's contact data. */
static __attribute__((noinline)) bool near_mail(struct span t, size_t start, size_t end)
{
    size_t from = start > 72 ? start - 72 : 0, to = t.n - end > 72 ? end + 72 : t.n;
    if (!memchr(t.p + from, '@', to - from))
        return false;
    for (size_t i = start; i > from && t.p[i - 1] != '\n'; i--)
        if (t.p[i - 1] == '@')
            return true;
    for (size_t i = end; i < to && t.p[i] != '\n'; i++)
        if (t.p[i] == '@')
            return true;
    return false;
}

/* What brackets around an area code say, and an area code that is nothing else's. */
#define BRACKET_ODDS   1.2F
#define TOLL_FREE_ODDS 1.2F
/* Hardly anything else has a form that is so likely a phone's: "Claims: (212) 555-0132". */
#define EVIDENT_ODDS 2.2F

/* What a word such as "contact" adds, and a mail address near by. */
#define CONTACT_ODDS 0.8F
#define MAIL_ODDS    1.9F

/* Most numbers that could be phones need a word that says so, and have none. */
static bool hopeless(struct probe *p, size_t start, size_t end, float odds)
{
    const float weak = fmaxf(CUE_WEAK_MAX, 1 + MAIL_ODDS);
    return odds + weak < p->sc->least[ENTITY_PHONE_NUMBER] &&
           !probe_lists(p, ENTITY_PHONE_NUMBER, start) &&
           !cues_may(p, start, end, ENTITY_PHONE_NUMBER);
}

/* "Port. : 06 61 44 82 90": a French mobile behind its usual short name, which is a program's port,
 * too. */
static __attribute__((noinline, cold)) bool portable(struct span t, size_t start)
{
    size_t at = start;
    while (at && memchr(" .:", t.p[at - 1], 3))
        at--;
    bool mobile = start - at > 0 && (t.p[start + 1] == '6' || t.p[start + 1] == '7');
    return mobile && at >= 4 && span_eq_nocase(span_cut(t, at - 4, 4), SPAN_LIT("port")) &&
           !is(prev(t, at - 4), C_WORD);
}

static float context(struct probe *p, size_t start, size_t end, bool evident)
{
    if (peek(p->text, start) == '0' && end - start >= 10 && portable(p->text, start))
        return CUE_WEIGHT_MAX;
    float odds = probe_weight(p, start, end, ENTITY_PHONE_NUMBER, evident);
    if (odds < 1 && cues_tier(probe_cues(p, start, end), CUE_CONTACT) >= CUE_NEAR)
        odds += CONTACT_ODDS;
    if (odds < 1 && odds > -1 && near_mail(p->text, start, end))
        odds += MAIL_ODDS;
    if (probe_lists(p, ENTITY_PHONE_NUMBER, start))
        odds += 2.5F;
    return odds;
}

/* ---- forms ---- */

#define NO_ODDS (-10.0F)

/* The first groups of a chain, taken as one number. */
struct joined {
    const struct chain *c;
    size_t groups, digits;
    uint32_t lengths; /* of the groups as decimal digits, 9 for more */
    size_t slashes;   /* that join groups */
    size_t threes;    /* groups of three digits behind a dot */
    bool single;      /* a group behind the first has one digit */
};

static struct joined join(const struct chain *c, size_t groups)
{
    struct joined j = {.c = c, .groups = groups, .digits = c->len[0]};
    j.lengths = c->len[0] < 9 ? c->len[0] : 9;
    for (size_t i = 1; i < groups; i++) {
        j.digits += c->len[i];
        j.lengths = j.lengths * 10 + (c->len[i] < 9 ? c->len[i] : 9);
        j.slashes += c->sep[i] == '/';
        j.threes += c->sep[i] == '.' && c->len[i] == 3;
        j.single |= c->len[i] < 2;
    }
    return j;
}

/* Log-odds of an international number of these groups. */
static float international(const struct joined *j, size_t skip)
{
    const uint8_t *d = j->c->digits;
    size_t n = j->digits, width = 0;
    if (n < skip + 7 || n > skip + 15)
        return NO_ODDS;
    const struct region *r = region_of(d + skip, n - skip, &width);
    if (!r)
        return NO_ODDS;
    size_t national = n - skip - width;
    bool trunk = d[skip + width] == '0';
    if (national < r->least || national > (size_t)r->most + trunk)
        return NO_ODDS;
    return skip ? 1.8F : 4.0F;
}

/* "(351) 917 576 639": the brackets hold a whole calling code, and the length is its region's. */
static __attribute__((noinline, cold)) float code_in_brackets(const struct joined *j)
{
    const struct chain *c = j->c;
    size_t width = 0;
    if (j->groups < 2 || !region_of(c->digits, c->len[0], &width) || width != c->len[0] ||
        international(j, 0) < 0)
        return NO_ODDS;
    return 0.5F;
}

static bool lead_is(const char *lead, const uint8_t *d)
{
    for (const char *s = lead; *s; s += *s == ' ') {
        bool one = !s[1] || s[1] == ' ';
        if (d[0] == s[0] && (one || d[1] == s[1]))
            return true;
        s += one ? 1 : 2;
    }
    return false;
}

static bool north_american(const struct chain *c, size_t groups)
{
    const uint8_t *d = c->digits + (groups == 4);
    return d[0] >= '2' && d[3] >= '2' && !(d[1] == '1' && d[2] == '1') &&
           !(d[4] == '1' && d[5] == '1');
}

/* An area code that the called pay for: 800, 833 to 888. */
static bool toll_free(const struct chain *c, size_t groups)
{
    const uint8_t *d = c->digits + (groups == 4);
    return d[0] == '8' && d[1] == d[2] && memchr("0345678", d[1], 7);
}

static float grouped(const struct joined *j, const struct place *at)
{
    const struct chain *c = j->c;
    if (j->groups > 6 || !(grouping_bits & GROUPING_BIT(j->lengths)))
        return NO_ODDS;
    for (size_t i = 0; i < sizeof groupings / sizeof *groupings; i++) {
        const struct grouping *g = &groupings[i];
        if (j->lengths != g->groups || !lead_is(g->lead, c->digits))
            continue;
        float odds = g->odds + (at->bracket ? BRACKET_ODDS : 0);
        if (g->others && !lead_is(g->others, c->digits) && !north_american(c, j->groups))
            odds -= 1.5F;
        else if (g->others && !at->bracket && toll_free(c, j->groups))
            odds += TOLL_FREE_ODDS;
        if (j->groups == 2 && c->sep[1] == '/')
            odds -= 1.0F; /* "318/2006": the third of a year's */
        return odds;
    }
    return NO_ODDS;
}

/* 0 and an area code, in two groups or more of 8 to 12 digits. */
static float with_trunk(const struct joined *j, const struct place *at)
{
    const struct chain *c = j->c;
    size_t n = j->digits, groups = j->groups;
    if (c->digits[0] != '0' || c->digits[1] == '0' || n < 8 || n > 13)
        return NO_ODDS;
    if (groups == 1)
        return n >= 9 && n <= 11 ? -1.2F : n < 13 ? -2.5F : NO_ODDS;
    bool apart = c->len[0] == 1 && c->len[1] == 3 && groups >= 3; /* "0 532 123 45 67" */
    if ((c->len[0] > 5 && !(c->len[0] == 6 && c->len[1] == 5)) ||
        (c->len[0] == 1 && !apart && c->sep[1] != '(' && c->sep[1] != ')'))
        return NO_ODDS;
    for (size_t i = 2; i < groups; i++)
        if (c->len[i] < 2)
            return NO_ODDS;
    if (c->len[1] < 2 && !at->bracket && !(c->len[0] == 2 && c->digits[1] == '6'))
        return NO_ODDS; /* "06 1 …" is Budapest */
    bool mobile = (c->digits[1] == '1' && c->digits[2] >= '5' && c->digits[2] <= '7') ||
                  (c->digits[1] == '8' && c->len[0] == 4 && c->len[1] == 4); /* Indonesia */
    float odds =
        (n >= 9 && n <= 11) || (n == 12 && mobile) || (n > 11 && at->bracket) ? 1.2F : -0.5F;
    if (apart)
        odds -= 2.0F;
    if (groups == 3 && c->len[1] == 2 && c->len[2] == 4)
        odds -= 3.0F; /* laid out like a social security number */
    if (groups == 2 && !at->bracket && c->sep[1] == '.')
        odds -= 2.0F;
    return odds + (at->bracket ? BRACKET_ODDS : 0);
}

/* "20240131" */
static bool date_like(const uint8_t *d)
{
    unsigned month = (unsigned)(d[4] - '0') * 10 + (unsigned)(d[5] - '0'),
             day = (unsigned)(d[6] - '0') * 10 + (unsigned)(d[7] - '0');
    return ((d[0] == '1' && d[1] == '9') || (d[0] == '2' && d[1] == '0')) && month >= 1 &&
           month <= 12 && day >= 1 && day <= 31;
}

/* "2001-2008", "02110-1301" */
static bool years_or_postcode(const struct joined *j)
{
    const struct chain *c = j->c;
    if (j->groups != 2 || c->sep[1] != '-' || c->len[1] != 4)
        return false;
    const uint8_t *d = c->digits, *e = c->digits + c->first[1];
    return c->len[0] == 5 || (c->len[0] == 4 && (!memcmp(d, "19", 2) || !memcmp(d, "20", 2)) &&
                              (!memcmp(e, "19", 2) || !memcmp(e, "20", 2)));
}

/* Any other run of 7 to 13 digits: a cue must say the rest. */
static float anything(const struct joined *j)
{
    const struct chain *c = j->c;
    size_t n = j->digits, groups = j->groups;
    if (n < 7 || n > 13 || groups > 6 || j->single)
        return NO_ODDS;
    if (!memcmp(c->digits + n - 5, "00000", 5) ||
        (groups == 2 && c->sep[1] == '.' && c->len[0] <= 2))
        return NO_ODDS; /* a round number, a decimal one */
    bool america = groups == 1 && n == 10 && north_american(c, 1);
    bool china = groups == 1 && n == 11 && c->digits[0] == '1' && c->digits[1] >= '3';
    float odds = america || china ? -1.3F : -2.1F;
    if (groups == 1 && n == 8 && date_like(c->digits))
        odds -= 1.5F;
    if (groups == 1 && n == 10 && c->digits[0] == '1')
        odds -= 1.5F; /* seconds since 1970 */
    if (groups == 1 && n == 13)
        odds -= 2.0F;
    return odds;
}

/* "612.165.840": three digits behind each dot, as thousands are written; only a label helps. */
static bool thousands(const struct joined *j)
{
    return j->threes && j->threes == j->groups - 1 && j->c->len[0] <= 3;
}

static inline float likelier(float a, float b)
{
    return b > a ? b : a;
}

static float form(const struct joined *j, const struct place *at)
{
    const struct chain *c = j->c;
    if (j->slashes > 1)
        return NO_ODDS;
    if (at->plus)
        return international(j, 0);
    float best = NO_ODDS;
    if (c->len[0] >= 2 && c->digits[0] == '0' && c->digits[1] == '0' && c->digits_n > 8)
        return international(j, 2);
    if (c->len[0] == 3 && !memcmp(c->digits, "011", 3) && c->digits_n > 12)
        best = international(j, 3);
    best = likelier(best, with_trunk(j, at));
    best = likelier(best, anything(j));
    if (j->groups == 1)
        return best;
    best = likelier(best, grouped(j, at));
    if (at->bracket)
        best = likelier(best, code_in_brackets(j));
    if (thousands(j))
        return c->len[0] == 3 ? best - 2.0F : NO_ODDS;
    bool brazil = c->len[0] == 5 && c->digits[0] == '9'; /* a mobile without its area */
    return years_or_postcode(j) ? best - (brazil ? 1.0F : 3.0F) : best;
}

/* The groups before a card's number or a date that follows: "+1 212 555 0123 4111 1111 1111 1111".
 */
static size_t own_groups(struct span t, const struct chain *c)
{
    for (size_t g = 2; g < c->n && c->n >= 5; g++)
        if (c->sep[g] == ' ' && c->len[g] == 4 && card_begins(t, c->start + c->at[g]))
            return g;
    for (size_t g = 1; g + 2 < c->n; g++)
        if (c->sep[g] == ' ' && c->len[g] == 4 && c->len[g + 1] == 2 && c->len[g + 2] == 2 &&
            c->sep[g + 1] == '-' && c->sep[g + 2] == '-')
            return g;
    return c->n;
}

bool in_a_row(const struct probe *p, size_t start)
{
    struct span t = p->text;
    size_t n = 0;
    if (prev(t, start) != ' ' || p->skip + 1 == start)
        return false;
    while (n < 4 && start >= n + 2 && is(t.p[start - 2 - n], C_DIGIT))
        n++;
    return n >= 3;
}

/* "40 07 04 06 05 24 11": the groups of two go on before or behind, as in a list of numbers. */
static bool among_pairs(struct span t, const struct chain *c, size_t groups)
{
    size_t at = c->start, end = chain_group_end(c, groups - 1);
    if (c->len[0] != 2 || c->len[groups - 1] != 2 || groups < 3 || c->sep[1] != ' ')
        return false;
    bool before = at >= 3 && t.p[at - 1] == ' ' && is(t.p[at - 2], C_DIGIT) &&
                  is(t.p[at - 3], C_DIGIT) && (at == 3 || t.p[at - 4] == ' ');
    return before || (groups < c->n && peek(t, end) == ' ' && c->len[groups] == 2);
}

/* Does a dash or dot, with no blank beside it, join this group to those before? Then no number ends
 * there. */
static bool joins_on(struct span t, const struct chain *c, size_t group)
{
    uint8_t sep = c->sep[group];
    return sep != ' ' && sep != '(' &&
           !(sep == '-' && prev(t, c->start + c->at[group]) == ' '); /* 415-555-2671 - 24 hours */
}

/* How many of its groups make the likeliest number, 0 for none; *odds how likely it is, *end where
 * it ends with its extension. */
static size_t best_groups(const struct probe *p, const struct chain *c, const struct place *at,
                          float *odds, size_t *end)
{
    enum { LEAST = 7, MOST = 18 };
    float best = NO_ODDS, more;
    size_t found = 0;
    *odds = NO_ODDS;
    *end = c->end;
    for (size_t groups = own_groups(p->text, c); groups; groups--) {
        struct joined j = join(c, groups);
        if (j.digits < LEAST)
            break;
        if (j.digits > MOST || (groups < c->n && joins_on(p->text, c, groups)))
            continue;
        float its = form(&j, at);
        if (its <= best + 0.3F)
            continue;
        size_t bare = chain_group_end(c, groups - 1), whole = extension_end(p->text, bare, &more);
        if (whole == bare && !ends_well(p->text, bare))
            continue;
        best = its;
        found = groups;
        *odds = best + more;
        *end = whole;
    }
    return found;
}

size_t phone_read(struct probe *p, const struct chain *c)
{
    if (c->digits_n < 7 || (c->n == 2 && c->sep[1] == '/' && near_boxed(p->text, c->start, c->end)))
        return 0;
    struct place at = place_of(p->text, c);
    if (!begins_well(p, &at, c))
        return 0;
    float odds;
    size_t end, groups = best_groups(p, c, &at, &odds, &end);
    if (!groups)
        return 0;
    if (!at.plus && (in_a_row(p, at.start) || among_pairs(p->text, c, groups)))
        odds -= 1.5F;
    bool evident = at.plus || odds > EVIDENT_ODDS;
    if (!evident || !probe_certain(p, ENTITY_PHONE_NUMBER, odds)) {
        if (hopeless(p, at.start, end, odds))
            return 0;
        odds += context(p, at.start, end, evident);
    }
    if (!scan_emit(p, ENTITY_PHONE_NUMBER, at.start, end, odds, 0))
        return 0;
    probe_list(p, ENTITY_PHONE_NUMBER, at.start, end);
    return end;
}
