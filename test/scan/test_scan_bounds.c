/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds for every recogniser: the vector bodies say what plain C says wherever the value
 * stands (every type of values.def, every credential format), a line of 100 MB takes memory and
 * time by its length only, and an encoding inside an encoding does not multiply the work.
 */
#include "growth.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "b64.h"
#include "scan_int.h"
#include "secret_int.h"
#include "utf8.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOW
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(SLOW)
enum { LINE = 4 << 20, BOUNDED_MEMORY = 0 };
#else
enum { LINE = 100 << 20, BOUNDED_MEMORY = 1 };
#endif

struct sample {
    const char *text;
    enum entity entity;
    const char *value;
};
static const struct sample samples[] = {
#include "values.def"
};

struct rule {
    const char *prefix, *shape;
};
static const struct rule rules[] = {
#define SECRET(id, name, prefix, shape, check, score) {prefix, shape},
#define CONTEXT(id, name)
#include "secret_rules.def"
#undef SECRET
#undef CONTEXT
};

static struct scanner *fast, *plain;

static int setup(void **state)
{
    (void)state;
    struct scan_config cfg = scan_config_default();
    cfg.threshold = 0.3F; /* formats whose checksum does not hold are compared as well */
    assert_ok(scanner_new(&cfg, &fast));
    cfg.plain_c = true;
    assert_ok(scanner_new(&cfg, &plain));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scanner_free(fast);
    scanner_free(plain);
    return 0;
}

static int by_all(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct finding));
}

/* Both scanners find the same; returns how many. */
static size_t same(struct span text, struct findings *a)
{
    struct findings b = {.max = 1 << 16};
    a->n = 0;
    assert_ok(scan_text(fast, text, a));
    assert_ok(scan_text(plain, text, &b));
    assert_int_equal(a->n, b.n);
    if (a->n) {
        qsort(a->v, a->n, sizeof *a->v, by_all);
        qsort(b.v, b.n, sizeof *b.v, by_all);
        assert_memory_equal(a->v, b.v, a->n * sizeof *a->v);
    }
    findings_free(&b);
    return a->n;
}

enum { OFFSETS = 160, TEXT_MAX = 12000 };

/* `value` behind 0 to 159 bytes of filler. */
static void at_every_offset(const char *text, size_t n, const struct sample *s)
{
    char *t = malloc(TEXT_MAX);
    assert_non_null(t);
    struct findings f = {.max = 1 << 16};
    for (size_t offset = 0; offset < OFFSETS; offset++) {
        memset(t, '.', offset);
        if (offset)
            t[offset - 1] = '\n';
        memcpy(t + offset, text, n);
        size_t found = same(span(t, offset + n), &f);
        bool has = !s;
        size_t at = s ? offset + n - strlen(s->value) : 0;
        for (size_t i = 0; s && i < found; i++)
            has |= f.v[i].entity == s->entity && f.v[i].start == at && f.v[i].end == offset + n;
        if (!has)
            fail_msg("\"%s\" at %zu: %s is not found", text, offset, entity_name(s->entity));
    }
    findings_free(&f);
    free(t);
}

static void every_type_at_every_offset(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        at_every_offset(samples[i].text, strlen(samples[i].text), &samples[i]);
}

static uint64_t seed = 88172645463325252U;
static unsigned below(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed % n);
}

/* A token of the rule, its classes filled with what all of them but hex and digits hold. */
static size_t make_token(const struct rule *r, char *out)
{
    size_t n = (size_t)sprintf(out, "%s", r->prefix);
    for (const char *s = r->shape; *s;) {
        if (*s == '\'') {
            for (s++; *s != '\''; s++)
                out[n++] = *s;
            s++;
            continue;
        }
        char class = *s, *end;
        unsigned long len = strtoul(s + 1, &end, 10);
        if (*end == '-')
            strtoul(end + 1, &end, 10);
        s = end;
        while (len--)
            out[n++] = class == 'd'                          ? "0123456789"[below(10)]
                       : strchr("xX", class)                 ? "0123456789abcdef"[below(16)]
                       : strchr("uq", class) || class == 'p' ? "ACDEFGHJKLMNPQRSTUVWXYZ"[below(23)]
                       : strchr("lQ", class)                 ? "acdefghjkmnpqrstuvwxyz"[below(22)]
                                             : "ACDEFGHJKLMNacdefghjkmnp"[below(24)];
    }
    return n;
}

