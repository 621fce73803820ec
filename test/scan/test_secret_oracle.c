/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCRE2 as the oracle of the token formats: every rule of secret_rules.def becomes an expression,
 * and texts drawn from the rule (about half match, the rest miss by a byte) must match in the same
 * place or not at all. 100,000 texts a rule; SECRET_ORACLE_TEXTS sets another number.
 */
#include "unit.h"

#include "secret_int.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

struct rule {
    const char *id, *prefix, *shape;
    unsigned number;
};
static const struct rule rules[] = {
#define SECRET(id, name, prefix, shape, check, score) {#id, prefix, shape, SECRET_##id},
#define CONTEXT(id, name)
#include "secret_rules.def"
#undef SECRET
#undef CONTEXT
};

enum { TEXTS = 100000, TEXT_MAX = 9000, DRAW_MAX = 24 };

static uint64_t seed = 7;
static unsigned draw(unsigned n)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(seed >> 33) % n;
}

/* The class as PCRE2 writes it, without the brackets. */
static const char *class_of(char c)
{
    static const char *const classes[128] = {
        ['d'] = "0-9",
        ['x'] = "0-9a-f",
        ['X'] = "0-9A-Fa-f",
        ['l'] = "a-z0-9",
        ['u'] = "A-Z0-9",
        ['L'] = "A-Za-z",
        ['w'] = "A-Za-z0-9",
        ['W'] = "A-Za-z0-9_",
        ['v'] = "A-Za-z0-9_\\-",
        ['b'] = "A-Za-z0-9+/",
        ['t'] = "A-Za-z0-9_~.\\-",
        ['e'] = "A-Za-z0-9+/=",
        ['q'] = "A-Z2-7",
        ['Q'] = "a-z2-7",
        ['z'] = "1-9A-HJ-NP-Za-km-z",
        ['p'] = "02-9AC-HJ-NP-Z",
        ['g'] = "A-Za-z0-9_.=\\-",
        ['%'] = "A-Za-z0-9%",
    };
    return classes[(unsigned char)c];
}

struct item {
    char class;
    unsigned low, high;
    const char *literal;
    int literal_n;
};

static size_t parse(const char *shape, struct item *items)
{
    size_t n = 0;
    while (*shape) {
        struct item *it = &items[n++];
        if (*shape == '\'') {
            const char *end = strchr(shape + 1, '\'');
            *it = (struct item){0, 0, 0, shape + 1, (int)(end - shape - 1)};
            shape = end + 1;
            continue;
        }
        char *end;
        it->class = *shape;
        it->low = it->high = (unsigned)strtoul(shape + 1, &end, 10);
        if (*end == '-')
            it->high = (unsigned)strtoul(end + 1, &end, 10);
        shape = end;
    }
    return n;
}

/* A dot for each byte that means something to PCRE2 would match too much: escape all but words. */
static size_t quote_into(char *out, const char *s, int n)
{
    size_t len = 0;
    for (int i = 0; i < n; i++) {
        if (!secret_alnum((uint8_t)s[i]) && s[i] != '_')
            out[len++] = '\\';
        out[len++] = s[i];
    }
    return len;
}

static pcre2_code *compile(const struct rule *r)
{
    struct item items[48];
    size_t count = parse(r->shape, items), n;
    char re[4096];
    n = quote_into(re, r->prefix, (int)strlen(r->prefix));
    const char *last = "A-Za-z0-9";
    for (size_t i = 0; i < count; i++) {
        if (!items[i].class) {
            n += quote_into(re + n, items[i].literal, items[i].literal_n);
            last = "A-Za-z0-9";
            continue;
        }
        last = class_of(items[i].class);
        assert_non_null(last);
        n += (size_t)sprintf(re + n, "[%s]{%u,%u}+", last, items[i].low, items[i].high);
    }
    sprintf(re + n, "(?![%sA-Za-z0-9])", last);
    int code;
    PCRE2_SIZE where;
    pcre2_code *c =
        pcre2_compile((PCRE2_SPTR)re, PCRE2_ZERO_TERMINATED, PCRE2_ANCHORED, &code, &where, NULL);
    if (!c)
        fail_msg("%s: %s", r->id, re);
    pcre2_jit_compile(c, PCRE2_JIT_COMPLETE);
    return c;
}

