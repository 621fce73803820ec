/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets: the ways people write them (secret_cases.txt), a made-up sample of every format with its
 * near misses, checksums right and wrong, encodings mapped back. Samples are made from the rule
 * table (secret_made.h).
 */
#include "unit.h"

#include "scan.h"
#include "scan/secret_made.h"
#include "secret_int.h"
#include "secret_scan.h"

#include <stdio.h>
#include <stdlib.h>

#define MASKED 0.7F

/* Best score of a finding that covers [start, end) and at most 5 bytes more; -1 if none. */
static float covered(struct span text, size_t start, size_t end, const char **name)
{
    struct findings f = {.max = 1000};
    assert_ok(secret_scan(text, &f));
    float best = -1;
    for (size_t i = 0; i < f.n; i++) {
        assert_true(f.v[i].start < f.v[i].end && f.v[i].end <= text.n);
        assert_int_equal(f.v[i].entity, ENTITY_SECRET);
        if (f.v[i].start <= start && f.v[i].end >= end &&
            start - f.v[i].start + f.v[i].end - end <= 5 && f.v[i].score > best) {
            best = f.v[i].score;
            if (name)
                *name = secret_rule_name(f.v[i].rule);
        }
    }
    findings_free(&f);
    return best;
}

static float highest(struct span text)
{
    struct findings f = {.max = 1000};
    float best = -1;
    assert_ok(secret_scan(text, &f));
    for (size_t i = 0; i < f.n; i++)
        best = f.v[i].score > best ? f.v[i].score : best;
    findings_free(&f);
    return best;
}

/* ---- the ways people write them ---- */

/* One line of secret_cases.txt to a text and its marked range. */
static void read_case(const char *line, char *text, size_t *n, size_t *start, size_t *end)
{
    *n = 0;
    *start = *end = 0;
    for (const char *s = line; *s && *s != '\n'; s++) {
        if (!strncmp(s, "\xc2\xab", 2)) {
            *start = *n;
            s++;
        } else if (!strncmp(s, "\xc2\xbb", 2)) {
            *end = *n;
            s++;
        } else if (!strncmp(s, "\\n", 2) || !strncmp(s, "\\e", 2)) {
            *n += (size_t)sprintf(text + *n, "%s", s[1] == 'n' ? "\n" : "\xe2\x80\x8b");
            s++;
        } else {
            text[(*n)++] = *s;
        }
    }
}

static void test_cases(void **state)
{
    (void)state;
    FILE *f = fopen(SOURCE_ROOT "/test/scan/secret_cases.txt", "r");
    assert_non_null(f);
    char line[1200], text[1200];
    size_t found = 0, clean = 0, bad = 0;
    while (fgets(line, sizeof line, f)) {
        size_t n, start, end;
        if (line[0] != '+' && line[0] != '-')
            continue;
        read_case(line + 2, text, &n, &start, &end);
        struct span s = span(text, n);
        bool ok = line[0] == '-' ? highest(s) < MASKED
                  : end          ? covered(s, start, end, NULL) >= MASKED
                                 : highest(s) >= MASKED;
        if (!ok)
            print_error("%s", line);
        bad += !ok;
        found += line[0] == '+';
        clean += line[0] == '-';
    }
    fclose(f);
    assert_true(found > 90 && clean > 70);
    assert_int_equal(bad, 0);
}

/* ---- every format ---- */

/* Formats whose inside cannot be drawn at random, or that need a word near by. */
static bool special(const struct rule *r)
{
    return !strcmp(r->check, "macaroon") || !strcmp(r->check, "discord") ||
           !strcmp(r->check, "bech32") || !strcmp(r->check, "base58") || r->score < 60;
}

static void test_every_format(void **state)
{
    (void)state;
    char token[8192], text[9000];
    for (size_t i = 0; i < RULES; i++) {
        const struct rule *r = &rules[i];
        size_t hits = 0;
        for (int k = 0; k < 40; k++) {
            size_t n = make_token(r, token);
            bool sums = mend(r, token, n);
            int at = sprintf(text, "x %s y", r->score < 60 ? "my api key " : "");
            at--;
            int len = sprintf(text + at - 1, " %s end", token) + at - 1;
            const char *name = "";
            float score = covered(span(text, (size_t)len), (size_t)at, (size_t)at + n, &name);
            hits += score >= (special(r) ? 0.5F : MASKED);
            if (sums)
                assert_true(score == 1.0F);
        }
        if (hits < 38 && strcmp(r->check, "base58") != 0 && strcmp(r->check, "discord") != 0)
            fail_msg("%s: %zu of 40 found, such as %s", r->id, hits, token);
    }
}

/* Azure's common annotated keys, made by another implementation of Marvin32; and the published test
 * key of NuGet's gallery. The marker alone says what they are, too. */
