/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The diffs that git prints, unified ones and those of merges (git-diff(1), "Combined diff format":
 * a column and a range for each parent). Context lines are scanned along, since a name may stand
 * above its value, but only what touches an added line is told; in a merge that is a line which no
 * parent has. Of files that git shows no lines of, the blob is noted for blob.c. Called by git.c.
 */
#include "scanjob_int.h"

#include "num.h"

#include <stdlib.h>

enum { PATH_BYTES = 4096, PARENTS_MAX = 1024 };

struct reader {
    struct job *j;
    struct span diff;
    size_t at;
    char commit[GIT_ID_CHARS + 1], path[PATH_BYTES];
    struct span blob; /* what the file at hand has become */
    struct blobs *unread;
    struct buf text; /* of the hunk, without the marks */
    struct line_place *lines;
    size_t line_n, line_cap;
};

static bool next_line(struct reader *r, struct span *line)
{
    if (r->at >= r->diff.n)
        return false;
    size_t end = span_find(r->diff, r->at, '\n');
    *line = span_cut(r->diff, r->at, end - r->at);
    r->at = end + 1;
    return true;
}

static struct err add_line(struct reader *r, struct span line, uint64_t number, bool added)
{
    if (r->line_n == r->line_cap) {
        size_t cap = r->line_cap ? 2 * r->line_cap : 256;
        struct line_place *grown = realloc(r->lines, cap * sizeof *grown);
        if (!grown)
            return err(ERR_NOMEM);
        r->lines = grown;
        r->line_cap = cap;
    }
    r->lines[r->line_n++] = (struct line_place){r->text.n, number, added};
    TRY(buf_put(&r->text, line));
    return buf_put_u8(&r->text, '\n');
}

/* A number at *at of the line, up to ',' ' ' or the end. */
static struct err read_number(struct span line, size_t *at, uint64_t *out)
{
    size_t from = *at;
    while (*at < line.n && line.p[*at] >= '0' && line.p[*at] <= '9')
        (*at)++;
    return num_u64(span_cut(line, from, *at - from), UINT32_MAX, out);
}

/* "a,b" or "a", b being 1 then. */
static struct err read_range(struct span line, size_t *at, uint64_t *start, uint64_t *count)
{
    TRY(read_number(line, at, start));
    *count = 1;
    if (*at < line.n && line.p[*at] == ',') {
        (*at)++;
        TRY(read_number(line, at, count));
    }
    return OK;
}

/* What a hunk's head announces: so many lines of each parent and of the result. */
struct hunk {
    size_t parents;
    uint64_t old[PARENTS_MAX], now, number; /* number: of the result's next line */
};

/* @@ -a,b +c,d @@, with one @ more and one range more for each further parent. */
static struct err read_head(struct span head, struct hunk *h)
{
    size_t at = 0;
    uint64_t start;
    while (at < head.n && head.p[at] == '@')
        at++;
    h->parents = at - 1;
    if (h->parents > PARENTS_MAX)
        return err(ERR_INPUT);
    for (size_t i = 0; i < h->parents; i++, at++) {
        if (!span_starts(span_from(head, at), i ? SPAN_LIT("-") : SPAN_LIT(" -")))
            return err(ERR_INPUT);
        at += i ? 1 : 2;
        TRY(read_range(head, &at, &start, &h->old[i]));
    }
    if (!span_starts(span_from(head, at), SPAN_LIT("+")))
        return err(ERR_INPUT);
    at++;
    return read_range(head, &at, &h->number, &h->now);
}

static bool hunk_over(const struct hunk *h)
{
    uint64_t left = h->now;
    for (size_t i = 0; i < h->parents; i++)
        left |= h->old[i];
    return left == 0;
}

/* Count one line: a '-' stands for a line that this parent alone has, ' ' for one that it shares
 * with the result, '+' for one that it has not. */
static struct err count_line(struct hunk *h, struct span marks, bool *gone, bool *added)
{
    *gone = span_find(marks, 0, '-') < marks.n;
    *added = !*gone;
    for (size_t i = 0; i < h->parents; i++) {
        uint8_t mark = i < marks.n ? marks.p[i] : ' ';
        bool had = mark == (*gone ? '-' : ' ');
        if (!strchr("+- ", mark) || (had && h->old[i] == 0))
            return err(ERR_INPUT);
        h->old[i] -= had;
        *added = *added && mark == '+';
    }
    if (!*gone && h->now-- == 0)
        return err(ERR_INPUT);
    return OK;
}