/* A byte of the class, found by trying. */
static char draw_of(char class)
{
    static char members[128][96];
    static size_t count[128];
    unsigned k = (unsigned char)class;
    if (!count[k])
        for (int c = 33; c < 127; c++) {
            const char *s = class_of(class);
            for (; *s; s++) {
                bool range = s[1] == '-' && s[2];
                char low = *s == '\\' ? *++s : *s, high = range ? s[2] : low;
                if (c >= low && c <= high) {
                    members[k][count[k]++] = (char)c;
                    break;
                }
                s += range ? 2 : 0;
            }
        }
    return members[k][draw((unsigned)count[k])];
}

static size_t make_text(const struct rule *r, char *out)
{
    struct item items[48];
    size_t count = parse(r->shape, items), n = (size_t)sprintf(out, "%s", r->prefix);
    for (size_t i = 0; i < count; i++) {
        if (!items[i].class) {
            memcpy(out + n, items[i].literal, (size_t)items[i].literal_n);
            n += (size_t)items[i].literal_n;
            continue;
        }
        unsigned span = items[i].high - items[i].low;
        unsigned len = items[i].low + draw((span > DRAW_MAX ? DRAW_MAX : span) + 1);
        if (draw(6) == 0)
            len = items[i].high;
        if (draw(4 + 4 * (unsigned)count) == 0)
            len += draw(3) - 1U; /* one less, as it is, one more */
        for (unsigned k = 0; k < len && n < TEXT_MAX - 600; k++)
            out[n++] = draw_of(items[i].class);
    }
    static const char tails[] = " \"'.-_aZ0=+/\n~%";
    out[n++] = tails[draw(draw(2) ? 3 : sizeof tails - 1)];
    if (draw(4) == 0) {
        static const char wrong[] = "!-_ .,aZ09=/+%~";
        out[draw((unsigned)n)] = wrong[draw(sizeof wrong - 1)];
    }
    return draw(10) == 0 ? draw((unsigned)n) : n; /* cut short now and then */
}

static void test_oracle(void **state)
{
    (void)state;
    const char *asked = getenv("SECRET_ORACLE_TEXTS");
    unsigned long texts = asked ? strtoul(asked, NULL, 10) : TEXTS, matched = 0, all = 0;
    pcre2_match_data *md = pcre2_match_data_create(4, NULL);
    char text[TEXT_MAX];
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        pcre2_code *c = compile(&rules[i]);
        unsigned long hits = 0;
        /* shapes of thousands of bytes get fewer texts: the time is the same */
        unsigned long count = strstr(rules[i].shape, "000") ? texts / 20 + 1 : texts;
        for (unsigned long k = 0; k < count; k++) {
            size_t n = make_text(&rules[i], text);
            int rc = pcre2_match(c, (PCRE2_SPTR)text, n, 0, 0, md, NULL);
            struct secret_match m = {.work = 0};
            bool ours = secret_match_rule(span(text, n), 0, rules[i].number, &m);
            if (ours != (rc > 0) || (ours && m.end != pcre2_get_ovector_pointer(md)[1]))
                fail_msg("%s: %d and PCRE2 %d on %.*s", rules[i].id, ours, rc, (int)n, text);
            hits += ours;
        }
        if (hits * 10 < count * 3 || hits == count)
            fail_msg("%s: %lu of %lu match: the texts prove little", rules[i].id, hits, count);
        matched += hits;
        all += count;
        pcre2_code_free(c);
    }
    print_message("%lu texts, %lu matched\n", all, matched);
    pcre2_match_data_free(md);
}

/* The index finds by prefix or probe what the rule itself matches. */
static void test_index(void **state)
{
    (void)state;
    char text[TEXT_MAX];
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        for (int k = 0; k < 200; k++) {
            size_t n = make_text(&rules[i], text);
            struct secret_match m = {.work = 0};
            struct span s = span(text, n);
            if (rules[i].number == SECRET_telegram || !secret_match_rule(s, 0, rules[i].number, &m))
                continue;
            bool found = false;
            if (strlen(rules[i].prefix) >= 2) {
                assert_true(secret_head((const uint8_t *)text));
                for (size_t it = 0; secret_match_prefix(s, 0, &it, &m);)
                    found |= m.rule == rules[i].number;
            } else {
                for (size_t it = 0; secret_match_probe(s, 0, &it, &m);)
                    found |= m.rule == rules[i].number;
            }
            if (!found)
                fail_msg("%s is not in the index: %.*s", rules[i].id, (int)n, text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_oracle), cmocka_unit_test(test_index)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
