/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets in any text: time linear on hostile ones, every cut and broken byte read without harm, a
 * list that is full, and the bytes behind the sweep's keys that announce nothing.
 */
#include "growth.h"

#include "scan/secret_made.h"
#include "secret_int.h"
#include "secret_scan.h"

#include <stdio.h>
#include <stdlib.h>

static void read_secrets(const void *with, struct span text)
{
    (void)with;
    struct findings f = {.max = 1 << 24};
    assert_ok(secret_scan(text, &f));
    findings_free(&f);
}

/* Texts made to be slow. */
static void test_growth(void **state)
{
    (void)state;
    static const char *const hostile[] = {
        "password=",
        "sl.",
        "eyJ.",
        "eyJ-",
        "eyJhbGciOiJIUzI1NiJ9.",
        "ya29.",
        "://a:b@",
        "://a:",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----BEGIN ",
        "%41",
        "A",
        "a1",
        "\\/",
        "a\\u0041",
        "a\xe2\x80\x8b",
        "a\xd0\xb0",
        "key key ",
        "(password,",
        "<password ",
        "\"password\" { ",
        "LS0tLS1CRUdJTi",
        "$2b$",
        "Authorization: Basic ",
        "pass.word-secret_token",
        "password:\n",
        "AAAAB3Nza",
        "TUdBd2=",
        "1234567890:A",
        "ghp_",
        "$argon2id$",
        "token token token",
        "\"",
        "glpat-",
        "xoxb-1-",
        "kind: Secret\n",
        "kind: Secret\ndata:\n a: b\n",
        "curl ",
        "mysql -",
        "sshpass",
        "?sig=",
        "mot de passe ",
        "pw:",
        "a,password\n",
        "password,",
        "password|",
        "a.b:5432:c:",
        "Cookie: token=",
        "Cookie:",
        "password() {",
        "x is the password ",
        "echo chpasswd ",
        "htpasswd -C ",
        "login: a/",
        "recovery codes: a1b2c3d4 ",
        "thin:a/b",
        "(a, password) VALUES ('x', '",
        "password (",
        "token for ",
        "</key><b>",
        "\\\\\"secret\\\\\":",
        "passphrase: copper walnut ",
        "credentials(\"a\",",
        "pbkdf2_sha256$a",
        "scrypt1$$",
        "\"random_password\" ",
        "AUTH LOGIN\n334 UGFzc3dvcmQ6\n",
        "AUTH LOGIN ",
        "AUTH LOGIN 334 UGFzc3dvcmQ6 ",
        "session(keys: ['a1b2c3d4', ",
    };
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
        growth_assert(hostile[i], &(struct growth){growth_repeat, hostile[i], read_secrets, NULL},
                      1 << 14);
}

/* Any bytes, any cut: no crash, findings inside the text, disjoint and sorted. */
static void test_total(void **state)
{
    (void)state;
    char base[9000];
    for (size_t i = 0; i < RULES; i++) {
        size_t n = (size_t)sprintf(base, "password: \"");
        size_t token = make_token(&rules[i], base + n);
        mend(&rules[i], base + n, token);
        n += token;
        n += (size_t)sprintf(base + n, "\\u002f\xe2\x80\x8b%%3d://a:b@c");
        for (int k = 0; k < 12; k++) {
            size_t from = draw((unsigned)n), len = draw((unsigned)(n - from) + 1);
            char *copy = malloc(len ? len : 1); /* exact, so that a read past the end is seen */
            memcpy(copy, base + from, len);
            for (int m = 0; m < 3 && len; m++)
                copy[draw((unsigned)len)] = (char)draw(256);
            struct findings f = {.max = 1000};
            assert_ok(secret_scan(span(copy, len), &f));
            for (size_t j = 0; j < f.n; j++)
                assert_true(f.v[j].end <= len && f.v[j].start >= (j ? f.v[j - 1].end : 0));
            findings_free(&f);
            free(copy);
        }
    }
}

static void test_full_list(void **state)
{
    (void)state;
    struct findings f = {.max = 1};
    assert_fails(ERR_LIMIT, secret_scan(SPAN_LIT("password=hT7kq9Lm2z password=hT7kq9Lm3z"), &f));
    findings_free(&f);
}

/* May byte c stand behind that key? */
static bool may_stand_behind(const struct secret_word_key *k, uint8_t c)
{
    uint8_t small = c | 0x20;
    if (!k->behind || (uint8_t)(small - 'a') >= 26)
        return true;
    return strchr(k->behind, small) || (c != small && k->behind[0] == '^');
}

/* Whether secret_at_word finds anything, or notes that it has read anything, at the key in `text`,
 * which begins `before` it. */
static bool word_says(const char *text, size_t before)
{
    struct findings f = {.max = SIZE_MAX};
    struct secret_pass p = secret_pass_of(span_str(text), &f);
    secret_at_word(&p, before);
    assert_true(!failed(p.err));
    bool says = f.n || p.name_end || p.place_end || p.jwk_end || p.row_at;
    findings_free(&f);
    return says;
}

/* Behind the bytes that no key's row names, its word announces nothing. */
static void test_what_stands_behind_keys(void **state)
{
    (void)state;
    static const char *const before[] = {"",          " ",      "set x-",
                                         "expect \"", "kind: ", "echo Xk29bQ7m | "};
    static const char *const tails[] = {" = \"Xk29bQ7mZp4L\"\n",
                                        "ord: Xk29bQ7mZp4L\n",
                                        "(\"jane\", \"b\", \"Xk29bQ7mZp4L\")\n",
                                        ": jane / Xk29bQ7mZp4L\n",
                                        " is Xk29bQ7mZp4L.\n",
                                        "\"; send \"Xk29bQ7mZp4L\\r\"\n",
                                        "\ndata:\n  password: WGsyOWJRN20=\n"};
    size_t read = 0, none = 0;
    for (size_t k = 0; k < SECRET_WORD_KEYS; k++)
        for (unsigned c = 1; c < 256; c++)
            for (size_t i = 0; i < sizeof before / sizeof *before * 7; i++) {
                const struct secret_word_key *key = &secret_word_keys[k];
                char text[160];
                snprintf(text, sizeof text, "%s%.4s%c%s", before[i / 7], (const char *)key->key,
                         (int)c, tails[i % 7]);
                bool says = word_says(text, strlen(before[i / 7]));
                bool may = may_stand_behind(key, (uint8_t)c);
                read += may && says;
                none += !may;
                if (!may && says)
                    fail_msg("\"%s\" says something", text);
            }
    assert_true(read > 1000 && none > 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_stands_behind_keys),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_total),
        cmocka_unit_test(test_full_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
