/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounds of every reader, on files made here of any size: cut at every byte nothing crashes and
 * what was clean is not clean any more where the format can tell; time grows with the file, also
 * where it is made to be slow.
 */
#include "growth.h"

#include "weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

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

/* ---- the same inside compressed streams ---- */

/* Window bits of zlib: bare deflate, with its own head, with that of gzip. */
enum { BARE = -15, ZLIB = 15, GZIP = 31 };

static void deflated(struct buf *b, struct span in, int bits)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, in.n);
    uint8_t *out = malloc(room);
    assert_non_null(out);
    z.next_in = (uint8_t *)in.p;
    z.avail_in = (uInt)in.n;
    z.next_out = out;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    put_bytes(b, out, z.total_out);
    deflateEnd(&z);
    free(out);
}

static bool poisoned; /* pickles end with a call that no model needs */

/* A pickle whose keys do not repeat: what is packed a hundredfold is a bomb and not read on. */
static void pickle_mixed(struct buf *b, size_t n)
{
    put_bytes(b, "\x80\4}\x94(", 5);
    for (size_t i = 0, x = 1; i < n; i++) {
        put_bytes(b, "\x8c\4", 2);
        for (int k = 0; k < 4; k++, x = x * 69069 + 1)
            assert_ok(buf_put_u8(b, (uint8_t)('a' + (x >> 16) % 26)));
        put_bytes(b, "\x94K\1", 3);
    }
    put(b, poisoned ? "ucos\nsystem\n." : "u.");
}

static void gz_pickle(struct buf *b, size_t n)
{
    BUF_AUTO in = buf_init(FILE_MAX);
    pickle_mixed(&in, n);
    deflated(b, buf_span(&in), GZIP);
}

static void zlib_pickle(struct buf *b, size_t n)
{
    BUF_AUTO in = buf_init(FILE_MAX);
    pickle_mixed(&in, n);
    deflated(b, buf_span(&in), ZLIB);
}

/* joblib: an array's head and its bytes in the pickle's stream, after `n` keys. */
static void gz_joblib(struct buf *b, size_t n)
{
    static const char head[] = "\x80\2cjoblib.numpy_pickle\nNumpyArrayWrapper\nq\0)\x81q\1}q\2("
                               "X\x08\0\0\0subclassq\3cnumpy\nndarray\nq\4X\5\0\0\0shapeq\5J";
    static const char middle[] =
        "\x85q\6X\5\0\0\0orderq\7X\1\0\0\0Cq\x08X\5\0\0\0dtypeq\tcnumpy\ndtype\nq\n"
        "X\2\0\0\0u1q\x0b\x89\x88\x87q\x0cRq\r(K\3X\1\0\0\0|q\x0eNNNJ\xff\xff\xff\xff"
        "J\xff\xff\xff\xffK\0tq\x0f"
        "bX\x0a\0\0\0allow_mmapq\x10\x88ub";
    BUF_AUTO in = buf_init(FILE_MAX);
    put_bytes(&in, head, sizeof head - 1);
    put_le(&in, n, 4);
    put_bytes(&in, middle, sizeof middle - 1);
    for (size_t i = 0, x = 1; i < n; i++, x = x * 69069 + 1)
        assert_ok(buf_put_u8(&in, (uint8_t)(x >> 16 & 15)));
    put(&in, poisoned ? "cos\nsystem\n." : ".");
    deflated(b, buf_span(&in), GZIP);
}

/* A zip of `n` deflated members, each `body`. */
static void zip_deflated(struct buf *b, size_t n, struct span body)
{
    BUF_AUTO packed = buf_init(FILE_MAX);
    BUF_AUTO directory = buf_init(FILE_MAX);
    char name[20];
    deflated(&packed, body, BARE);
    for (size_t i = 0; i < n; i++) {
        size_t at = b->n;
        snprintf(name, sizeof name, "ab%06u.pkl", (unsigned)(i % 1000000));
        put(b, "PK\3\4");
        put(&directory, "PK\1\2");
        put_le(&directory, 20, 2);
        for (int k = 0; k < 2; k++) { /* what both heads say */
            struct buf *to = k ? &directory : b;
            put_le(to, 20, 2);
            put_le(to, 8 << 16, 8); /* flags, deflate, time, date */
            put_le(to, crc32(0, body.p, (uInt)body.n), 4);
            put_le(to, packed.n, 4);
            put_le(to, body.n, 4);
            put_le(to, strlen(name), 2);
            put_le(to, 0, 2);
        }
        put(b, name);
        put_bytes(b, packed.p, packed.n);
        put_le(&directory, 0, 8); /* comment, disk, internal and half of external attributes */
        put_le(&directory, 0, 2);
        put_le(&directory, at, 4);
        put(&directory, name);
    }
    size_t at = b->n;
    put_bytes(b, directory.p, directory.n);
    put(b, "PK\5\6");
    put_le(b, 0, 4);
    put_le(b, n, 2);
    put_le(b, n, 2);
    put_le(b, directory.n, 4);
    put_le(b, at, 4);
    put_le(b, 0, 2);
}

