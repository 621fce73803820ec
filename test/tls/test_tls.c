/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Endpoints over socket pairs, with certificates made here: what is accepted, what is refused and
 * in which words, cuts and altered bytes, one byte at a time, resumption, and that no configuration
 * of the machine is read.
 */
#define _GNU_SOURCE
#include "unit.h"

#include "buf.h"
#include "tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DAY = 24 * 3600, ROUNDS = 4000 };

/* A certificate with its key; `pem` is what a config takes. */
struct identity {
    X509 *cert;
    EVP_PKEY *key;
    struct buf cert_pem, key_pem;
};

static struct buf pem_of(BIO *bio)
{
    struct buf out = buf_init(1 << 16);
    char *p;
    long n = BIO_get_mem_data(bio, &p);
    assert_ok(buf_put(&out, span(p, (size_t)n)));
    BIO_free(bio);
    return out;
}

static void extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    assert_non_null(e);
    assert_int_equal(X509_add_ext(cert, e, -1), 1);
    X509_EXTENSION_free(e);
}

/* by == NULL: signed by itself. san == NULL: an authority. Times are days from now. */
static struct identity make(const struct identity *by, const char *name, const char *san,
                            int from_days, int to_days)
{
    static long serial = 1;
    struct identity id = {X509_new(), EVP_EC_gen("P-256"), {0}, {0}};
    X509 *c = id.cert;
    X509_set_version(c, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(c), serial++);
    X509_gmtime_adj(X509_getm_notBefore(c), (long)from_days * DAY);
    X509_gmtime_adj(X509_getm_notAfter(c), (long)to_days * DAY);
    X509_set_pubkey(c, id.key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(c, X509_get_subject_name(by ? by->cert : c));
    extend(c, by ? by->cert : c, NID_basic_constraints, san ? "CA:FALSE" : "critical,CA:TRUE");
    if (san && san[0])
        extend(c, by ? by->cert : c, NID_subject_alt_name, san);
    assert_true(X509_sign(c, by ? by->key : id.key, EVP_sha256()) > 0);
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, c);
    id.cert_pem = pem_of(bio);
    bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, id.key, NULL, NULL, 0, NULL, NULL);
    id.key_pem = pem_of(bio);
    return id;
}

static void drop(struct identity *id)
{
    X509_free(id->cert);
    EVP_PKEY_free(id->key);
    buf_free(&id->cert_pem);
    buf_free(&id->key_pem);
}

static struct identity ca;

static struct tls_config *client_of(const struct identity *trusted)
{
    struct tls_config *c;
    assert_ok(tls_client_config(&c, buf_span(&trusted->cert_pem), NULL));
    return c;
}

static struct tls_config *server_of(const struct identity *id)
{
    struct tls_config *c;
    assert_ok(tls_server_config(&c, buf_span(&id->cert_pem), buf_span(&id->key_pem), NULL));
    return c;
}

/* A client and a server with a wire between them. Bytes pass through pump(), `grain` at a time,
 * where they may be cut or altered. */
struct link {
    struct tls *c, *s;
    int c_fd[2], s_fd[2]; /* [0] the endpoint's, [1] the wire's */
    size_t grain;
    bool alter_to_client;
};

static struct link join(struct tls_config *client, struct tls_config *server, const char *host)
{
    struct link l = {.grain = 65536};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, l.c_fd), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, l.s_fd), 0);
    assert_ok(tls_client(&l.c, client, l.c_fd[0], span_str(host)));
    assert_ok(tls_server(&l.s, server, l.s_fd[0]));
    return l;
}

static void part(struct link *l)
{
    tls_free(&l->c);
    tls_free(&l->s);
    for (size_t i = 0; i < 2; i++) {
        close(l->c_fd[i]);
        close(l->s_fd[i]);
    }
}

