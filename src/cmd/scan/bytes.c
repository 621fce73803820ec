/* SPDX-License-Identifier: Apache-2.0 */
/* From a file's bytes to a text, wherever they come from: a tree, git's history or its index. */
#include "scanjob_int.h"

#include "charset.h"

enum { BINARY_LOOK = 8192 };

static bool binary(struct span s)
{
    struct span head = span_cut(s, 0, BINARY_LOOK);
    return span_find(head, 0, 0) < head.n;
}

/* A text in UTF-16 with its mark, as some editors and shells write by default, without it. False:
 * it is none. */
static bool from_utf16(struct span s, struct buf *out)
{
    enum charset charset = charset_marked(s);
    enum { MARK = 2 };
    if (charset == CHARSET_UTF8 || s.n % 2 ||
        failed(charset_to_utf8(span_from(s, MARK), charset, out)))
        return false;
    return span_find(buf_span(out), 0, 0) == out->n; /* a NUL: no text */
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
