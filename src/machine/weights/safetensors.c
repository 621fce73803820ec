/* SPDX-License-Identifier: Apache-2.0 */
/*
 * safetensors: a length, a JSON header, tensors without gaps. Only the header is read. Readers of
 * this format disagree about duplicate keys and trailing bytes, so both are refused.
 * Source: the format's description, github.com/huggingface/safetensors, "Format".
 */
#include "json.h"
#include "num.h"
#include "random.h"
#include "weights_look_int.h"

#include <stdlib.h>

enum { HEADER_MAX = 100000000, DEPTH = 16, LENGTH_BYTES = 8, KEYS_ARENA = 64 << 20 };

static const struct dtype {
    const char *name;
    unsigned bits;
} dtypes[] = {
    {"BOOL", 8},    {"U8", 8},          {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8},
    {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"I16", 16},    {"U16", 16},
    {"F16", 16},    {"BF16", 16},       {"I32", 32},        {"U32", 32},    {"F32", 32},
    {"I64", 64},    {"U64", 64},        {"F64", 64},        {"C64", 64},    {"F4", 4},
    {"F6_E2M3", 6}, {"F6_E3M2", 6},
};

struct extent {
    uint64_t begin, end;
    size_t at;
};

struct header {
    struct look *look;
    struct json json;
    struct json_keys keys;
    struct extent *v;
    size_t n, cap;
};

static uint64_t header_length(struct span s)
{
    uint64_t n = 0;
    for (unsigned i = LENGTH_BYTES; i-- > 0;)
        n = n << 8 | s.p[i];
    return n;
}

bool safetensors_is(struct span s)
{
    if (s.n < LENGTH_BYTES + 2)
        return false;
    uint64_t n = header_length(s);
    uint8_t second = s.p[LENGTH_BYTES + 1];
    if (s.p[LENGTH_BYTES] == '{' && (second == '"' || second == '}' || second == ' '))
        return true;
    /* A header that begins otherwise is still this format's when its length fits and JSON's near.
     */
    struct span head = span_cut(s, LENGTH_BYTES, 4);
    return n && n <= s.n - LENGTH_BYTES &&
           (span_starts(head, SPAN_LIT("\xef\xbb\xbf")) || head.p[0] == ' ' || head.p[0] == '"') &&
           s.p[5] == 0 && s.p[6] == 0 && s.p[7] == 0;
}

static struct err bad(struct header *h, size_t at, const char *why)
{
    look_note(h->look, WEIGHTS_MALFORMED, "safetensors", LENGTH_BYTES + at, "%s", why);
    return err(ERR_INPUT);
}

/* The next token, keys checked for duplicates. */
static struct err next(struct header *h, struct json_token *t)
{
    struct err e = json_next(&h->json, t);
    if (!failed(e))
        e = json_keys_see(&h->keys, &h->json, t);
    if (!failed(e) && t->lone)
        return bad(h, t->start, "half a surrogate pair: readers disagree about it");
    if (!failed(e))
        return OK;
    return bad(h, h->json.fault.at, h->json.fault.why ? h->json.fault.why : "too many keys");
}

static struct err metadata(struct header *h)
{
    struct json_token t;
    TRY(next(h, &t));
    if (t.type != JSON_OBJECT)
        return bad(h, t.start, "__metadata__ is no object");
    for (;;) {
        TRY(next(h, &t));
        if (t.type == JSON_OBJECT_END)
            return OK;
        TRY(next(h, &t));
        if (t.type != JSON_STRING)
            return bad(h, t.start, "a value of __metadata__ is no string");
    }
}

static struct err number(struct header *h, const struct json_token *t, uint64_t *out)
{
    if (t->type != JSON_NUMBER || failed(num_u64(json_raw(&h->json, t), UINT64_MAX, out)))
        return bad(h, t->start, "not an unsigned 64-bit integer");
    return OK;
}

static struct err shape(struct header *h, uint64_t *product, bool *overflow)
{
    struct json_token t;
    bool zero = false;
    *product = 1;
    TRY(next(h, &t));
    if (t.type != JSON_ARRAY)
        return bad(h, t.start, "shape is no array");
    for (;;) {
        uint64_t d;
        TRY(next(h, &t));
        if (t.type == JSON_ARRAY_END)
            break;
        TRY(number(h, &t, &d));
        zero = zero || d == 0;
        if (d && __builtin_mul_overflow(*product, d, product))
            *overflow = true;
    }
    if (zero)
        *product = 0;
    if (*overflow)
        return bad(h, t.start, "the product of the shape overflows");
    return OK;
}

static struct err offsets(struct header *h, struct extent *x)
{
    struct json_token t;
    TRY(next(h, &t));
    if (t.type != JSON_ARRAY)
        return bad(h, t.start, "data_offsets is no array");
    x->at = t.start;
    TRY(next(h, &t));
    TRY(number(h, &t, &x->begin));
    TRY(next(h, &t));
    TRY(number(h, &t, &x->end));
    TRY(next(h, &t));
    if (t.type != JSON_ARRAY_END)
        return bad(h, t.start, "data_offsets has more than two numbers");
    return x->begin <= x->end ? OK : bad(h, x->at, "data_offsets ends before it begins");
}

static struct err dtype(struct header *h, unsigned *bits)
{
    struct json_token t;
    TRY(next(h, &t));
    for (size_t i = 0; t.type == JSON_STRING && i < sizeof dtypes / sizeof dtypes[0]; i++)
        if (json_text_is(&h->json, &t, span_str(dtypes[i].name))) {
            *bits = dtypes[i].bits;
            return OK;
        }
    return bad(h, t.start, "no known dtype");
}