static void test_annotated_keys(void **state)
{
    (void)state;
#define KEY "FbY8NwcUeb4c0wrUGZECjUYrZUPet9Ee9txXOl0gn4Amzb2Jn1qtJQQJ99BCHUckwuOjowRPkpaSAZDO"
    static const struct {
        const char *key;
        float score;
    } keys[] = {{KEY "14w8", 1},     {KEY "14w8sB==", 1}, {KEY "OvRl", 1},
                {KEY "OvRljw==", 1}, {KEY "14w9", 0.95F}, {KEY "14w8sC==", 0.95F}};
    static const char published[] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaJQQJ99ALN5Z0000LZENeS003NUGT3OrW";
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *name = "";
        struct span t = span_str(keys[i].key);
        assert_float_equal(covered(t, 0, t.n, &name), keys[i].score, 0.001);
        assert_string_equal(name, "azure-cask-key");
    }
    assert_true(secret_check(SECRET_CHECK_cask, span_str(published), 0));
    assert_false(secret_check(SECRET_CHECK_cask, SPAN_LIT(KEY "3OrW"), 0));
#undef KEY
}

/* The same token is none with a letter glued on, cut short, or made of one character. */
static void test_near_misses(void **state)
{
    (void)state;
    char token[8192], text[9000];
    for (size_t i = 0; i < RULES; i++) {
        const struct rule *r = &rules[i];
        size_t n = make_token(r, token), body = strlen(r->prefix);
        mend(r, token, n);
        if (body < 3 || special(r))
            continue;
        int len = sprintf(text, "x%s", token);
        const char *name = "";
        covered(span(text, (size_t)len), 1, 1 + n, &name);
        if (strcmp(name, r->name) == 0 && strcmp(r->check, "link") != 0)
            fail_msg("%s found behind a letter: %s", r->id, text);
        memset(token + body, 'x', n - body);
        if (highest(span(token, n)) >= MASKED)
            fail_msg("%s found in a placeholder: %s", r->id, token);
        if (highest(span(token, body)) >= MASKED)
            fail_msg("%s found in its prefix alone", r->id);
    }
}

static void test_wrong_checksums(void **state)
{
    (void)state;
    char token[8192];
    size_t families = 0;
    for (size_t i = 0; i < RULES; i++) {
        size_t n = make_token(&rules[i], token);
        if (!mend(&rules[i], token, n))
            continue;
        families++;
        assert_true(highest(span(token, n)) == 1.0F);
        for (int k = 0; k < 20; k++) {
            char *c = &token[n - 1 - draw(5)], was = *c;
            *c = *c == '1' ? '2' : '1';
            float score = highest(span(token, n));
            if (score >= MASKED || score < 0.4F) /* a documentation sample: told, not masked */
                fail_msg("%s: %.2f for %s", rules[i].id, (double)score, token);
            *c = was;
        }
    }
    assert_true(families >= 18);
}

static void test_checked_vectors(void **state)
{
    (void)state;
    /* Public test vectors: the Bitcoin wiki's WIF, BIP-32's first master key, a throw-away age key.
     */
    static const char *const good[] = {
        "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
        ("xprvBeq7fWn35ZrhgNyMooz4jiztE8d8jCyJ8P3ejfSUtXe3FF58D5hEe4En5e3Pm7xZABDXkmTVfh9m"
         "QSf4pqK25yPVVY8FWgoGubzMYVjrWGs"),
        "AGE-SECRET-KEY-1SWES275NL3HN7MJKTXFEKPHX4Q6HRYUNHUFV3UTF384FQEKZ6MJQLTPM9U",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char text[200];
        size_t n = (size_t)sprintf(text, "%s", good[i]);
        assert_true(covered(span(text, n), 0, n, NULL) == 1.0F);
        text[n / 2] = text[n / 2] == 'Q' ? 'P' : 'Q';
        assert_true(highest(span(text, n)) < MASKED);
    }
}

/* A line that opens a block with no block behind it hides nothing. */
static void test_no_block(void **state)
{
    (void)state;
    assert_true(highest(SPAN_LIT("-----BEGIN PRIVATE KEY-----\n"
                                 "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")) >= MASKED);
}

static void test_jwt(void **state)
{
    (void)state;
    static const char good[] = "a "
                               "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
                               "eyJzdWIiOiIxNDc0MTg4OSIsImlhdCI6MTc1MjcwNTAyMCwic2NvcGUi"
                               "OiJyZWFkIn0.Pmubb7iMRBrOijHRLiGadNSjw1op3D6Dfc0rF3NAMAY b";
    const char *name = "";
    struct span s = span(good, sizeof good - 1);
    assert_true(covered(s, 2, s.n - 2, &name) == 1.0F);
    assert_string_equal(name, "jwt");
    /* alg none, no signature, a header that is no JSON */
    assert_true(highest(SPAN_LIT("eyJhbGciOiJub25lIn0.e30.")) < 0);
    assert_true(highest(span_cut(s, 2, 90)) < MASKED);
    assert_true(highest(SPAN_LIT("eyJhbGciXXJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxNDc0MTg4OSJ9."
                                 "Pmubb7iMRBrOijHRLiGadNSjw1op3D6Dfc0rF3NAMAY")) < MASKED);
}

