/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounds of every reader, on files made here of any size: cut at every byte nothing crashes and
 * what was clean is not clean any more where the format can tell; twice the file takes about twice
 * the time, also where it is made to be slow.
 */
#include "unit.h"

#include "weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { FILE_MAX = 64 << 20 };

/* ---- files with about n parts ---- */

static void put(struct buf *b, const char *text)
{
    assert_ok(buf_puts(b, text));
}

static void put_bytes(struct buf *b, const void *p, size_t n)
{
    assert_ok(buf_put(b, span(p, n)));
}

static void put_le(struct buf *b, uint64_t v, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        assert_ok(buf_put_u8(b, (uint8_t)(v >> 8 * i)));
}

static void put_zeros(struct buf *b, size_t n)
{
    while (n--)
        assert_ok(buf_put_u8(b, 0));
}

static void safetensors(struct buf *b, size_t n)
{
    BUF_AUTO head = buf_init(FILE_MAX);
    char one[200];
    put(&head, "{");
    for (size_t i = 0; i < n; i++) {
        snprintf(one, sizeof one,
                 "%s\"t%zu\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%zu,%zu]}",
                 i ? "," : "", i, 4 * i, 4 * i + 4);
        put(&head, one);
    }
    put(&head, "}");
    put_le(b, head.n, 8);
    put_bytes(b, head.p, head.n);
    put_zeros(b, 4 * n);
}

static void gguf_string(struct buf *b, const char *text)
{
    put_le(b, strlen(text), 8);
    put(b, text);
}

static void gguf(struct buf *b, size_t n)
{
    char name[32];
    put(b, "GGUF");
    put_le(b, 3, 4);
    put_le(b, n, 8);
    put_le(b, n, 8);
    for (size_t i = 0; i < n; i++) {
        snprintf(name, sizeof name, "key.k%zu", i);
        gguf_string(b, name);
        put_le(b, 8, 4);
        gguf_string(b, "value");
    }
    for (size_t i = 0; i < n; i++) {
        snprintf(name, sizeof name, "t%zu", i);
        gguf_string(b, name);
        put_le(b, 1, 4);
        put_le(b, 8, 8);
        put_le(b, 0, 4);
        put_le(b, 32 * i, 8);
    }
    put_zeros(b, (32 - b->n % 32) % 32 + 32 * n);
}

static void onnx(struct buf *b, size_t n)
{
    static const uint8_t head[] = {8, 8, 0x3a}; /* ir_version 8; graph */
    put_bytes(b, head, sizeof head);
    BUF_AUTO graph = buf_init(FILE_MAX);
    for (size_t i = 0; i < n; i++)
        put_bytes(&graph, "\x0a\x0f\x0a\1x\x12\1y\x1a\1n\x22\4Relu", 17);
    size_t v = graph.n;
    for (; v >= 0x80; v >>= 7)
        assert_ok(buf_put_u8(b, (uint8_t)(v | 0x80)));
    assert_ok(buf_put_u8(b, (uint8_t)v));
    put_bytes(b, graph.p, graph.n);
    put_bytes(b, "\x42\4\x0a\0\x10\x11", 6); /* opset 17 */
}

static void pickle(struct buf *b, size_t n)
{
    put_bytes(b, "\x80\4}\x94(", 5);
    for (size_t i = 0; i < n; i++) {
        put_bytes(b, "\x8c\4", 2);
        put_le(b, 0x61616161 + i % 26, 4);
        put_bytes(b, "\x94K\1", 3);
    }
    put(b, "u.");
}

/* Marks and tuples inside each other. */
static void pickle_deep(struct buf *b, size_t n)
{
    put_bytes(b, "\x80\2", 2);
    for (size_t i = 0; i < n; i++)
        put(b, "(");
    for (size_t i = 0; i < n; i++)
        put(b, "t");
    put(b, ".");
}

static void npy(struct buf *b, size_t n)
{
    BUF_AUTO head = buf_init(FILE_MAX);
    put(&head, "{'descr': [");
    for (size_t i = 0; i < n; i++)
        put(&head, "('a', '<f4'), ");
    put(&head, "], 'fortran_order': False, 'shape': (1,), }\n");
    put_bytes(b, "\x93NUMPY\2\0", 8);
    put_le(b, head.n, 4);
    put_bytes(b, head.p, head.n);
    put_zeros(b, 4 * n);
}