static void carry(struct link *l, int from, int to, bool alter)
{
    uint8_t p[65536];
    ssize_t n = read(from, p, l->grain);
    if (n > 0 && alter)
        p[n - 1] ^= 1;
    if (n > 0)
        assert_int_equal(write(to, p, (size_t)n), n);
}

static void pump(struct link *l)
{
    carry(l, l->c_fd[1], l->s_fd[1], false);
    carry(l, l->s_fd[1], l->c_fd[1], l->alter_to_client);
}

/* Handshake on both sides until the client knows; its result. */
static struct err shake(struct link *l)
{
    struct err c = err(ERR_AGAIN), s = err(ERR_AGAIN);
    for (int i = 0; i < ROUNDS && (err_cat(c) == ERR_AGAIN || err_cat(s) == ERR_AGAIN); i++) {
        if (err_cat(c) == ERR_AGAIN)
            c = tls_handshake(l->c);
        if (err_cat(c) == ERR_AGAIN)
            assert_int_not_equal(tls_want(l->c), TLS_WANT_NONE);
        if (err_cat(s) == ERR_AGAIN)
            s = tls_handshake(l->s);
        pump(l);
    }
    return c;
}

/* Send all of `text` from `a` to `b`. */
static void talk(struct link *l, struct tls *a, struct tls *b, struct span text)
{
    BUF_AUTO got = buf_init(text.n);
    struct span left = text;
    for (int i = 0; i < 20 * ROUNDS && got.n < text.n; i++) {
        size_t n;
        struct err e = left.n ? tls_write(a, left, &n) : err(ERR_AGAIN);
        if (!failed(e))
            left = span_from(left, n);
        pump(l);
        uint8_t p[20000];
        e = tls_read(b, p, sizeof p, &n);
        if (!failed(e))
            assert_ok(buf_put(&got, span(p, n)));
        else
            assert_int_equal(err_cat(e), ERR_AGAIN);
    }
    assert_span(buf_span(&got), text);
}

static struct err try_host(const struct identity *trusted, const struct identity *leaf,
                           const char *host, char reason[128])
{
    struct tls_config *cc = client_of(trusted), *sc = server_of(leaf);
    struct link l = join(cc, sc, host);
    tls_config_free(&cc); /* endpoints keep what they need */
    tls_config_free(&sc);
    struct err e = shake(&l);
    snprintf(reason, 128, "%s", tls_reason(l.c));
    if (!failed(e))
        talk(&l, l.c, l.s, SPAN_LIT("GET / HTTP/1.1\r\n\r\n"));
    part(&l);
    return e;
}

