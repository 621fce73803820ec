/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures and certificates against keys, signatures and chains made by the openssl command
 * (data/DATA.md); each thing that must be refused is. */
#include "unit.h"

#include "cert.h"

#include <stdio.h>

enum { FILE_MAX = 4096 };
#define TEXT SPAN_LIT("what was signed")

static struct span data(const char *name)
{
    static uint8_t bytes[4][FILE_MAX];
    static unsigned turn;
    char path[256];
    snprintf(path, sizeof path, SOURCE_ROOT "/test/crypt/data/%s", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    uint8_t *to = bytes[turn++ % 4];
    size_t n = fread(to, 1, FILE_MAX, f);
    fclose(f);
    return span(to, n);
}

static struct sign_key private_key(const char *name)
{
    struct sign_key k;
    assert_ok(sign_key_private(data(name), SPAN_NONE, &k));
    return k;
}

static struct sign_key public_of(const struct sign_key *k)
{
    struct sign_key out;
    BUF_AUTO pem = buf_init(FILE_MAX);
    assert_ok(sign_key_pem(k, &pem));
    assert_ok(sign_key_public(buf_span(&pem), &out));
    return out;
}

static const struct {
    const char *key, *signature, *kind;
} kinds[] = {{"p256.pem", "p256.sig", "ecdsa-p256"},
             {"p384.pem", "p384.sig", "ecdsa-p384"},
             {"p521.pem", "p521.sig", "ecdsa-p521"},
             {"ed25519.pem", "ed25519.sig", "ed25519"}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void each_kind_signs_and_checks(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct sign_key key = private_key(kinds[i].key), public = public_of(&key);
        struct sign_key other = private_key(kinds[(i + 1) % KINDS].key);
        assert_string_equal(sign_key_kind(&key), kinds[i].kind);
        assert_string_equal(sign_key_kind(&public), kinds[i].kind);
        BUF_AUTO made = buf_init(FILE_MAX);
        assert_ok(sign_make(&key, TEXT, &made));
        struct span theirs = data(kinds[i].signature), ours = buf_span(&made);
        assert_ok(sign_check(&public, TEXT, ours));
        assert_ok(sign_check(&public, TEXT, theirs));
        assert_fails(ERR_CORRUPT, sign_check(&public, SPAN_LIT("what was Signed"), theirs));
        assert_fails(ERR_CORRUPT, sign_check(&public, SPAN_NONE, theirs));
        assert_fails(ERR_CORRUPT, sign_check(&other, TEXT, theirs));
        assert_fails(ERR_CORRUPT, sign_check(&public, TEXT, SPAN_NONE));
        for (size_t at = 0; at < made.n; at++) {
            made.p[at] ^= 1;
            assert_fails(ERR_CORRUPT, sign_check(&public, TEXT, ours));
            made.p[at] ^= 1;
            assert_fails(ERR_CORRUPT, sign_check(&public, TEXT, span_cut(ours, 0, at)));
        }
        sign_key_free(&key);
        sign_key_free(&public);
        sign_key_free(&other);
    }
}

static void only_such_keys_are_taken(void **state)
{
    (void)state;
    struct sign_key k;
    struct span sealed = data("p256-sealed.pem");
    assert_ok(sign_key_private(sealed, SPAN_LIT("sesame"), &k));
    struct sign_key open = private_key("p256.pem");
    BUF_AUTO a = buf_init(FILE_MAX);
    BUF_AUTO b = buf_init(FILE_MAX);
    assert_ok(sign_key_pem(&k, &a));
    assert_ok(sign_key_pem(&open, &b));
    assert_span(buf_span(&a), buf_span(&b));
    sign_key_free(&k);
    sign_key_free(&open);
    assert_fails(ERR_INPUT, sign_key_private(sealed, SPAN_LIT("Sesame"), &k));
    assert_fails(ERR_INPUT, sign_key_private(sealed, SPAN_NONE, &k));
    assert_fails(ERR_INPUT, sign_key_private(data("rsa.pem"), SPAN_NONE, &k));
    assert_fails(ERR_INPUT, sign_key_private(data("cert-leaf.pem"), SPAN_NONE, &k));
    assert_fails(ERR_INPUT, sign_key_public(data("p256.pem"), &k));
    assert_fails(ERR_INPUT, sign_key_public(SPAN_NONE, &k));
    struct span whole = data("ed25519.pem");
    for (size_t n = 0; n + 30 < whole.n; n++)
        assert_fails(ERR_INPUT, sign_key_private(span_cut(whole, 0, n), SPAN_NONE, &k));
}

static struct cert_chain chain(const char *a, const char *b)
{
    struct cert_chain c = cert_chain_init();
    assert_ok(cert_chain_pem(&c, data(a)));
    if (b)
        assert_ok(cert_chain_pem(&c, data(b)));
    return c;
}

/* The sentence why `leaf` is refused, NULL when it signs. */
static const char *refused(const char *leaf, const char *between, const char *root)
{
    struct cert_chain c = chain(leaf, between), roots = chain(root, NULL);
    struct sign_key k;
    const char *why;
    struct err e = cert_signer(&c, &roots, &k, &why);
    if (!failed(e)) {
        assert_null(why);
        assert_ok(sign_check(&k, TEXT, data("p256.sig")));
        sign_key_free(&k);
    } else {
        assert_int_equal(err_cat(e), ERR_DENIED);
        assert_non_null(why);
    }
    cert_chain_free(&c);
    cert_chain_free(&roots);
    return why;
}

static void a_chain_leads_to_a_root(void **state)
{
    (void)state;
    assert_null(refused("cert-leaf.pem", "cert-between.pem", "cert-root.pem"));
    assert_null(refused("cert-code.pem", "cert-between.pem", "cert-root.pem"));
    assert_non_null(strstr(refused("cert-leaf.pem", "cert-between.pem", "cert-other.pem"), "root"));
    assert_non_null(strstr(refused("cert-leaf.pem", NULL, "cert-root.pem"), "root"));
    assert_non_null(strstr(refused("cert-leaf.pem", "cert-root.pem", "cert-root.pem"), "root"));
    assert_non_null(
        strstr(refused("cert-unfit.pem", "cert-between.pem", "cert-root.pem"), "signing"));
    assert_non_null(strstr(refused("cert-root.pem", NULL, "cert-root.pem"), "signing"));
}

static void a_certificate_and_its_key(void **state)
{
    (void)state;
    struct cert_chain c = chain("cert-leaf.pem", "cert-between.pem"), none = cert_chain_init();
    struct sign_key own = private_key("p256.pem"), other = private_key("p521.pem");
    assert_int_equal(c.n, 2);
    assert_true(cert_matches(&c, &own));
    assert_false(cert_matches(&c, &other));
    assert_false(cert_matches(&none, &own));
    sign_key_free(&own);
    sign_key_free(&other);
    struct span whole = data("cert-leaf.pem");
    for (size_t n = 0; n + 30 < whole.n; n++)
        assert_fails(ERR_INPUT, cert_chain_pem(&none, span_cut(whole, 0, n)));
    struct cert_chain full = cert_chain_init();
    while (full.n < CERT_MAX)
        assert_ok(cert_chain_add(&full, cert_chain_der(&c, 1)));
    assert_fails(ERR_LIMIT, cert_chain_add(&full, cert_chain_der(&c, 1)));
    cert_chain_free(&full);
    cert_chain_free(&c);
    cert_chain_free(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_signs_and_checks),
        cmocka_unit_test(only_such_keys_are_taken),
        cmocka_unit_test(a_chain_leads_to_a_root),
        cmocka_unit_test(a_certificate_and_its_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