static void test_names_and_evidence(void **state)
{
    (void)state;
    assert_string_equal(secret_rule_name(SECRET_github_pat), "github-pat");
    assert_string_equal(secret_rule_name(65535), "unknown");
    assert_int_equal(secret_rule_evidence(SECRET_github_pat, 1), SECRET_CHECKSUM);
    assert_int_equal(secret_rule_evidence(SECRET_github_pat, 0.5F), SECRET_SHAPE);
    assert_int_equal(secret_rule_evidence(SECRET_password, 0.85F), SECRET_CONTEXT);
    assert_true(RULES >= 150);
}

/* ---- encodings ---- */

/* What is found inside base64 at every alignment covers the bytes that spell it. */
static void test_base64_maps_back(void **state)
{
    (void)state;
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t lead = 0; lead < 9; lead++) {
        char plain[100], text[200];
        int n = sprintf(plain, "%.*sk: 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 end.", (int)lead,
                        "abcdefgh ");
        size_t at = lead + 3, out = 0;
        for (int i = 0; i < n; i += 3) {
            uint32_t v = (uint32_t)(uint8_t)plain[i] << 16;
            v |= (uint32_t)(i + 1 < n ? (uint8_t)plain[i + 1] : 0) << 8 |
                 (i + 2 < n ? (uint8_t)plain[i + 2] : 0);
            for (int k = 0; k < 4; k++)
                text[out++] = i + k > n ? '=' : set[v >> (18 - 6 * k) & 63];
        }
        assert_true(covered(span(text, out), at * 4 / 3, ((at + 37) * 8 + 5) / 6, NULL) >= MASKED);
    }
}

/* ---- the vector pass ---- */

/* What is to be masked, settled, as one line of offsets and rules. */
static void describe(struct findings *f, char *out, size_t cap)
{
    size_t n = 0;
    out[0] = 0;
    for (size_t i = 0; i < f->n; i++)
        if (f->v[i].score >= MASKED)
            n += (size_t)snprintf(out + n, cap - n, "%u-%u %s, ", f->v[i].start, f->v[i].end,
                                  secret_rule_name(f->v[i].rule));
}

static void agree(const struct scanner *s, struct span text)
{
    char plain[2000], vector[2000];
    struct findings a = {.max = 1000}, b = {.max = 1000};
    assert_ok(secret_scan(text, &a));
    assert_ok(scan_text(s, text, &b));
    scan_resolve(text, &b);
    describe(&a, plain, sizeof plain);
    describe(&b, vector, sizeof vector);
    if (strcmp(plain, vector) != 0)
        fail_msg("%.*s\nplain  %s\nvector %s", (int)text.n, (const char *)text.p, plain, vector);
    findings_free(&a);
    findings_free(&b);
}

/* A name is read as a whole, wherever it begins and ends, near both ends of the text, too. */
static void test_names_everywhere(void **state)
{
    (void)state;
    enum { BEFORE = 20, NAME = 40, BEHIND = 20 };
    static const char name[] = "xylograph7_xylomancy-9XYLOL.xylophon_xy_";
    char text[BEFORE + NAME + BEHIND + 60];
    for (int before = 0; before <= BEFORE; before++)
        for (int n = 0; n < NAME; n++)
            for (int behind = 0; behind < BEHIND; behind++) {
                int len = sprintf(text, "%*s%.*s", before, "", n, name + NAME - n);
                int at = len + sprintf(text + len, "password=%.*s", 6, "Xk7#q2") - 6;
                len = at + 6 + sprintf(text + at + 6, " %.*s", behind, name);
                const char *rule = "";
                covered(span(text, (size_t)len), (size_t)at, (size_t)at + 6, &rule);
                if (strcmp(rule, "password") != 0)
                    fail_msg("not found: %s", text);
                /* the name's end says that the value is none */
                len = sprintf(text, "%*spassword%.*s_id=Xk7#q2", before, "", n, name);
                if (highest(span(text, (size_t)len)) >= MASKED)
                    fail_msg("found: %s", text);
            }
}

/* The words between a name and its verb are read sixteen bytes at a time but for the text's last.
 */