static void test_verification(void **state)
{
    (void)state;
    struct identity stranger = make(NULL, "stranger", NULL, -1, 30);
    static const struct {
        const char *san, *host;
        int from, to;
        enum err_cat cat;
        const char *reason;
    } cases[] = {
        {"DNS:api.example", "api.example", -1, 30, ERR_NONE, ""},
        {"DNS:api.example", "API.Example", -1, 30, ERR_NONE, ""},
        {"DNS:*.example", "api.example", -1, 30, ERR_DENIED, "ostname"}, /* wild card over a TLD */
        {"DNS:*.api.example", "a.api.example", -1, 30, ERR_NONE, ""},
        {"DNS:*.api.example", "a.b.api.example", -1, 30, ERR_DENIED, "ostname"},
        {"DNS:a*.api.example", "ab.api.example", -1, 30, ERR_DENIED, "ostname"},
        {"DNS:api.example", "api.example2", -1, 30, ERR_DENIED, "ostname"},
        {"", "leaf.example", -1, 30, ERR_DENIED, "ostname"}, /* only the common name fits */
        {"IP:127.0.0.1", "127.0.0.1", -1, 30, ERR_NONE, ""},
        {"IP:::1", "::1", -1, 30, ERR_NONE, ""},
        {"IP:127.0.0.1", "127.0.0.2", -1, 30, ERR_DENIED, "IP address"},
        {"DNS:127.0.0.1", "127.0.0.1", -1, 30, ERR_DENIED, "IP address"},
        {"IP:127.0.0.1", "leaf.example", -1, 30, ERR_DENIED, "ostname"},
        {"DNS:api.example", "api.example", -30, -1, ERR_DENIED, "expired"},
        {"DNS:api.example", "api.example", 1, 30, ERR_DENIED, "not yet valid"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char reason[128];
        struct identity leaf = make(&ca, "leaf.example", cases[i].san, cases[i].from, cases[i].to);
        struct err e = try_host(&ca, &leaf, cases[i].host, reason);
        if (err_cat(e) != cases[i].cat || !strstr(reason, cases[i].reason))
            fail_msg("%s for %s: %s, %s", cases[i].san, cases[i].host, err_word(e), reason);
        if (!failed(e)) { /* the same certificate under another authority */
            assert_fails(ERR_DENIED, try_host(&stranger, &leaf, cases[i].host, reason));
            assert_non_null(strstr(reason, "issuer"));
        }
        drop(&leaf);
    }
    char reason[128];
    struct identity self = make(NULL, "self", "DNS:api.example", -1, 30);
    assert_fails(ERR_DENIED, try_host(&ca, &self, "api.example", reason));
    assert_non_null(strstr(reason, "self"));
    struct identity sub =
        make(&self, "sub", "DNS:api.example", -1, 30); /* issuer is no authority */
    assert_fails(ERR_DENIED, try_host(&self, &sub, "api.example", reason));
    drop(&sub);
    drop(&self);
    drop(&stranger);
}

static void test_impossible_hosts(void **state)
{
    (void)state;
    struct tls_config *c = client_of(&ca);
    char longest[TLS_HOST_MAX + 2];
    memset(longest, 'a', sizeof longest);
    const struct span hosts[] = {SPAN_NONE,         SPAN_LIT("a\0b"),
                                 SPAN_LIT("a b"),   SPAN_LIT("a.b."),
                                 SPAN_LIT("[::1]"), SPAN_LIT("a:443"),
                                 SPAN_LIT("*.a.b"), SPAN_LIT(".a"),
                                 SPAN_LIT("a/b"),   {(const uint8_t *)longest, TLS_HOST_MAX + 1}};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct tls *t;
        assert_fails(ERR_INPUT, tls_client(&t, c, 0, hosts[i]));
        assert_null(t);
    }
    tls_config_free(&c);
}

static struct link up(struct tls_config *cc, struct tls_config *sc, size_t grain)
{
    struct link l = join(cc, sc, "api.example");
    l.grain = grain;
    assert_ok(shake(&l));
    return l;
}

static void test_traffic(void **state)
{
    (void)state;
    struct identity leaf = make(&ca, "x", "DNS:api.example", -1, 30);
    struct tls_config *cc = client_of(&ca), *sc = server_of(&leaf);
    static uint8_t big[300000];
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)(i * 7 + i / 251);
    for (size_t grain = 1; grain <= 65536; grain *= 65536) { /* one byte at a time, and freely */
        struct link l = up(cc, sc, grain);
        assert_string_equal(tls_version(l.c), "TLSv1.3");
        talk(&l, l.c, l.s, SPAN_LIT("question"));
        talk(&l, l.s, l.c, SPAN_LIT("answer"));
        talk(&l, l.c, l.s, span(big, grain == 1 ? 3000 : sizeof big));
        assert_ok(tls_close(l.s));
        uint8_t p[10];
        size_t n;
        struct err e = err(ERR_AGAIN);
        for (int i = 0; i < 100 && err_cat(e) == ERR_AGAIN; i++) {
            pump(&l);
            e = tls_read(l.c, p, sizeof p, &n);
        }
        assert_fails(ERR_CLOSED, e);
        part(&l);
    }
    tls_config_free(&cc);
    tls_config_free(&sc);
    drop(&leaf);
}