/* A superblock of version 0 with offsets and lengths of 8 bytes. */
static void hdf5_head(struct buf *b)
{
    put_bytes(b, "\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08", 15);
    put_zeros(b, 81);
}

static void hdf5(struct buf *b, size_t n)
{
    hdf5_head(b);
    put(b, "{\"class_name\":\"Sequential\",\"config\":{\"layers\":[");
    for (size_t i = 0; i < n; i++)
        put(b, i ? ",{\"class_name\":\"Dense\",\"config\":{\"name\":\"d\"}}"
                 : "{\"class_name\":\"Dense\",\"config\":{\"name\":\"d\"}}");
    put(b, "]}}");
    put_zeros(b, 8);
}

/* Configurations that never end. */
static void hdf5_open(struct buf *b, size_t n)
{
    hdf5_head(b);
    for (size_t i = 0; i < n; i++)
        put(b, "{\"class_name\"");
}

static void template(struct buf *b, size_t n)
{
    put(b, "{\"chat_template\":\"");
    for (size_t i = 0; i < n; i++)
        put(b, "{% for m in messages %}{{ m.content | trim }}{% endfor %}");
    put(b, "\"}");
}

static void template_open(struct buf *b, size_t n)
{
    put(b, "{\"chat_template\":\"");
    for (size_t i = 0; i < n; i++)
        put(b, "{{ a.b[");
    put(b, "\"}");
}

static void json_deep(struct buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put(b, "{\"a\":[");
}

static void tar(struct buf *b, size_t n)
{
    enum { BLOCK = 512, SUM_AT = 148 };
    for (size_t i = 0; i < n; i++) {
        char h[BLOCK] = {0};
        unsigned sum = 0;
        snprintf(h, 100, "m/%zu.txt", i);
        memcpy(h + 100, "0000644\0000000000\0000000000\00000000000005\00000000000000\0", 48);
        memset(h + SUM_AT, ' ', 8);
        h[156] = '0';
        memcpy(h + 257, "ustar\00000", 8);
        for (size_t k = 0; k < BLOCK; k++)
            sum += (uint8_t)h[k];
        snprintf(h + SUM_AT, 8, "%06o", sum);
        put_bytes(b, h, BLOCK);
        put(b, "hello");
        put_zeros(b, BLOCK - 5);
    }
    put_zeros(b, 2 * (size_t)BLOCK);
}

static void zip_local(struct buf *b, size_t i)
{
    static const uint32_t crc = 0x3610a686; /* of "hello" */
    put(b, "PK\3\4");
    put_le(b, 20, 2);
    put_le(b, 0, 8); /* flags, stored, time, date */
    put_le(b, crc, 4);
    put_le(b, 5, 4);
    put_le(b, 5, 4);
    put_le(b, 8, 2);
    put_le(b, 0, 2);
    char name[16];
    snprintf(name, sizeof name, "ab%06u", (unsigned)(i % 1000000));
    put(b, name);
    put(b, "hello");
}

static void zip(struct buf *b, size_t n)
{
    enum { LOCAL = 30 + 8 + 5 };
    char name[16];
    for (size_t i = 0; i < n; i++)
        zip_local(b, i);
    size_t directory = b->n;
    for (size_t i = 0; i < n; i++) {
        put(b, "PK\1\2");
        put_le(b, 20, 2);
        put_le(b, 20, 2);
        put_le(b, 0, 8);
        put_le(b, 0x3610a686, 4);
        put_le(b, 5, 4);
        put_le(b, 5, 4);
        put_le(b, 8, 2);
        put_le(b, 0, 8); /* extra, comment, disk, internal */
        put_le(b, 0, 4);
        put_le(b, i * LOCAL, 4);
        snprintf(name, sizeof name, "ab%06u", (unsigned)(i % 1000000));
        put(b, name);
    }
    size_t size = b->n - directory;
    put(b, "PK\5\6");
    put_le(b, 0, 4);
    put_le(b, n, 2);
    put_le(b, n, 2);
    put_le(b, size, 4);
    put_le(b, directory, 4);
    put_le(b, 0, 2);
}