static void zip_many(struct buf *b, size_t n)
{
    BUF_AUTO one = buf_init(FILE_MAX);
    pickle_mixed(&one, 20);
    zip_deflated(b, n, buf_span(&one));
}

static void zip_large(struct buf *b, size_t n)
{
    BUF_AUTO one = buf_init(FILE_MAX);
    pickle_mixed(&one, n);
    zip_deflated(b, 1, buf_span(&one));
}

/* gzip around a zip around deflated pickles. */
static void gz_zip(struct buf *b, size_t n)
{
    BUF_AUTO in = buf_init(FILE_MAX);
    zip_many(&in, n);
    deflated(b, buf_span(&in), GZIP);
}

/* A zip in a zip in a zip, all deflated. */
static void zip_nested(struct buf *b, size_t n)
{
    BUF_AUTO in = buf_init(FILE_MAX);
    BUF_AUTO more = buf_init(FILE_MAX);
    zip_many(&in, n);
    zip_deflated(&more, 1, buf_span(&in));
    zip_deflated(b, 1, buf_span(&more));
}

/* One stream behind the other, each of a few bytes. */
static void gz_members(struct buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        deflated(b, SPAN_LIT("hello"), GZIP);
}

/* What costs most for its size: nothing but zeros, just inside the ratio that is a bomb. */
static void gz_zeros(struct buf *b, size_t n)
{
    BUF_AUTO in = buf_init(FILE_MAX);
    for (size_t i = 0, x = 1; i < n; i++) {
        put_zeros(&in, 1000);
        for (int k = 0; k < 12; k++, x = x * 69069 + 1)
            assert_ok(buf_put_u8(&in, (uint8_t)(x >> 16)));
    }
    deflated(b, buf_span(&in), GZIP);
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
    bool packed;  /* compressed, with pickles in it */
};
static const struct kind kinds[] = {
    {"safetensors", "x.safetensors", safetensors, 10000, true, false},
    {"gguf", "x.gguf", gguf, 20000, true, false},
    {"onnx", "x.onnx", onnx, 20000, true, false},
    {"pickle", "x.pkl", pickle, 100000, true, false},
    {"deep pickle", NULL, pickle_deep, 50000, false, false},
    {"npy", "x.npy", npy, 2000, true, false},
    {"hdf5", "x.h5", hdf5, 2000, true, false},
    {"open hdf5", NULL, hdf5_open, 20000, false, false},
    {"template", NULL, template, 2000, true, false},
    {"open template", NULL, template_open, 20000, false, false},
    {"deep JSON", NULL, json_deep, 50000, false, false},
    {"tar", NULL, tar, 1000, true, false},
    {"zip", NULL, zip, 5000, true, false},
    {"zip marks", NULL, zip_marks, 40000, false, false},
    {"text", NULL, text, 20000, true, false},
    {"pickle in gzip", NULL, gz_pickle, 100000, true, true},
    {"pickle in zlib", NULL, zlib_pickle, 100000, true, true},
    {"joblib in gzip", NULL, gz_joblib, 1000000, true, true},
    {"many deflated members", NULL, zip_many, 5000, true, true},
    {"a large deflated member", NULL, zip_large, 100000, true, true},
    {"zip in gzip", NULL, gz_zip, 2000, true, true},
    {"zip in zip in zip", NULL, zip_nested, 2000, true, true},
    {"gzip behind gzip", NULL, gz_members, 50000, false, false},
    {"zeros in gzip", NULL, gz_zeros, 3000, false, false},
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

/* The growth below counts only if what is packed is looked at, to its end. */
static void test_inside(void **state)
{
    (void)state;
    unsigned looked = 0;
    for (size_t k = 0; k < KINDS; k++) {
        if (!kinds[k].packed)
            continue;
        for (size_t parts = kinds[k].parts; parts; parts = parts > 3 ? 3 : 0) {
            for (int bad = 0; bad < 2; bad++) {
                BUF_AUTO b = buf_init(FILE_MAX);
                poisoned = bad;
                kinds[k].make(&b, parts);
                poisoned = false;
                enum weights_verdict want = bad ? WEIGHTS_MALICIOUS : WEIGHTS_OK;
                if (verdict(&kinds[k], buf_span(&b)) != want)
                    fail_msg("%s, %zu parts: %s", kinds[k].name, parts, bad ? "missed" : "unclean");
                looked++;
            }
        }
    }
    assert_int_equal(looked, 4 * 7);
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

static void make_parts(const void *of, struct buf *out, size_t n)
{
    const struct kind *kind = of;
    kind->make(out, n);
}

static void look(const void *with, struct span in)
{
    (void)verdict(with, in);
}

static void test_growth(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        const struct growth g = {make_parts, &kinds[k], look, &kinds[k]};
        growth_assert(kinds[k].name, &g, kinds[k].parts / 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_inside),
                                       cmocka_unit_test(test_every_cut),
                                       cmocka_unit_test(test_growth)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
