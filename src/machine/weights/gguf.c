/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GGUF: key-value metadata, tensor descriptions, then data. Counts and lengths are checked against
 * the bytes that remain before anything is done with them; only the header is read.
 * Source: the format's description, github.com/ggml-org/ggml, docs/gguf.md.
 */
#include "rd.h"
#include "utf8.h"
#include "weights_look_int.h"

#include <stdlib.h>

enum {
    KEY_MAX = 65535,
    NAME_MAX_BYTES = 64,
    DIMS_MAX = 4,
    ALIGN_DEFAULT = 32,
    KV_MIN = 8,                 /* a key's length: enough to refuse counts that cannot be */
    TENSOR_MIN = 8 + 4 + 4 + 8, /* name length, dimensions, type, offset */
    NAMES_MAX = 1 << 20,
    VALUE_STRING = 8,
    VALUE_ARRAY = 9,
    VALUE_BOOL = 7,
    VALUE_U32 = 4,
    TYPE_NEWEST = 41,
};

static const struct type {
    uint16_t block, bytes;
} types[TYPE_NEWEST + 1] = {
    [0] = {1, 4},      [1] = {1, 2},      [2] = {32, 18},    [3] = {32, 20},    [6] = {32, 22},
    [7] = {32, 24},    [8] = {32, 34},    [9] = {32, 36},    [10] = {256, 84},  [11] = {256, 110},
    [12] = {256, 144}, [13] = {256, 176}, [14] = {256, 210}, [15] = {256, 292}, [16] = {256, 66},
    [17] = {256, 74},  [18] = {256, 98},  [19] = {256, 50},  [20] = {32, 18},   [21] = {256, 110},
    [22] = {256, 82},  [23] = {256, 136}, [24] = {1, 1},     [25] = {1, 2},     [26] = {1, 4},
    [27] = {1, 8},     [28] = {1, 8},     [29] = {256, 56},  [30] = {1, 2},     [34] = {256, 54},
    [35] = {256, 66},  [39] = {32, 17},   [40] = {64, 36},   [41] = {128, 18},
};