/* The lines after the head. */
static struct err read_hunk(struct reader *r, struct span head)
{
    struct hunk h;
    struct span line;
    bool gone, added;
    TRY(read_head(head, &h));
    buf_clear(&r->text);
    r->line_n = 0;
    while (!hunk_over(&h) && next_line(r, &line)) {
        if (span_starts(line, SPAN_LIT("\\")))
            continue; /* No newline at end of file */
        TRY(count_line(&h, span_cut(line, 0, h.parents), &gone, &added));
        if (!gone)
            TRY(add_line(r, span_from(line, h.parents), h.number++, added));
    }
    struct source s = {.path = r->path,
                       .commit = r->commit[0] ? r->commit : NULL,
                       .text = buf_span(&r->text),
                       .lines = r->lines,
                       .line_n = r->line_n};
    job_text(r->j, &s);
    return OK;
}

static void keep(char *out, size_t cap, struct span s)
{
    struct span cut = span_cut(s, 0, cap - 1);
    memcpy(out, cut.p, cut.n);
    out[cut.n] = 0;
}

/* The byte that a backslash and what follows stand for; *n: how many bytes of s it takes. */
static uint8_t unquote_one(struct span s, size_t *n)
{
    static const char from[] = "abtnvfr", to[] = "\a\b\t\n\v\f\r";
    *n = 2;
    uint8_t c = s.n > 1 ? s.p[1] : 0;
    if (s.n >= 4 && c >= '0' && c <= '3') {
        *n = 4;
        return (uint8_t)((c - '0') << 6 | (s.p[2] & 7) << 3 | (s.p[3] & 7));
    }
    const char *place = c ? strchr(from, c) : NULL;
    return place ? (uint8_t)to[place - from] : c;
}

/* Keep PREFIX/NAME, with a tab behind it when it holds a blank, or "PREFIX/NAME" with backslashes
 * as C has them. Without the prefix it is /dev/null: nothing of it is added. */
static void keep_path(struct reader *r, struct span s, struct span prefix)
{
    bool quoted = s.n && s.p[0] == '"';
    size_t used = 0;
    s = span_from(s, quoted);
    if (!span_starts(s, prefix))
        return;
    s = span_from(s, prefix.n);
    for (size_t i = 0, n; i < s.n && used + 1 < sizeof r->path; i += n) {
        uint8_t c = s.p[i];
        n = 1;
        if (c == (quoted ? '"' : '\t'))
            break;
        r->path[used++] = (char)(quoted && c == '\\' ? unquote_one(span_from(s, i), &n) : c);
    }
    r->path[used] = 0;
}

/* "index OLD..NEW MODE", of a merge "index OLD,OLD..NEW". */
static struct span blob_of(struct span line)
{
    size_t at = span_search(line, 0, SPAN_LIT(".."));
    struct span id = span_from(line, at + 2);
    return span_cut(id, 0, span_find(id, 0, ' '));
}

/* Keep what a file is called by its first line, for one without lines: "diff --git a/NAME b/NAME",
 * twice the same, or of a merge "diff --cc NAME". False: this is no such line. */
static bool is_file(struct reader *r, struct span line)
{
    const struct span plain = SPAN_LIT("diff --git "), merge = SPAN_LIT("diff --cc ");
    if (span_starts(line, plain))
        keep_path(r, span_from(line, (line.n + plain.n) / 2 + 1), SPAN_LIT("b/"));
    else if (span_starts(line, merge))
        keep_path(r, span_from(line, merge.n), SPAN_NONE);
    else
        return false;
    r->blob = SPAN_NONE;
    return true;
}

/* One line between hunks. */
static struct err read_line(struct reader *r, struct span line)
{
    if (line.n && line.p[0] == 1)
        keep(r->commit, sizeof r->commit, span_from(line, 1));
    else if (span_starts(line, SPAN_LIT("@@")))
        return read_hunk(r, line);
    else if (span_starts(line, SPAN_LIT("index ")))
        r->blob = blob_of(line);
    else if (span_starts(line, SPAN_LIT("Binary files ")))
        return blobs_add(r->unread, r->blob, r->commit, r->path);
    else if (!is_file(r, line) && span_starts(line, SPAN_LIT("+++ ")))
        keep_path(r, span_from(line, 4), SPAN_LIT("b/"));
    return OK;
}

struct err diff_scan(struct job *j, struct span diff, struct blobs *unread)
{
    struct reader *r = calloc(1, sizeof *r);
    if (!r)
        return err(ERR_NOMEM);
    *r = (struct reader){.j = j, .diff = diff, .unread = unread, .text = buf_init(diff.n + 1)};
    struct err e = OK;
    struct span line;
    while (!failed(e) && next_line(r, &line))
        e = read_line(r, line);
    buf_free(&r->text);
    free(r->lines);
    free(r);
    return e;
}
