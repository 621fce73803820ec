/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the first bytes of a word to the format it belongs to. Called at every word start of every
 * long run; nearly always the head bitmap says no and nothing else happens. The tables are made
 * from secret_rules.def when the project is built.
 */
#include "secret_int.h"

struct shape_item {
    uint32_t bits; /* the class; 0: a literal */
    uint16_t min, max;
    char literal[24];
};
struct shape_probe {
    uint16_t rule;
    uint8_t at, n;
    char literal[12];
};
#include "secret_index_int.h"
enum { PROBES = sizeof shape_probes / sizeof *shape_probes };

struct rule_row {
    const char *name, *prefix;
    uint8_t prefix_n, check, score, context;
};

static const struct rule_row rows[] = {
    [SECRET_RULE_NONE] = {"unknown", "", 0, 0, 0, 1},
#define SECRET(id, name, prefix, shape, check, score)                                              \
    [SECRET_##id] = {name, prefix, sizeof(prefix) - 1, SECRET_CHECK_##check, score, 0},
#define CONTEXT(id, name) [SECRET_##id] = {name, "", 0, 0, 0, 1},
#include "secret_rules.def"
#undef SECRET
#undef CONTEXT
};

/* A row below this needs a telling word near by, and then scores NEAR_SCORE. */
enum { PLAIN_SCORE = 60 };
#define NEAR_SCORE   0.8F
#define BROKEN_SCORE 0.5F

const char *secret_rule_name(unsigned rule)
{
    return rows[rule < SECRET_RULE_COUNT ? rule : 0].name;
}

enum secret_evidence secret_rule_evidence(unsigned rule, float score)
{
    if (rule >= SECRET_RULE_COUNT)
        return SECRET_CONTEXT;
    if (rule == SECRET_jwt || rule == SECRET_private_key || rule == SECRET_putty_key)
        return score >= 1 ? SECRET_CHECKSUM : SECRET_SHAPE;
    if (rows[rule].context)
        return rule == SECRET_password_hash ? SECRET_SHAPE : SECRET_CONTEXT;
    return score >= 1 ? SECRET_CHECKSUM : SECRET_SHAPE;
}

const char *secret_evidence_name(enum secret_evidence e)
{
    static const char *const names[] = {"context", "shape", "checksum"};
    return names[e];
}

size_t secret_prefix_len(unsigned rule)
{
    return rows[rule < SECRET_RULE_COUNT ? rule : 0].prefix_n;
}

/* As many bytes of the class as there are, at most max. */
static size_t count_class(struct span text, size_t at, uint32_t bits, size_t max)
{
    size_t n = 0;
    if (max > text.n - at)
        max = text.n - at;
    const uint8_t *p = text.p + at;
    for (; max - n >= 4; n += 4)
        if (!(shape_class[p[n]] & shape_class[p[n + 1]] & shape_class[p[n + 2]] &
              shape_class[p[n + 3]] & bits))
            break;
    while (n < max && shape_class[p[n]] & bits)
        n++;
    return n;
}

size_t secret_joint(const struct secret_joints *j, size_t at)
{
    size_t low = 0, high = j->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (j->v[mid] < at + j->base)
            low = mid + 1;
        else
            high = mid;
    }
    return low < j->n ? j->v[low] - j->base : SIZE_MAX;
}

/* Does a joint end the token that ran on to m->end, whose last item may end from `least` on? */
static bool ends_at_joint(struct secret_match *m, size_t least)
{
    size_t joint = m->joints.n ? secret_joint(&m->joints, least) : SIZE_MAX;
    if (joint > m->end)
        return false;
    m->end = joint;
    return true;
}

/* The items of a rule from `at` on, then the right border: no byte of the last class, no letter or
 * digit. Greedy, without going back: the formats are made so. */
static bool match_items(struct span text, size_t at, unsigned rule, struct secret_match *m)
{
    uint32_t border = SHAPE_CLASS_w;
    size_t least = at;
    for (unsigned i = shape_first[rule - 1]; i < shape_first[rule]; i++) {
        const struct shape_item *item = &shape_items[i];
        if (!item->bits) {
            struct span lit = span_str(item->literal);
            if (!span_starts(span_from(text, at), lit))
                return false;
            at += lit.n;
            least = at;
            border = SHAPE_CLASS_w;
            continue;
        }
        size_t n = count_class(text, at, item->bits, item->max);
        m->work += n;
        if (n < item->min)
            return false;
        least = at + item->min;
        at += n;
        border = item->bits | SHAPE_CLASS_w;
    }
    m->end = at;
    return !(shape_class[secret_byte(text, at)] & border) || ends_at_joint(m, least);
}

bool secret_match_rule(struct span text, size_t at, unsigned rule, struct secret_match *m)
{
    const struct rule_row *r = &rows[rule];
    if (r->context || at > text.n || text.n - at < r->prefix_n ||
        memcmp(text.p + at, r->prefix, r->prefix_n) != 0)
        return false;
    m->start = at;
    m->rule = rule;
    return match_items(text, at + r->prefix_n, rule, m);
}

