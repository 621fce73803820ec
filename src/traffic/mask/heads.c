/* SPDX-License-Identifier: Apache-2.0 */
/* Where one of many known values may begin. Called for every text of a request in which many values
 * are known. */
#include "heads_int.h"

/* Letters of both cases fall together; some signs do, too. */
static inline uint16_t number_of(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return (uint16_t)(((v | 0x20202020U) * 2654435761U) >> 16);
}

uint16_t heads_add(struct heads *s, const uint8_t p[HEADS_BYTES])
{
    uint16_t head = number_of(p);
    s->bit[head / 64] |= (uint64_t)1 << head % 64;
    return head;
}

void heads_drop(struct heads *s, uint16_t head)
{
    s->bit[head / 64] = 0;
}

size_t heads_next(const struct heads *s, struct span text, size_t at)
{
    for (; at + HEADS_BYTES <= text.n; at++) {
        uint16_t head = number_of(text.p + at);
        if (s->bit[head / 64] >> head % 64 & 1)
            break;
    }
    return at;
}