static void test_clauses_near_the_end(void **state)
{
    (void)state;
    static const char clause[] = "the password you chose yesterday is Xk7#q2mN";
    static const char rest[] =
        " and it goes on for a while, long enough for all of the words to be read at once";
    char text[sizeof clause + sizeof rest];
    for (int behind = 0; behind < (int)sizeof rest; behind++) {
        int n = sprintf(text, "%s%.*s", clause, behind, rest);
        const char *rule = "";
        covered(span(text, (size_t)n), sizeof clause - 9, sizeof clause - 1, &rule);
        if (strcmp(rule, "password") != 0)
            fail_msg("not found: %s", text);
    }
}

/* What makes a stand-in of a value does so at every place of a value of every length, and nothing
 * else does: most of it is ruled out many bytes at a time. */
static void test_placeholder_everywhere(void **state)
{
    (void)state;
    static const char filler[] =
        "Zq7Lw9Kd2Rf8Xb3Vt6Hj1Gm5Pz4Wn0Yk8Cs2Qv7Rb9Tx3Lf6Kh1Jw5Dz4Mp0Nc8Vs2Gq7Hb9Xt";
    static const char *const parts[] = {
        "changeme", "EXAMPLE",      "my-token", "not-real",   "${",           "}}", "\\d",
        "...",      "\xe2\x80\xa6", "xXxX",     "zzzzzzzzzz", "kLmNoPqRsTuV", "{{", "987654321098"};
    for (size_t n = 8; n < sizeof filler; n++) {
        uint8_t value[sizeof filler];
        assert_false(secret_placeholder(span(filler, n)));
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            for (size_t at = 0; at + strlen(parts[i]) <= n; at++) {
                memcpy(value, filler, n);
                memcpy(value + at, parts[i], strlen(parts[i]));
                if (!secret_placeholder(span(value, n)))
                    fail_msg("%s at %zu of %zu", parts[i], at, n);
            }
        for (size_t period = 2; period <= 10 && 2 * period <= n; period++) {
            for (size_t k = 0; k < n; k++)
                value[k] = (uint8_t)filler[k % period];
            assert_true(secret_placeholder(span(value, n)));
        }
    }
}

/* The plain driver and the one-pass scanner find the same secrets, wherever in a block they stand.
 */
static void test_vector_pass_agrees(void **state)
{
    (void)state;
    struct scan_config cfg = scan_config_default();
    struct scanner *s;
    cfg.entities = (struct scan_set){{0}};
    scan_set_add(&cfg.entities, ENTITY_SECRET);
    assert_ok(scanner_new(&cfg, &s));
    FILE *f = fopen(SOURCE_ROOT "/test/scan/secret_cases.txt", "r");
    assert_non_null(f);
    char line[1200], text[9000], token[8192];
    while (fgets(line, sizeof line, f)) {
        size_t n, start, end;
        if (line[0] != '+' && line[0] != '-')
            continue;
        for (size_t lead = 0; lead < 70; lead += 23) {
            memset(text, ' ', lead);
            read_case(line + 2, text + lead, &n, &start, &end);
            agree(s, span(text, n + lead));
        }
    }
    fclose(f);
    for (size_t i = 0; i < RULES; i++) {
        size_t n = make_token(&rules[i], token);
        mend(&rules[i], token, n);
        agree(s, span(text, (size_t)sprintf(text, "%*s%s end", (int)draw(70), "", token)));
        agree(s, span(text, (size_t)sprintf(text, "key: '%s'\n", token)));
        agree(s, span(text, (size_t)sprintf(text, "-----BEGIN X-----\n%s\n", token)));
        agree(s, span(text, (size_t)sprintf(text, "-----BEGIN PRIVATE KEY-----%s\n", token)));
    }
    scanner_free(s);
}

/* Lines that end as Windows' do. */
static void values_with_crlf(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "secrets:\r\n\r\n  smtp: ", "[secrets]\r\n\r\nsmtp = ", "recovery codes, save these:\r\n"};
    static const char value[] = "Xk29dkLq3mm";
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        char text[100];
        size_t n = (size_t)sprintf(text, "%s%s\r\n", heads[i], value), at = strlen(heads[i]);
        assert_true(covered(span(text, n), at, at + sizeof value - 1, NULL) >= MASKED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_with_crlf),        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_every_format),       cmocka_unit_test(test_annotated_keys),
        cmocka_unit_test(test_near_misses),        cmocka_unit_test(test_placeholder_everywhere),
        cmocka_unit_test(test_names_everywhere),   cmocka_unit_test(test_clauses_near_the_end),
        cmocka_unit_test(test_wrong_checksums),    cmocka_unit_test(test_checked_vectors),
        cmocka_unit_test(test_no_block),           cmocka_unit_test(test_jwt),
        cmocka_unit_test(test_names_and_evidence), cmocka_unit_test(test_base64_maps_back),
        cmocka_unit_test(test_vector_pass_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