bool secret_match_prefix(struct span text, size_t at, size_t *iter, struct secret_match *m)
{
    if (text.n - at < 3)
        return false;
    unsigned b = secret_head_hash(text.p + at) & BUCKET_MASK;
    for (size_t i = bucket_first[b] + *iter; i < bucket_first[b + 1]; i++) {
        const char *prefix = rows[bucket_rules[i]].prefix; /* two bytes at least */
        if ((uint8_t)prefix[0] != text.p[at] || (uint8_t)prefix[1] != text.p[at + 1] ||
            !secret_match_rule(text, at, bucket_rules[i], m))
            continue;
        *iter = i + 1 - bucket_first[b];
        return true;
    }
    return false;
}

/* Which probes may fit at the beginning of `rest`, a bit each, by their literals' first bytes: in a
 * random text one often fits. */
static uint64_t probes_may(struct span rest)
{
    unsigned fits = 0;
    uint64_t may = 0;
    if (rest.n < PROBE_ROOM)
        return ~(uint64_t)0 >> (64 - PROBES);
#pragma GCC unroll 16
    for (unsigned k = 0; k < PROBE_PLACES; k++)
        fits |= probe_begins[rest.p[probe_place[k]]] & 1U << k;
    for (; fits; fits &= fits - 1)
        may |= probes_at[__builtin_ctz(fits)];
    return may;
}

bool secret_match_probe(struct span text, size_t at, size_t *iter, struct secret_match *m)
{
    struct span rest = span_from(text, at);
    for (uint64_t may = probes_may(rest) >> *iter << *iter; may; may &= may - 1) {
        unsigned i = (unsigned)__builtin_ctzll(may);
        const struct shape_probe *pr = &shape_probes[i];
        if (!span_starts(span_from(rest, pr->at), span(pr->literal, pr->n)) ||
            !secret_match_rule(text, at, pr->rule, m))
            continue;
        *iter = i + 1;
        return true;
    }
    return false;
}

/* Random as a token is: some variety, no stand-in, no run of words; not as little as the words of a
 * name behind a prefix that names have, too: "test_serverBufferTableListViewError". */
static bool body_random(struct span body, unsigned score)
{
    enum { SHORT = 8, LONG = 20, COMMON_SCORE = 85 };
    const float words = 20, joined_words = 23; /* one random value in 200,000 is below it */
    if (secret_placeholder(body))
        return false;
    float least = score <= COMMON_SCORE && body.n >= LONG ? joined_words : words;
    return body.n < SHORT || secret_hex(body) || secret_surprise(body) >= least;
}

/* A webhook's link is the secret: take its scheme and host along. */
static size_t link_start(struct span text, size_t at)
{
    static const char *const heads[] = {"https://", "http://"};
    size_t host = at;
    while (at - host < 64 && host > 0 &&
           (secret_alnum(text.p[host - 1]) || text.p[host - 1] == '.' || text.p[host - 1] == '-'))
        host--;
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(heads[i]);
        if (host >= n && memcmp(text.p + host - n, heads[i], n) == 0)
            return host - n;
    }
    return at;
}

/* A check digit that every real token passes: a wrong one says sample, typing error, or redaction.
 * The other checks recognise what a vendor writes today; their failing says little. */
static bool is_sum(unsigned check)
{
    return check == SECRET_CHECK_crc62 || check == SECRET_CHECK_gitlab ||
           check == SECRET_CHECK_grafana || check == SECRET_CHECK_cloudflare ||
           check == SECRET_CHECK_atlassian || check == SECRET_CHECK_bech32 ||
           check == SECRET_CHECK_base58;
}

/* The part of a token that should be random: behind the prefix, or, where a marker stands inside,
 * the second half. */
static struct span random_part(struct span token, const struct rule_row *r)
{
    return span_from(token, r->prefix_n ? r->prefix_n : token.n / 2);
}

bool secret_judge(struct secret_pass *p, const struct secret_match *m)
{
    const struct rule_row *r = &rows[m->rule];
    struct span token = span_cut(p->text, m->start, m->end - m->start);
    float score = (float)r->score / 100;
    size_t start = m->start;
    if (r->check == SECRET_CHECK_link) {
        start = link_start(p->text, m->start);
        size_t last = token.n;
        while (last > r->prefix_n && token.p[last - 1] != '/')
            last--;
        if (secret_placeholder(span_from(token, last)))
            return false;
    } else if (is_sum(r->check) && secret_check(r->check, token, r->prefix_n)) {
        score = 1;
    } else if (!body_random(random_part(token, r), r->score)) {
        return false;
    } else if (r->check != SECRET_CHECK_none && secret_check(r->check, token, r->prefix_n)) {
        score = 1;
    } else if (is_sum(r->check)) {
        if (r->score < PLAIN_SCORE)
            return false;
        score = BROKEN_SCORE;
    } else if (r->score < PLAIN_SCORE) {
        if (!secret_near(p->text, m->start))
            return false;
        score = NEAR_SCORE;
    }
    if (m->rule == SECRET_stripe_test && secret_known_form(token)) /* of its documentation */
        score = BROKEN_SCORE;
    secret_emit(p, start, m->end, m->rule, score);
    return true;
}
