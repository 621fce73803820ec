/* SPDX-License-Identifier: Apache-2.0 */
/* From a file's bytes to a text, wherever they come from: a tree, git's history or its index. */
#include "scanjob_int.h"

#include "utf8.h"

enum { BINARY_LOOK = 8192 };

static bool binary(struct span s)
{
    struct span head = span_cut(s, 0, BINARY_LOOK);
    return span_find(head, 0, 0) < head.n;
}

/* A text in UTF-16 with its mark, as some editors and shells write by default: appended as UTF-8,
 * halves of a pair as U+FFFD. False: it is none. */
static bool from_utf16(struct span s, struct buf *out)
{
    bool little = span_starts(s, SPAN_LIT("\xff\xfe"));
    if ((!little && !span_starts(s, SPAN_LIT("\xfe\xff"))) || s.n % 2)
        return false;
    uint32_t high = 0;
    for (size_t i = 2; i < s.n; i += 2) {
        uint32_t unit =
            little ? s.p[i] | (uint32_t)s.p[i + 1] << 8 : (uint32_t)s.p[i] << 8 | s.p[i + 1];
        bool low = unit >= 0xdc00 && unit < 0xe000;
        uint8_t bytes[4];
        if (unit >= 0xd800 && unit < 0xdc00) {
            high = unit;
            continue;
        }
        uint32_t cp = !low   ? unit
                      : high ? 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00)
                             : 0xfffd;
        high = 0;
        if (cp == 0 || failed(buf_put(out, span(bytes, utf8_put(cp, bytes)))))
            return false; /* a NUL: no text */
    }
    return true;
}

bool text_of(struct span bytes, struct buf *utf8, struct span *out)
{
    bool decoded = from_utf16(bytes, utf8);
    *out = decoded ? buf_span(utf8) : bytes;
    return decoded || !binary(bytes);
}

void job_bytes(struct job *j, const char *path, const char *commit, struct span bytes)
{
    struct source s = {.path = path, .commit = commit};
    BUF_AUTO utf8 = buf_init((size_t)j->max_size * 2);
    if (text_of(bytes, &utf8, &s.text))
        job_text(j, &s);
    else
        j->binary++;
}