/* Every second place looks like a local header. */
static void zip_marks(struct buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put(b, "PK\3\4PK\1\2PK\5\6");
}

static void text(struct buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put(b, "a line of words, {{ and } what not\n");
}

struct kind {
    const char *name, *path; /* what it is called, NULL: nothing that promises a format */
    void (*make)(struct buf *b, size_t n);
    size_t parts; /* for a file whose look takes some milliseconds */
    bool clean;   /* as made */
};
static const struct kind kinds[] = {
    {"safetensors", "x.safetensors", safetensors, 10000, true},
    {"gguf", "x.gguf", gguf, 20000, true},
    {"onnx", "x.onnx", onnx, 20000, true},
    {"pickle", "x.pkl", pickle, 100000, true},
    {"deep pickle", NULL, pickle_deep, 50000, false},
    {"npy", "x.npy", npy, 2000, true},
    {"hdf5", "x.h5", hdf5, 2000, true},
    {"open hdf5", NULL, hdf5_open, 20000, false},
    {"template", NULL, template, 2000, true},
    {"open template", NULL, template_open, 20000, false},
    {"deep JSON", NULL, json_deep, 50000, false},
    {"tar", NULL, tar, 1000, true},
    {"zip", NULL, zip, 5000, true},
    {"zip marks", NULL, zip_marks, 20000, false},
    {"text", NULL, text, 20000, true},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static enum weights_verdict verdict(const struct kind *kind, struct span s)
{
    struct weights_report r;
    assert_ok(weights_inspect(s, kind->path, &r));
    enum weights_verdict v = r.verdict;
    weights_report_free(&r);
    return v;
}

/* From memory that ends where the file is cut. */
static void test_every_cut(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        BUF_AUTO b = buf_init(FILE_MAX);
        kinds[k].make(&b, 3);
        if (kinds[k].clean && verdict(&kinds[k], buf_span(&b)) != WEIGHTS_OK)
            fail_msg("%s: not clean as made", kinds[k].name);
        size_t noticed = 0;
        for (size_t n = 1; n < b.n; n++) {
            uint8_t *copy = malloc(n);
            assert_non_null(copy);
            memcpy(copy, b.p, n);
            noticed += verdict(&kinds[k], span(copy, n)) != WEIGHTS_OK;
            free(copy);
        }
        bool tells = kinds[k].path ? kinds[k].make != hdf5 : kinds[k].make == zip;
        if (kinds[k].clean && tells && noticed < b.n / 2)
            fail_msg("%s: %zu of %zu cuts noticed", kinds[k].name, noticed, b.n);
    }
}

static double seconds(const struct kind *kind, size_t parts)
{
    BUF_AUTO b = buf_init(FILE_MAX);
    kind->make(&b, parts);
    double best = 1e9;
    for (int round = 0; round < 3; round++) {
        struct timespec from, to;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
        (void)verdict(kind, buf_span(&b));
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
        double t = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
        best = t < best ? t : best;
    }
    return best;
}

static void test_growth(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        double once = 0, twice = 0;
        bool slow = true; /* neighbours on the machine may slow one measurement, not four */
        for (unsigned tries = 0; slow && tries < 4; tries++) {
            once = seconds(&kinds[k], kinds[k].parts);
            twice = seconds(&kinds[k], 2 * kinds[k].parts);
            slow = (twice > once * 3.2 && twice > 0.005) || twice > 2;
        }
        if (slow)
            fail_msg("%s: %.2f ms, then %.2f ms", kinds[k].name, once * 1e3, twice * 1e3);
    }
}

/* The measure sees what is not linear. */
static void quadratic(struct buf *b, size_t n)
{
    pickle(b, n * n / 4000);
}

static void test_control(void **state)
{
    (void)state;
    static const struct kind slow = {"control", NULL, quadratic, 20000, true};
    double once = seconds(&slow, slow.parts), twice = seconds(&slow, 2 * slow.parts);
    assert_true(twice > once * 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_cut),
                                       cmocka_unit_test(test_growth),
                                       cmocka_unit_test(test_control)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