/* A cut is not a close: at the socket's end without close_notify, and in the middle of a record. */
static void test_cut(void **state)
{
    (void)state;
    struct identity leaf = make(&ca, "x", "DNS:api.example", -1, 30);
    struct tls_config *cc = client_of(&ca), *sc = server_of(&leaf);
    for (size_t grain = 5; grain <= 65536; grain *= 2) {
        struct link l = up(cc, sc, 65536);
        size_t n;
        uint8_t p[100];
        talk(&l, l.s, l.c, SPAN_LIT("first"));
        assert_ok(tls_write(l.s, SPAN_LIT("the rest of the answer"), &n));
        l.grain = grain;
        pump(&l);
        close(l.c_fd[1]);
        l.c_fd[1] = -1;
        struct err e = tls_read(l.c, p, sizeof p, &n);
        if (grain > 64) {
            assert_ok(e);
            e = tls_read(l.c, p, sizeof p, &n);
        }
        assert_fails(ERR_CORRUPT, e);
        assert_non_null(strstr(tls_reason(l.c), "cut"));
        part(&l);
    }
    tls_config_free(&cc);
    tls_config_free(&sc);
    drop(&leaf);
}

static void test_altered(void **state)
{
    (void)state;
    struct identity leaf = make(&ca, "x", "DNS:api.example", -1, 30);
    struct tls_config *cc = client_of(&ca), *sc = server_of(&leaf);
    struct link l = up(cc, sc, 65536);
    talk(&l, l.s, l.c, SPAN_LIT("first"));
    size_t n;
    uint8_t p[100];
    assert_ok(tls_write(l.s, SPAN_LIT("pay 10"), &n));
    l.alter_to_client = true;
    pump(&l);
    assert_fails(ERR_CORRUPT, tls_read(l.c, p, sizeof p, &n));
    assert_fails(ERR_BUG, tls_read(l.c, p, sizeof p, &n)); /* of no further use */
    part(&l);
    tls_config_free(&cc);
    tls_config_free(&sc);
    drop(&leaf);
}

