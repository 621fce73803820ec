/* SPDX-License-Identifier: Apache-2.0 */
/* Hashing and the frontier: called once an entry by whoever writes or checks a log. */
#include "merkle.h"

#include "hash.h"
#include "hash_lanes.h"

enum { LEAF = 0, NODE = 1, SMALL = 1023 };

_Static_assert((int)MERKLE_BYTES == (int)HASH_BYTES, "a tree of SHA-256");

void merkle_leaf(struct span entry, struct merkle_hash *out)
{
    uint8_t whole[1 + SMALL];
    whole[0] = LEAF;
    if (entry.n <= SMALL) { /* in one piece it is hashed without a copy block by block */
        if (entry.n)
            memcpy(whole + 1, entry.p, entry.n);
        hash_sha256(span(whole, 1 + entry.n), out->b);
        return;
    }
    struct span parts[] = {{whole, 1}, entry};
    hash_sha256_parts(parts, 2, out->b);
}

void merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
                 struct merkle_hash *out)
{
    uint8_t in[1 + 2 * MERKLE_BYTES];
    in[0] = NODE;
    memcpy(in + 1, left->b, MERKLE_BYTES);
    memcpy(in + 1 + MERKLE_BYTES, right->b, MERKLE_BYTES);
    hash_sha256(span(in, sizeof in), out->b);
}

void merkle_node_row(const struct merkle_hash *in, size_t n, struct merkle_hash *out)
{
    uint8_t text[HASH_LANES][1 + 2 * MERKLE_BYTES];
    for (size_t i = 0, k; i < n; i += k) {
        const uint8_t *from[HASH_LANES];
        uint8_t *to[HASH_LANES];
        k = n - i < HASH_LANES ? n - i : HASH_LANES;
        for (size_t j = 0; j < k; j++) {
            text[j][0] = NODE;
            memcpy(text[j] + 1, in[2 * (i + j)].b, 2 * (size_t)MERKLE_BYTES);
            from[j] = text[j];
            to[j] = out[i + j].b;
        }
        hash_lanes_short(from, sizeof text[0], k, to);
    }
}

void merkle_empty(struct merkle_hash *out)
{
    hash_sha256(SPAN_NONE, out->b);
}

struct err merkle_append(struct merkle *m, const struct merkle_hash *leaf)
{
    if (m->size == INT64_MAX)
        return err(ERR_LIMIT);
    struct merkle_hash h = *leaf;
    unsigned i = 0;
    for (; m->size >> i & 1; i++)
        merkle_node(&m->edge[i], &h, &h);
    m->edge[i] = h;
    m->size++;
    return OK;
}

void merkle_root(const struct merkle *m, struct merkle_hash *out)
{
    bool any = false;
    struct merkle_hash h;
    for (unsigned i = 0; i < MERKLE_HEIGHT; i++) {
        if (!(m->size >> i & 1))
            continue;
        if (any)
            merkle_node(&m->edge[i], &h, &h);
        else
            h = m->edge[i];
        any = true;
    }
    if (any)
        *out = h;
    else
        merkle_empty(out);
}
