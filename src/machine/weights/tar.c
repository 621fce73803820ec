/* SPDX-License-Identifier: Apache-2.0 */
/* tar (POSIX ustar and GNU): blocks of 512 bytes. Members are looked at as files of their own. */
#include "num.h"
#include "weights_look_int.h"

enum { BLOCK = 512, SIZE_AT = 124, SUM_AT = 148, TYPE_AT = 156, MAGIC_AT = 257, PREFIX_AT = 345 };

static bool octal(struct span f, uint64_t *out)
{
    *out = 0;
    bool any = false;
    for (size_t i = 0; i < f.n && f.p[i] && f.p[i] != ' '; i++, any = true) {
        if ((uint8_t)(f.p[i] - '0') > 7 || *out >> 60)
            return false;
        *out = *out << 3 | (uint64_t)(f.p[i] - '0');
    }
    return any;
}

static bool header_is(struct span h)
{
    uint64_t want, sum = 0;
    if (h.n < BLOCK || !octal(span_cut(h, SUM_AT, 8), &want))
        return false;
    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= SUM_AT && i < SUM_AT + 8 ? ' ' : h.p[i];
    return sum == want;
}

bool tar_is(struct span s)
{
    return header_is(s);
}

static void check_name(struct look *k, struct span name, size_t at)
{
    bool up = span_starts(name, SPAN_LIT("../")) ||
              span_search(name, 0, SPAN_LIT("/../")) < name.n || span_ends(name, SPAN_LIT("/.."));
    if (up || (name.n && name.p[0] == '/'))
        look_note(k, WEIGHTS_MALFORMED, "path", at, "a member outside the archive: %s",
                  look_text(k, name));
}

/* The name of the next member, where it is too long for its header: GNU's L and K hold it, POSIX's
 * x and g in a line `path=`. */
static void check_extension(struct look *k, uint8_t type, struct span data, size_t at)
{
    struct span mark = SPAN_LIT("path=");
    if (type == 'L' || type == 'K')
        check_name(k, span_cut(data, 0, span_find(data, 0, 0)), at);
    for (size_t i = 0; type == 'x' || type == 'g';) {
        i = span_search(data, i, mark);
        if (i == data.n)
            return;
        i += mark.n;
        check_name(k, span_cut(data, i, span_find(data, i, '\n') - i), at);
    }
}

/* One member at *at; false when the archive ends or is broken. */
static bool member(struct look *k, struct span s, size_t *at)
{
    struct span h = span_cut(s, *at, BLOCK);
    bool zero = true;
    for (size_t i = 0; i < h.n; i++)
        zero = zero && h.p[i] == 0;
    if (zero)
        return false;
    uint64_t size;
    if (!header_is(h) || !octal(span_cut(h, SIZE_AT, 12), &size) || size > s.n - *at - BLOCK) {
        look_note(k, WEIGHTS_MALFORMED, "tar", *at, "a member's header is broken");
        return false;
    }
    struct span name = span_cut(h, 0, span_find(span_cut(h, 0, 100), 0, 0));
    uint8_t type = h.p[TYPE_AT];
    check_name(k, name, *at);
    if (span_is(span_cut(h, MAGIC_AT, 5), "ustar"))
        check_name(k, span_cut(h, PREFIX_AT, span_find(span_cut(h, PREFIX_AT, 155), 0, 0)), *at);
    check_extension(k, type, span_cut(s, *at + BLOCK, (size_t)size), *at);
    if (type == '1' || type == '2' || type == '3' || type == '4' || type == '6')
        look_note(k, WEIGHTS_SUSPICIOUS, "tar-link", *at, "a member that is a link or device: %s",
                  look_text(k, name));
    else if (size && (type == '0' || type == 0 || type == '7'))
        look_later(k, (struct item){.blob = k->now->blob,
                                    .bytes = span_cut(s, *at + BLOCK, (size_t)size),
                                    .name = look_text(k, name),
                                    .setting = IN_ARCHIVE,
                                    .depth = k->now->depth + 1});
    *at += BLOCK + (((size_t)size + BLOCK - 1) & ~(size_t)(BLOCK - 1));
    return *at < s.n;
}

bool tar_covers(struct span s, size_t place)
{
    uint64_t size;
    for (size_t at = 0; at < s.n && at <= place;) {
        struct span h = span_cut(s, at, BLOCK);
        if (!header_is(h) || !octal(span_cut(h, SIZE_AT, 12), &size) || size > s.n - at - BLOCK)
            return false;
        if (place >= at + BLOCK && place - at - BLOCK < size)
            return true;
        at += BLOCK + (((size_t)size + BLOCK - 1) & ~(size_t)(BLOCK - 1));
    }
    return false;
}

void tar_look(struct look *k, struct span s)
{
    size_t at = 0;
    while (member(k, s, &at))
        continue;
    for (; at < s.n; at++)
        if (s.p[at]) {
            look_note(k, WEIGHTS_MALFORMED, "tar", at, "bytes behind the archive");
            return;
        }
}