static void test_not_tls(void **state)
{
    (void)state;
    struct tls_config *cc = client_of(&ca);
    int fd[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
    struct tls *t;
    assert_ok(tls_client(&t, cc, fd[0], SPAN_LIT("api.example")));
    assert_fails(ERR_AGAIN, tls_handshake(t));
    assert_int_equal(tls_want(t), TLS_WANT_READ);
    static const char plain[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    assert_int_equal(write(fd[1], plain, sizeof plain - 1), sizeof plain - 1);
    assert_fails(ERR_INPUT, tls_handshake(t));
    assert_true(strlen(tls_reason(t)) > 0);
    tls_free(&t);
    close(fd[0]);
    close(fd[1]);
    tls_config_free(&cc);
}

/* A wire that takes nothing more: the write waits for the socket, and nothing is lost. */
static void test_back_pressure(void **state)
{
    (void)state;
    struct identity leaf = make(&ca, "x", "DNS:api.example", -1, 30);
    struct tls_config *cc = client_of(&ca), *sc = server_of(&leaf);
    struct link l = up(cc, sc, 65536);
    static uint8_t zeros[16384];
    struct err e = OK;
    size_t sent = 0, n;
    while (!failed(e) && sent < 64u << 20) {
        e = tls_write(l.c, span(zeros, sizeof zeros), &n);
        sent += n;
    }
    assert_fails(ERR_AGAIN, e);
    assert_int_equal(tls_want(l.c), TLS_WANT_WRITE);
    size_t got = 0;
    bool again = false; /* the write that had to wait has been taken */
    for (int i = 0; i < ROUNDS && (got < sent || !again); i++) {
        pump(&l);
        uint8_t p[16384];
        while (!failed(tls_read(l.s, p, sizeof p, &n)))
            got += n;
        if (!again && !failed(tls_write(l.c, span(zeros, sizeof zeros), &n))) {
            again = true;
            sent += n;
        }
    }
    assert_true(again);
    assert_int_equal(got, sent);
    part(&l);
    tls_config_free(&cc);
    tls_config_free(&sc);
    drop(&leaf);
}

static void test_resumption(void **state)
{
    (void)state;
    struct identity leaf = make(&ca, "x", "DNS:api.example,DNS:b.example", -1, 30);
    struct tls_config *cc = client_of(&ca), *sc = server_of(&leaf);
    for (int i = 0; i < 3; i++) {
        struct link l = up(cc, sc, 65536);
        assert_int_equal(tls_resumed(l.c), i > 0);
        talk(&l, l.s, l.c, SPAN_LIT("tickets come with this"));
        part(&l);
    }
    struct link l = join(cc, sc, "b.example"); /* another host: its own session */
    assert_ok(shake(&l));
    assert_false(tls_resumed(l.c));
    part(&l);
    tls_config_free(&cc);
    tls_config_free(&sc);
    drop(&leaf);
}

static void test_bad_pem(void **state)
{
    (void)state;
    struct identity leaf = make(&ca, "x", "DNS:api.example", -1, 30), other;
    other = make(&ca, "y", "DNS:api.example", -1, 30);
    struct tls_config *c;
    const char *why = "";
    assert_fails(ERR_INPUT, tls_client_config(&c, SPAN_NONE, &why));
    assert_null(c);
    assert_fails(ERR_INPUT, tls_client_config(&c, SPAN_LIT("no PEM here\n"), &why));
    assert_string_equal(why, "the bundle holds no certificate");
    BUF_AUTO broken = buf_init(1 << 16);
    assert_ok(buf_put(&broken, buf_span(&ca.cert_pem)));
    assert_ok(buf_puts(&broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
    assert_fails(ERR_INPUT, tls_client_config(&c, buf_span(&broken), &why));
    assert_string_equal(why, "a certificate of the bundle does not parse");
    assert_fails(ERR_INPUT,
                 tls_server_config(&c, buf_span(&leaf.cert_pem), buf_span(&other.key_pem), &why));
    assert_string_equal(why, "the key does not belong to the certificate");
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(bio, leaf.key, EVP_aes_128_cbc(), "secret", 6, NULL, NULL);
    struct buf sealed = pem_of(bio);
    assert_fails(ERR_INPUT,
                 tls_server_config(&c, buf_span(&leaf.cert_pem), buf_span(&sealed), &why));
    assert_string_equal(why, "the key does not parse, or is encrypted");
    buf_free(&sealed);
    drop(&leaf);
    drop(&other);
}

int main(void)
{
    /* A machine whose OpenSSL configuration and default authorities would break or weaken
     * everything below: nothing of it may be read. */
    char path[] = "/tmp/sanctum-test-tls-XXXXXX";
    int fd = mkstemp(path);
    static const char conf[] = "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
                               "MaxProtocol = TLSv1.2\nVerifyMode = Bogus\n";
    if (fd < 0 || write(fd, conf, sizeof conf - 1) != sizeof conf - 1)
        return 2;
    setenv("OPENSSL_CONF", path, 1);
    setenv("SSL_CERT_FILE", path, 1);
    signal(SIGPIPE, SIG_IGN);
    tls_prepare();
    ca = make(NULL, "test authority", NULL, -1, 30);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verification),  cmocka_unit_test(test_impossible_hosts),
        cmocka_unit_test(test_traffic),       cmocka_unit_test(test_cut),
        cmocka_unit_test(test_altered),       cmocka_unit_test(test_not_tls),
        cmocka_unit_test(test_back_pressure), cmocka_unit_test(test_resumption),
        cmocka_unit_test(test_bad_pem),
    };
    int bad = cmocka_run_group_tests(tests, NULL, NULL);
    drop(&ca);
    close(fd);
    unlink(path);
    return bad;
}
