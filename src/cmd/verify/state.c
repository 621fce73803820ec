/* SPDX-License-Identifier: Apache-2.0 */
/* The state file: read and written twice a run, each time whole. */
#include "verify_int.h"

#include "file.h"

#include <errno.h>

enum { MODE = 0600 };
#define HEAD  SPAN_LIT("sanctum-verify state 1\n")
#define BEGUN SPAN_LIT("begun\n")
#define ENDED SPAN_LIT("ended\n")

static struct err write_state(const char *path, struct span word, struct span head)
{
    BUF_AUTO out = buf_init(NOTE_MAX + 64);
    TRY(buf_put(&out, HEAD));
    TRY(buf_put(&out, word));
    TRY(buf_put(&out, head));
    return file_replace(path, buf_span(&out), MODE);
}

struct err state_begin(const char *path, struct state *out)
{
    *out = (struct state){.path = path, .head = buf_init(NOTE_MAX)};
    if (!path)
        return OK;
    BUF_AUTO in = buf_init(NOTE_MAX + 64);
    struct err e = file_read(path, &in);
    if (failed(e) && !(err_cat(e) == ERR_IO && err_detail(e) == ENOENT))
        return e;
    if (!failed(e)) {
        struct span rest = span_from(buf_span(&in), HEAD.n);
        out->unfinished = span_starts(rest, BEGUN);
        if (!span_starts(buf_span(&in), HEAD) || (!out->unfinished && !span_starts(rest, ENDED)))
            return err(ERR_INPUT);
        TRY(buf_put(&out->head, span_from(rest, BEGUN.n)));
    }
    return write_state(path, BEGUN, buf_span(&out->head));
}

struct err state_end(struct state *s, struct span head)
{
    struct err e = OK;
    if (s->path)
        e = write_state(s->path, ENDED, head.n ? head : buf_span(&s->head));
    buf_free(&s->head);
    return e;
}
