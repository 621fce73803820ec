/* SPDX-License-Identifier: Apache-2.0 */
/* Reading test vectors: whole files, JSON members, hexadecimal. */
#ifndef SANCTUM_TEST_MERKLE_VECTORS_H
#define SANCTUM_TEST_MERKLE_VECTORS_H

#include "unit.h"

#include "b64.h"
#include "file.h"
#include "json.h"
#include "merkle.h"

static inline void read_data(const char *name, struct buf *out)
{
    BUF_AUTO path = buf_init(4096);
    assert_ok(buf_printf(&path, "%s/test/merkle/data/%s%c", SOURCE_ROOT, name, 0));
    assert_ok(file_read((const char *)path.p, out));
}

/* A member's raw bytes, empty when it is not there. */
static inline struct span member(struct span object, const char *name)
{
    struct span v = SPAN_NONE;
    assert_ok(json_find(object, &v, name, NULL));
    return v;
}

/* A string member without its quotes; only for members without escapes. */
static inline struct span text_of(struct span object, const char *name)
{
    struct span v = member(object, name);
    return v.n < 2 ? SPAN_NONE : span_cut(v, 1, v.n - 2);
}

static inline uint64_t number_of(struct span object, const char *name)
{
    uint64_t v = 0;
    assert_ok(json_get_u64(member(object, name), UINT64_MAX, &v));
    return v;
}

static inline bool yes(struct span object, const char *name)
{
    bool v = false;
    assert_ok(json_get_bool(member(object, name), &v));
    return v;
}

/* The next element of an array: its raw bytes. False at the end. */
static inline bool next_element(struct json *j, struct span *out)
{
    struct json before = *j;
    struct json_token t;
    assert_ok(json_next(j, &t));
    if (t.type == JSON_ARRAY && t.depth == 0)
        return next_element(j, out);
    if (t.type == JSON_ARRAY_END && t.depth == 0)
        return false;
    *j = before;
    assert_ok(json_skip_value(j, out));
    return true;
}

/* An empty text or 64 digits. */
static inline struct merkle_hash hash_of(struct span hex)
{
    struct merkle_hash h = {{0}};
    struct wr w = wr_of(h.b, sizeof h.b);
    assert_ok(hex_decode(&w, hex));
    assert_int_equal(w.n, MERKLE_BYTES);
    return h;
}

#endif
