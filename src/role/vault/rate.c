/* SPDX-License-Identifier: Apache-2.0 */
/* A bucket of questions a peer: a gate that was taken over cannot use the vault as an oracle at
 * full speed, nor starve the others. */
#include "vault_int.h"

static size_t find(const struct rate *r, uint64_t peer)
{
    size_t i = 0;
    while (i < RATE_PEERS && r->v[i].peer != peer)
        i++;
    return i;
}

bool rate_take(struct rate *r, uint64_t peer, uint64_t now_ns)
{
    const uint64_t step = UINT64_C(1000000000) / RATE_PER_SECOND;
    size_t i = find(r, peer);
    if (i == RATE_PEERS) {
        i = find(r, 0);
        if (i == RATE_PEERS)
            return false;
        r->v[i].peer = peer;
        r->v[i].at_ns = now_ns;
        r->v[i].left = RATE_BURST;
    }
    uint64_t more = (now_ns - r->v[i].at_ns) / step;
    r->v[i].at_ns += more * step;
    r->v[i].left = more >= RATE_BURST - r->v[i].left ? RATE_BURST : r->v[i].left + (uint32_t)more;
    if (r->v[i].left == 0)
        return false;
    r->v[i].left--;
    return true;
}

void rate_forget(struct rate *r, uint64_t peer)
{
    size_t i = find(r, peer);
    if (i < RATE_PEERS)
        r->v[i].peer = 0;
}