static struct err keep(struct header *h, struct extent x)
{
    if (h->n == h->cap) {
        size_t cap = h->cap ? 2 * h->cap : 64;
        struct extent *v = realloc(h->v, cap * sizeof *v);
        if (!v)
            return h->look->e = err(ERR_NOMEM);
        h->v = v;
        h->cap = cap;
    }
    h->v[h->n++] = x;
    return OK;
}

static struct err check_size(struct header *h, const struct extent *x, unsigned bits, uint64_t n)
{
    uint64_t all;
    if (__builtin_mul_overflow(n, (uint64_t)bits, &all))
        return bad(h, x->at, "the size in bits overflows");
    if (all % 8)
        return bad(h, x->at, "the values do not fill whole bytes");
    if (x->end - x->begin != all / 8)
        return bad(h, x->at, "data_offsets and shape times dtype differ");
    return OK;
}

static struct err entry(struct header *h)
{
    struct json_token t;
    struct extent x = {0};
    unsigned bits = 0;
    uint64_t product = 0;
    bool has_shape = false, has_offsets = false, overflow = false;
    TRY(next(h, &t));
    if (t.type != JSON_OBJECT)
        return bad(h, t.start, "a tensor's entry is no object");
    size_t at = t.start;
    for (;;) {
        TRY(next(h, &t));
        if (t.type == JSON_OBJECT_END)
            break;
        if (json_text_is(&h->json, &t, SPAN_LIT("dtype"))) {
            TRY(dtype(h, &bits));
        } else if (json_text_is(&h->json, &t, SPAN_LIT("shape"))) {
            TRY(shape(h, &product, &overflow));
            has_shape = true;
        } else if (json_text_is(&h->json, &t, SPAN_LIT("data_offsets"))) {
            TRY(offsets(h, &x));
            has_offsets = true;
        } else {
            look_note(h->look, WEIGHTS_OK, "safetensors-member", LENGTH_BYTES + t.start,
                      "an unknown member in a tensor's entry");
            if (failed(json_skip_value(&h->json, NULL)))
                return bad(h, h->json.fault.at, h->json.fault.why);
        }
    }
    if (!bits || !has_shape || !has_offsets)
        return bad(h, at, "dtype, shape or data_offsets is missing");
    TRY(check_size(h, &x, bits, product));
    return keep(h, x);
}

static struct err read_header(struct header *h)
{
    struct json_token t;
    TRY(next(h, &t));
    if (t.type != JSON_OBJECT)
        return bad(h, 0, "the header is no object");
    for (;;) {
        TRY(next(h, &t));
        if (t.type == JSON_OBJECT_END)
            break;
        if (json_text_is(&h->json, &t, SPAN_LIT("__metadata__"))) {
            TRY(metadata(h));
            continue;
        }
        struct span name = json_inner(&h->json, &t);
        if (span_search(name, 0, SPAN_LIT("../")) < name.n || (name.n && name.p[0] == '/'))
            look_note(h->look, WEIGHTS_OK, "safetensors-name", LENGTH_BYTES + t.start,
                      "a tensor named like a path: %s", look_text(h->look, name));
        TRY(entry(h));
    }
    return next(h, &t); /* JSON_END, or what follows the object */
}

static int by_begin(const void *a, const void *b)
{
    const struct extent *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* Tensors follow each other from 0 to the end of the file. */
static void check_layout(struct header *h, uint64_t data)
{
    uint64_t at = 0;
    if (h->n)
        qsort(h->v, h->n, sizeof *h->v, by_begin);
    for (size_t i = 0; i < h->n; i++) {
        if (h->v[i].begin != at) {
            (void)bad(h, h->v[i].at,
                      h->v[i].begin > at ? "a hole before a tensor" : "tensors that overlap");
            return;
        }
        at = h->v[i].end;
    }
    if (at != data)
        look_note(h->look, WEIGHTS_MALFORMED, "safetensors", LENGTH_BYTES + h->json.in.n + at,
                  at > data ? "tensors reach beyond the file" : "bytes behind the last tensor");
}

void safetensors_look(struct look *k, struct span s)
{
    uint64_t n = header_length(s);
    if (n > HEADER_MAX || n > s.n - LENGTH_BYTES) {
        look_note(k, WEIGHTS_MALFORMED, "safetensors", 0,
                  n > HEADER_MAX ? "a header of more than 100,000,000 bytes"
                                 : "the header reaches beyond the file");
        return;
    }
    struct span text = span_cut(s, LENGTH_BYTES, (size_t)n);
    if (!text.n || text.p[0] != '{') {
        look_note(k, WEIGHTS_MALFORMED, "safetensors", LENGTH_BYTES, "the header begins without {");
        return;
    }
    struct arena arena = arena_init(KEYS_ARENA);
    uint64_t seed[2];
    random_bytes(seed, sizeof seed);
    struct header h = {
        .look = k, .json = json_of_depth(text, DEPTH), .keys = json_keys_of(&arena, seed)};
    if (!failed(read_header(&h)))
        check_layout(&h, s.n - LENGTH_BYTES - n);
    free(h.v);
    arena_free(&arena);
    if (s.p[0] == 0x80) { /* a length that is also a pickle's beginning */
        struct look_point before = look_point(k);
        if (pickle_look(k, s) != PICKLE_WHOLE && k->report->verdict != WEIGHTS_MALICIOUS)
            look_rewind(k, before);
    }
}