static void every_format_at_every_offset(void **state)
{
    (void)state;
    char *text = malloc(TEXT_MAX);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        memcpy(text, "key: ", 5);
        size_t n = 5 + make_token(&rules[i], text + 5);
        memcpy(text + n, " end", 5);
        if (n + 4 + OFFSETS < TEXT_MAX)
            at_every_offset(text, n + 4, NULL);
    }
    free(text);
}

/* ---- a line of 100 MB ---- */

static void scan_whole(const void *with, struct span text)
{
    struct findings f = {.max = 1 << 20};
    assert_ok(scan_text(with, text, &f));
    scan_resolve(text, &f);
    findings_free(&f);
}

static void a_long_line(void **state)
{
    (void)state;
    static const char piece[] =
        "the quick brown fox, jumped over 12 lazy dogs; see http://a.b/c?d=e and f(x) == {1, 2}; "
        "QWxhZGRpbjpvcGVuIHNlc2FtZQ and 3.14159 or a1b2c3 at 10:15 | key value: none | ";
    growth_assert("line", &(struct growth){growth_repeat, piece, scan_whole, fast}, LINE / 64);
    BUF_AUTO text = buf_init(LINE);
    growth_repeat(piece, &text, LINE);
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    scan_whole(fast, buf_span(&text));
    getrusage(RUSAGE_SELF, &after);
    long grown = after.ru_maxrss - before.ru_maxrss; /* KiB */
    if (BOUNDED_MEMORY && grown > 32 << 10)
        fail_msg("%ld KiB more memory", grown);
}

/* ---- encodings inside encodings ---- */

/* base64 of base64 of … a password, `depth` times. */
static size_t nested(char *out, size_t room, unsigned depth)
{
    size_t n = (size_t)sprintf(out, "export DB_PASSWORD=hT7kq9Lm2zW4 # of the data base");
    for (; depth; depth--) {
        char inner[TEXT_MAX];
        struct wr w = wr_of((uint8_t *)out, room);
        memcpy(inner, out, n);
        b64_encode(&w, span(inner, n), B64_STD);
        assert_true(w.n > n);
        n = w.n;
    }
    return n;
}

/* As many bytes whatever the depth. */
static void nested_lines(const void *of, struct buf *out, size_t depth)
{
    (void)of;
    char one[TEXT_MAX];
    struct span text = span(one, nested(one, sizeof one, (unsigned)depth));
    while (out->n + text.n + 1 < (size_t)TEXT_MAX * 40) {
        assert_ok(buf_put(out, text));
        assert_ok(buf_puts(out, "\n"));
    }
}

static void nested_encodings_are_bounded(void **state)
{
    (void)state;
    size_t found_to = 0;
    for (unsigned depth = 1; depth <= 8; depth++) {
        char one[TEXT_MAX];
        struct findings f = {.max = 1000};
        assert_ok(scan_text(fast, span(one, nested(one, sizeof one, depth)), &f));
        if (f.n)
            found_to = depth;
        findings_free(&f);
    }
    assert_int_equal(found_to, 2); /* two deep are read, and no more */
    growth_assert("depth", &(struct growth){nested_lines, NULL, scan_whole, fast}, 1);
}

/* What is longer than a recogniser reads is cut, but no character of it. */
static void findings_hold_whole_characters(void **state)
{
    static const char *const heads[] = {"see https://x.example/", "mail ada@x.", "password = \"a"};
    static const char *const letters[] = {"\xc3\xa9", "\xe2\x80\x99", "\xf0\x9f\x98\x80"};
    char *text = malloc(TEXT_MAX);
    (void)state;
    assert_non_null(text);
    for (size_t k = 0; k < 9 * 4; k++) {
        const char *letter = letters[k % 3];
        size_t n =
            (size_t)snprintf(text, TEXT_MAX, "%s%.*s", heads[k / 3 % 3], (int)(k / 9), "aaaa");
        while (n + 5 < TEXT_MAX)
            n += (size_t)snprintf(text + n, TEXT_MAX - n, "%s", letter);
        struct findings f = {.max = 1 << 16};
        same(span(text, n), &f);
        for (size_t i = 0; i < f.n; i++)
            assert_true(utf8_valid(span(text + f.v[i].start, f.v[i].end - f.v[i].start)));
        assert_true(k / 3 % 3 || f.n); /* links are found */
        findings_free(&f);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_at_every_offset),
        cmocka_unit_test(every_format_at_every_offset),
        cmocka_unit_test(a_long_line),
        cmocka_unit_test(nested_encodings_are_bounded),
        cmocka_unit_test(findings_hold_whole_characters),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
