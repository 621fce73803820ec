/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that git shows no lines of, since they are binary or .gitattributes says `-diff`: read from
 * the object store and scanned whole. UTF-16 is a text all the same, and an attribute that anybody
 * may write hides nothing. Called by git.c once for each diff; most hold none.
 */
#include "scanjob_int.h"

#include "num.h"

enum {
    MEMORY = 64 << 20, /* for ids and paths of one diff */
    GROUP = 64 << 20,  /* bytes of blobs that one git process prints, or one larger blob */
    LINE_MAX = 128,    /* of what cat-file says about a blob */
};

struct blob {
    struct blob *next;
    struct span id;
    uint64_t size;
    const char *path, *commit; /* commit: NULL: none */
};

struct blobs blobs_none(void)
{
    return (struct blobs){.arena = arena_init(MEMORY)};
}

void blobs_free(struct blobs *b)
{
    arena_free(&b->arena);
}

static struct err keep_text(struct arena *a, const char *text, const char **out)
{
    struct span copy;
    TRY(arena_copy(a, span(text, strlen(text) + 1), &copy));
    *out = (const char *)copy.p;
    return OK;
}

static bool all_zeros(struct span id)
{
    for (size_t i = 0; i < id.n; i++)
        if (id.p[i] != '0')
            return false;
    return true;
}

struct err blobs_add(struct blobs *b, struct span id, const char *commit, const char *path)
{
    void *p;
    if (all_zeros(id))
        return OK;
    TRY(arena_take(&b->arena, sizeof *b->first, &p));
    struct blob *one = p;
    TRY(arena_copy(&b->arena, id, &one->id));
    TRY(keep_text(&b->arena, path, &one->path));
    if (*commit)
        TRY(keep_text(&b->arena, commit, &one->commit));
    if (b->last)
        b->last->next = one;
    else
        b->first = one;
    b->last = one;
    return OK;
}

bool git_answer(struct span all, size_t *at, struct span id, const char *type, uint64_t *size)
{
    size_t end = span_find(all, *at, '\n'), n = strlen(type);
    struct span line = span_cut(all, *at, end - *at);
    *at = end + 1;
    if (!span_starts(line, id) || !span_starts(span_from(line, id.n), SPAN_LIT(" ")))
        return false;
    line = span_from(line, id.n + 1);
    return span_starts(line, span(type, n)) && span_starts(span_from(line, n), SPAN_LIT(" ")) &&
           !failed(num_u64(span_from(line, n + 1), INT64_MAX, size));
}

/* The ids from `b` up to `end`, a line each. */
static struct err put_ids(const struct blob *b, const struct blob *end, struct buf *out)
{
    for (; b != end; b = b->next) {
        TRY(buf_put(out, b->id));
        TRY(buf_put_u8(out, '\n'));
    }
    return OK;
}

/* Run cat-file over those; false when that failed, which has been told. */
static bool ask(struct job *j, const char *repository, const char *how, const struct blob *b,
                const struct blob *end, struct buf *out)
{
    BUF_AUTO ids = buf_init(MEMORY);
    if (!failed(put_ids(b, end, &ids)))
        return git_run(j, repository, (const char *const[]){"cat-file", how, NULL},
                       (const char *const[]){NULL}, buf_span(&ids), out);
    job_trouble(j, repository, "out of memory");
    return false;
}

static bool read_sizes(struct job *j, const char *repository, const struct blobs *b)
{
    BUF_AUTO out = buf_init(MEMORY * 2);
    if (!ask(j, repository, "--batch-check", b->first, NULL, &out))
        return false;
    size_t at = 0;
    for (struct blob *one = b->first; one; one = one->next)
        if (!git_answer(buf_span(&out), &at, one->id, "blob", &one->size)) {
            job_trouble(j, one->path, "not in the repository");
            one->size = UINT64_MAX;
        } else if (one->size > j->max_size) {
            job_trouble(j, one->path, "larger than --max-size, not looked at");
            one->size = UINT64_MAX;
        }
    return true;
}

/* Scan the blobs from `b` up to `end`, `bytes` in all. */
static void scan_group(struct job *j, const char *repository, const struct blob *b,
                       const struct blob *end, uint64_t bytes, size_t n)
{
    BUF_AUTO out = buf_init((size_t)bytes + n * LINE_MAX);
    if (!ask(j, repository, "--batch", b, end, &out))
        return;
    size_t at = 0;
    uint64_t size;
    for (; b != end; b = b->next) {
        if (!git_answer(buf_span(&out), &at, b->id, "blob", &size) || size != b->size) {
            job_trouble(j, b->path, "git printed what is no blob");
            return;
        }
        job_bytes(j, b->path, b->commit, span_cut(buf_span(&out), at, (size_t)size));
        at += (size_t)size + 1;
    }
}

void blobs_scan(struct job *j, const char *repository, const struct blobs *b)
{
    if (!b->first || !read_sizes(j, repository, b))
        return;
    for (const struct blob *from = b->first, *end; from; from = end) {
        uint64_t bytes = from->size;
        size_t n = 1;
        end = from->next;
        if (bytes == UINT64_MAX)
            continue;
        for (; end && end->size <= GROUP && bytes <= GROUP; end = end->next, n++)
            bytes += end->size;
        scan_group(j, repository, from, end, bytes, n);
    }
}
