/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people wrote beside the files: messages of commits and of tags, read from the object store,
 * since what `git show` prints of them has been indented and re-encoded. Called by git.c.
 */
#include "scanjob_int.h"

enum { IDS_BYTES = 1 << 20, MESSAGES_MAX = 512 << 20 };

/* A raw commit or tag is a head, an empty line, and the message. */
static struct span message_of(struct span object)
{
    return span_from(object, span_search(object, 0, SPAN_LIT("\n\n")) + 2);
}

static struct err put_ids(const char *const *ids, struct buf *out)
{
    for (; *ids; ids++)
        TRY(buf_printf(out, "%s\n", *ids));
    return OK;
}

void messages_scan(struct job *j, const char *repository, const char *type, const char *path,
                   const char *const *ids)
{
    BUF_AUTO input = buf_init(IDS_BYTES);
    BUF_AUTO out = buf_init(MESSAGES_MAX);
    if (failed(put_ids(ids, &input))) {
        job_trouble(j, repository, "out of memory");
        return;
    }
    if (!git_run(j, repository, (const char *const[]){"cat-file", "--batch", NULL},
                 (const char *const[]){NULL}, buf_span(&input), &out))
        return;
    for (size_t at = 0; *ids; ids++) {
        uint64_t size;
        if (!git_answer(buf_span(&out), &at, span_str(*ids), type, &size)) {
            job_trouble(j, *ids, "git printed what is no such object");
            return;
        }
        struct span object = span_cut(buf_span(&out), at, (size_t)size);
        job_text(j, &(struct source){.path = path, .commit = *ids, .text = message_of(object)});
        at += object.n + 1;
    }
}
