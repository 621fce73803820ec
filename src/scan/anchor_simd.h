/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vector body of anchor.c, included once per instruction set (no include guard for that
 * reason). The includer defines NAME, TARGET, V, LANES and the operations LOAD SET1 TABLE SHUFFLE
 * AND EQ MIN SUB SHIFT4 MASK ZERO. Equal to anchors_plain for every input but `key`, which may
 * claim more.
 */

TARGET static inline V NAME(in_set)(V low, V hi_bit, const uint8_t rows[16])
{
    return AND(SHUFFLE(TABLE(rows), low), hi_bit);
}

/* Bytes whose low and high nibbles fit the key position `pos`. */
TARGET static inline V NAME(key_step)(const struct anchor_keys *k, const uint8_t *p, size_t pos,
                                      V nibble)
{
    V v = LOAD(p + pos);
    V lo = SHUFFLE(TABLE(k->low[pos]), AND(v, nibble));
    V hi = SHUFFLE(TABLE(k->high[pos]), AND(SHIFT4(v), nibble));
    return AND(lo, hi);
}

TARGET static void NAME(anchors)(const struct anchor_keys *k, const uint8_t *p, struct anchors *out)
{
    const V nibble = SET1(0x0F), zero = ZERO();
    struct anchors a = {0};
    for (size_t i = 0; i < 64; i += LANES) {
        V v = LOAD(p + i);
        V hi_bit = SHUFFLE(TABLE(row_bit), AND(SHIFT4(v), nibble));
        V digit = SUB(v, SET1('0'));
        a.digit |= (uint64_t)MASK(EQ(MIN(digit, SET1(9)), digit)) << i;
        a.word |= (uint64_t)(~MASK(EQ(NAME(in_set)(v, hi_bit, word_rows), zero)) & FULL) << i;
        a.run |= (uint64_t)(~MASK(EQ(NAME(in_set)(v, hi_bit, run_rows), zero)) & FULL) << i;
        a.high |= (uint64_t)MASK(v) << i;
        a.at |= (uint64_t)MASK(EQ(v, SET1('@'))) << i;
        a.colon |= (uint64_t)MASK(EQ(v, SET1(':'))) << i;
        V key = AND(AND(NAME(key_step)(k, p + i, 0, nibble), NAME(key_step)(k, p + i, 1, nibble)),
                    NAME(key_step)(k, p + i, 2, nibble));
        a.key |= (uint64_t)(~MASK(EQ(key, zero)) & FULL) << i;
    }
    *out = a;
}

#undef NAME
#undef TARGET
#undef V
#undef LANES
#undef FULL
#undef LOAD
#undef SET1
#undef TABLE
#undef SHUFFLE
#undef AND
#undef EQ
#undef MIN
#undef SUB
#undef SHIFT4
#undef MASK
#undef ZERO