/* Bytes of a value by its type; 0 where it is not fixed. */
static const uint8_t widths[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
enum { VALUE_TYPES = sizeof widths };

struct gguf {
    struct look *look;
    struct rd r;
    uint64_t tensors, pairs, align;
    struct span *names;
    size_t names_n, names_cap;
    uint64_t data_end; /* of the tensors so far, relative to the data */
};

static struct err bad(struct gguf *g, size_t at, const char *why)
{
    look_note(g->look, WEIGHTS_MALFORMED, "gguf", at, "%s", why);
    return err(ERR_INPUT);
}

static struct err string(struct gguf *g, struct span *out, const char *why)
{
    size_t at = g->r.at;
    uint64_t n;
    if (failed(rd_le(&g->r, 8, &n)) || failed(rd_take(&g->r, n, out)))
        return bad(g, at, why);
    return OK;
}

static struct err number(struct gguf *g, unsigned width, uint64_t *out)
{
    size_t at = g->r.at;
    return failed(rd_le(&g->r, width, out)) ? bad(g, at, "the file ends within its header") : OK;
}

static struct err remember(struct gguf *g, struct span name)
{
    if (g->names_n == NAMES_MAX) {
        look_note(g->look, WEIGHTS_SUSPICIOUS, "limit", g->r.at, "more than %d names", NAMES_MAX);
        return err(ERR_LIMIT);
    }
    if (g->names_n == g->names_cap) {
        size_t cap = g->names_cap ? 2 * g->names_cap : 64;
        struct span *v = realloc(g->names, cap * sizeof *v);
        if (!v)
            return g->look->e = err(ERR_NOMEM);
        g->names = v;
        g->names_cap = cap;
    }
    g->names[g->names_n++] = name;
    return OK;
}

static int by_name(const void *a, const void *b)
{
    return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* No name twice among those remembered; forgets them. */
static struct err unique(struct gguf *g, const char *why)
{
    if (g->names_n)
        qsort(g->names, g->names_n, sizeof *g->names, by_name);
    for (size_t i = 1; i < g->names_n; i++)
        if (span_eq(g->names[i - 1], g->names[i]))
            return bad(g, (size_t)(g->names[i].p - g->r.p), why);
    g->names_n = 0;
    return OK;
}

static bool template_key(struct span key)
{
    struct span t = SPAN_LIT("tokenizer.chat_template");
    return span_starts(key, t) && (key.n == t.n || key.p[t.n] == '.');
}

static struct err array(struct gguf *g, struct span key)
{
    size_t at = g->r.at;
    uint64_t type, n;
    TRY(number(g, 4, &type));
    TRY(number(g, 8, &n));
    if (type >= VALUE_TYPES || type == VALUE_ARRAY)
        return bad(g, at, type == VALUE_ARRAY ? "an array of arrays" : "no known element type");
    if (type != VALUE_STRING) {
        struct span all;
        uint64_t bytes;
        if (__builtin_mul_overflow(n, (uint64_t)widths[type], &bytes) ||
            failed(rd_take(&g->r, bytes, &all)))
            return bad(g, at, "an array longer than the file");
        for (size_t i = 0; type == VALUE_BOOL && i < all.n; i++)
            if (all.p[i] > 1)
                return bad(g, at + 12 + i, "a boolean that is neither 0 nor 1");
        return OK;
    }
    if (n > rd_left(&g->r) / 8)
        return bad(g, at, "an array of more strings than fit");
    for (uint64_t i = 0; i < n; i++) {
        struct span s;
        TRY(string(g, &s, "a string longer than the file"));
        if (template_key(key))
            template_look(g->look, s, (uint64_t)(s.p - g->r.p));
    }
    return OK;
}

static struct err value(struct gguf *g, struct span key, uint64_t type)
{
    size_t at = g->r.at;
    uint64_t v = 0;
    if (type >= VALUE_TYPES)
        return bad(g, at - 4, "no known value type");
    if (type == VALUE_ARRAY)
        return array(g, key);
    if (type == VALUE_STRING) {
        struct span s;
        TRY(string(g, &s, "a string longer than the file"));
        if (template_key(key))
            template_look(g->look, s, (uint64_t)(s.p - g->r.p));
    } else {
        TRY(number(g, widths[type], &v));
        if (type == VALUE_BOOL && v > 1)
            return bad(g, at, "a boolean that is neither 0 nor 1");
    }
    if (!span_is(key, "general.alignment"))
        return OK;
    if (type != VALUE_U32)
        return bad(g, at, "general.alignment is no 32-bit number");
    if (v == 0 || (v & (v - 1)))
        return bad(g, at, "general.alignment is no power of two");
    g->align = v;
    return OK;
}

static struct err pair(struct gguf *g)
{
    size_t at = g->r.at;
    struct span key;
    uint64_t type;
    TRY(string(g, &key, "a key longer than the file"));
    if (key.n == 0 || key.n > KEY_MAX)
        return bad(g, at, key.n ? "a key of more than 65,535 bytes" : "an empty key");
    if (!utf8_valid(key) || span_find(key, 0, 0) < key.n)
        return bad(g, at + 8, "a key that is not UTF-8 text");
    TRY(remember(g, key));
    TRY(number(g, 4, &type));
    return value(g, key, type);
}

static struct err tensor_name(struct gguf *g)
{
    size_t at = g->r.at;
    struct span name;
    TRY(string(g, &name, "a tensor name longer than the file"));
    if (name.n >= NAME_MAX_BYTES)
        return bad(g, at, "a tensor name of 64 bytes or more");
    if (span_find(name, 0, 0) < name.n)
        return bad(g, at, "a tensor name with a zero byte");
    if (!utf8_valid(name))
        return bad(g, at, "a tensor name that is not UTF-8 text");
    return remember(g, name);
}

/* Bytes of a tensor; every product checked: this is where readers have overflowed. */
static struct err tensor_size(struct gguf *g, const uint64_t ne[DIMS_MAX], uint64_t type, size_t at,
                              uint64_t *out)
{
    if (type > TYPE_NEWEST && type < 0x80000000U)
        return bad(g, at, "a tensor type that is not known; newer than this program?");
    if (type > TYPE_NEWEST || !types[type].block)
        return bad(g, at, "a tensor type that does not exist or was retired");
    if (ne[0] % types[type].block)
        return bad(g, at, "a row that is no whole number of blocks");
    uint64_t n = 1;
    for (size_t i = 0; i < DIMS_MAX; i++)
        if (__builtin_mul_overflow(n, ne[i], &n) || n >> 63)
            return bad(g, at, "the product of the dimensions overflows");
    if (__builtin_mul_overflow(n / types[type].block, (uint64_t)types[type].bytes, out) ||
        *out >> 63)
        return bad(g, at, "the size in bytes overflows");
    return OK;
}

static uint64_t padded(uint64_t n, uint64_t align)
{
    return (n + align - 1) & ~(align - 1);
}

static struct err tensor(struct gguf *g)
{
    uint64_t dims, type, offset, bytes, ne[DIMS_MAX] = {1, 1, 1, 1};
    TRY(tensor_name(g));
    size_t at = g->r.at;
    TRY(number(g, 4, &dims));
    if (dims > DIMS_MAX)
        return bad(g, at, "more than four dimensions");
    for (uint64_t i = 0; i < dims; i++) {
        TRY(number(g, 8, &ne[i]));
        if (ne[i] >> 63)
            return bad(g, at, "a negative dimension");
    }
    TRY(number(g, 4, &type));
    TRY(number(g, 8, &offset));
    TRY(tensor_size(g, ne, type, at, &bytes));
    uint64_t want = padded(g->data_end, g->align);
    if (offset != want || want < g->data_end)
        return bad(g, at, offset > want ? "a hole before a tensor" : "tensors that overlap");
    if (__builtin_add_overflow(offset, bytes, &g->data_end) || g->data_end > g->r.n)
        return bad(g, at, "a tensor that reaches beyond the file");
    return OK;
}

static struct err check_data(struct gguf *g)
{
    uint64_t start = padded(g->r.at, g->align), end;
    if (g->tensors == 0)
        return g->r.n <= start
                   ? OK
                   : bad(g, g->r.at, "bytes behind the header of a file without tensors");
    if (start > g->r.n || __builtin_add_overflow(start, g->data_end, &end) || end > g->r.n)
        return bad(g, g->r.at, "tensors reach beyond the file");
    if (g->r.n != end && g->r.n != padded(end, g->align))
        return bad(g, (size_t)end, "bytes behind the last tensor");
    return OK;
}

static struct err begin(struct gguf *g)
{
    uint64_t version;
    TRY(number(g, 4, &version));
    if (version && (version & 0xffff) == 0)
        return bad(g, 4, "a big-endian file");
    if (version != 2 && version != 3)
        return bad(g, 4, version < 2 ? "a version that is no longer read" : "no known version");
    TRY(number(g, 8, &g->tensors));
    TRY(number(g, 8, &g->pairs));
    if (g->tensors > rd_left(&g->r) / TENSOR_MIN)
        return bad(g, 8, "more tensors than fit");
    if (g->pairs > rd_left(&g->r) / KV_MIN)
        return bad(g, 16, "more metadata than fits");
    return OK;
}

static struct err read_all(struct gguf *g)
{
    TRY(begin(g));
    for (uint64_t i = 0; i < g->pairs; i++)
        TRY(pair(g));
    TRY(unique(g, "a key twice"));
    for (uint64_t i = 0; i < g->tensors; i++)
        TRY(tensor(g));
    TRY(unique(g, "a tensor name twice"));
    return check_data(g);
}

void gguf_look(struct look *k, struct span s)
{
    struct gguf g = {.look = k, .r = rd_of(s), .align = ALIGN_DEFAULT};
    g.r.at = 4;
    (void)!failed(read_all(&g)); /* what failed is a finding already */
    free(g.names);
}
