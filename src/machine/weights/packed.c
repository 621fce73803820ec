/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compressed streams around something else: gzip, zlib, bz2, xz, lzma, zstd. What comes out goes on
 * the list like a member of an archive; what came out before an error is looked at too.
 */
#include "inflate.h"
#include "weights_look_int.h"

enum { RATIO_MAX = 100, RATIO_FREE = 1 << 20 };

static bool is_zlib(struct span s)
{
    return s.n > 6 && s.p[0] == 0x78 && (s.p[0] * 256 + s.p[1]) % 31 == 0 && !(s.p[1] & 0x20);
}

static bool is_lzma(struct span s)
{
    /* properties below 225, a dictionary of a power of two from 4 KiB, and a size: known or all 1
     */
    if (s.n < 14 || s.p[0] != 0x5d || s.p[1] || s.p[4] > 0x20)
        return false;
    return (s.p[11] == 0 && s.p[12] == 0) || (s.p[11] == 0xff && s.p[12] == 0xff);
}

static bool is_bz2(struct span s)
{
    return span_starts(s, SPAN_LIT("BZh")) && s.n > 10 && s.p[3] >= '1' && s.p[3] <= '9' &&
           (!memcmp(s.p + 4, "1AY&SY", 6) || !memcmp(s.p + 4, "\x17\x72\x45\x38\x50\x90", 6));
}

static const struct packed {
    const char *format;
    struct err (*undo)(struct span, struct buf *);
} kinds[] = {{"gzip", inflate_gzip}, {"bz2", inflate_bz2},   {"xz", inflate_lzma},
             {"lzma", inflate_lzma}, {"zstd", inflate_zstd}, {"zlib", inflate_deflate}};

static const struct packed *find(struct span s)
{
    if (span_starts(s, SPAN_LIT("\x1f\x8b")))
        return &kinds[0];
    if (is_bz2(s))
        return &kinds[1];
    if (span_starts(s, SPAN_LIT("\xfd"
                                "7zXZ\0")))
        return &kinds[2];
    if (is_lzma(s))
        return &kinds[3];
    if (span_starts(s, SPAN_LIT("\x28\xb5\x2f\xfd")))
        return &kinds[4];
    return is_zlib(s) ? &kinds[5] : NULL;
}

const char *packed_is(struct span s)
{
    const struct packed *p = find(s);
    return p ? p->format : NULL;
}

void packed_look(struct look *k, struct span s)
{
    const struct packed *p = find(s);
    struct buf plain = buf_init(look_room(k));
    struct err e = p->undo(s, &plain);
    if (err_cat(e) == ERR_NOMEM)
        k->e = e;
    else if (err_cat(e) == ERR_LIMIT)
        look_note(k, WEIGHTS_SUSPICIOUS, "limit", 0,
                  "decompresses to more than %zu bytes; only these were read", plain.max);
    else if (failed(e))
        look_note(k, WEIGHTS_MALFORMED, "compressed", 0, "a broken or continued %s stream",
                  p->format);
    if (plain.n > RATIO_FREE && plain.n / RATIO_MAX > s.n)
        look_note(k, WEIGHTS_MALFORMED, "bomb", 0, "%zu bytes decompress to more than %zu", s.n,
                  plain.n);
    look_later_unpacked(k, &plain, k->now->name[0] ? k->now->name : p->format);
}
