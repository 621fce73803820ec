/* SPDX-License-Identifier: Apache-2.0 */
/*
 * History and the index, through git: it is run with a fixed command line that switches off
 * whatever a repository could make it execute (external diff, text conversion, fsmonitor, pagers,
 * fetching), and its unified diff is read here. Context lines are scanned along, since a name may
 * stand above its value, but only what touches an added line is told. Merges show no diff: their
 * parents did.
 */
#include "scanjob_int.h"

#include "file.h"
#include "num.h"
#include "proc.h"

#include <stdlib.h>

enum {
    BATCH = 64,           /* commits a git process shows */
    IDS_MAX = 256 << 20,  /* bytes of commit ids */
    DIFF_MAX = 512 << 20, /* bytes a batch may print */
    GIT_TIMEOUT_MS = 600000,
    PATH_BYTES = 4096,
    ID_CHARS = 64,
    GIT_ARGS = 40,
};

/* ---- reading ---- */

struct reader {
    struct job *j;
    struct span diff;
    size_t at;
    char commit[ID_CHARS + 1], path[PATH_BYTES];
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

/* @@ -a,b +c,d @@ and the lines it announces. */
static struct err read_hunk(struct reader *r, struct span head)
{
    uint64_t old_at, old_n, new_at, new_n;
    size_t at = 4;
    TRY(read_range(head, &at, &old_at, &old_n));
    if (!span_starts(span_from(head, at), SPAN_LIT(" +")))
        return err(ERR_INPUT);
    at += 2;
    TRY(read_range(head, &at, &new_at, &new_n));
    buf_clear(&r->text);
    r->line_n = 0;
    struct span line;
    while ((old_n || new_n) && next_line(r, &line)) {
        uint8_t mark = line.n ? line.p[0] : ' ';
        if (mark == '\\')
            continue;
        if ((mark != '+' && old_n == 0) || (mark != '-' && new_n == 0) || !strchr("+- ", mark))
            return err(ERR_INPUT);
        old_n -= mark != '+';
        if (mark == '-')
            continue;
        TRY(add_line(r, span_from(line, 1), new_at++, mark == '+'));
        new_n--;
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

/* The path of a "+++ " line: b/NAME, with a tab behind it when it holds a blank, or "b/NAME" with
 * backslashes as C has them. */
static void keep_path(struct reader *r, struct span s)
{
    bool quoted = s.n && s.p[0] == '"';
    size_t used = 0;
    s = span_from(s, quoted);
    if (!span_starts(s, SPAN_LIT("b/")))
        return; /* /dev/null: nothing of it is added */
    s = span_from(s, 2);
    for (size_t i = 0, n; i < s.n && used + 1 < sizeof r->path; i += n) {
        uint8_t c = s.p[i];
        n = 1;
        if (c == (quoted ? '"' : '\t'))
            break;
        r->path[used++] = (char)(quoted && c == '\\' ? unquote_one(span_from(s, i), &n) : c);
    }
    r->path[used] = 0;
}

static struct err read_diff(struct reader *r)
{
    struct span line;
    while (next_line(r, &line)) {
        if (line.n && line.p[0] == 1)
            keep(r->commit, sizeof r->commit, span_from(line, 1));
        else if (span_starts(line, SPAN_LIT("+++ ")))
            keep_path(r, span_from(line, 4));
        else if (span_starts(line, SPAN_LIT("@@ -")))
            TRY(read_hunk(r, line));
    }
    return OK;
}

struct err diff_scan(struct job *j, struct span diff)
{
    struct reader *r = calloc(1, sizeof *r);
    if (!r)
        return err(ERR_NOMEM);
    r->j = j;
    r->diff = diff;
    r->text = buf_init(DIFF_MAX);
    struct err e = read_diff(r);
    buf_free(&r->text);
    free(r->lines);
    free(r);
    return e;
}

/* ---- running git ---- */

/* Append `words` (ends with NULL) to argv; the count. */
static size_t append(const char **argv, size_t n, const char *const *words)
{
    while (*words)
        argv[n++] = *words++;
    return n;
}

static const char *git_path(void)
{
    static const char *const places[] = {"/usr/bin/git", "/usr/local/bin/git", "/bin/git",
                                         "/opt/homebrew/bin/git"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (file_exists(places[i]))
            return places[i];
    return NULL;
}

/* Run git in the repository; false when it failed, which has been told. */
static bool run_git(struct job *j, const char *repository, const char *const *args,
                    const char *const *more, struct buf *out)
{
    static const char *const safe[] = {
        "--no-pager",           "-c", "core.fsmonitor=false",    "-c",
        "core.quotePath=false", "-c", "log.showSignature=false", "-c",
        "protocol.allow=never", NULL};
    static const char *const env[] = {"LC_ALL=C",
                                      "GIT_OPTIONAL_LOCKS=0",
                                      "GIT_TERMINAL_PROMPT=0",
                                      "GIT_NO_LAZY_FETCH=1",
                                      "GIT_CONFIG_GLOBAL=/dev/null",
                                      NULL};
    const char *path = git_path(), *argv[GIT_ARGS + BATCH];
    if (!path) {
        job_trouble(j, "git", "not installed");
        return false;
    }
    size_t n = append(argv, 0, (const char *const[]){"git", "-C", repository, NULL});
    n = append(argv, n, safe);
    n = append(argv, n, args);
    n = append(argv, n, more);
    argv[n] = NULL;
    BUF_AUTO said = buf_init(65536);
    struct proc_end end = {0};
    struct proc_run run = {path, argv, env, SPAN_NONE, out, &said, GIT_TIMEOUT_MS};
    struct err e = proc_run(&run, &end);
    if (!failed(e) && end.ended && end.signal == 0 && end.status == 0)
        return true;
    struct span why = span_cut(buf_span(&said), 0, span_find(buf_span(&said), 0, '\n'));
    char text[200];
    keep(text, sizeof text, failed(e) ? span_str(cmd_err_text(e)) : why);
    job_trouble(j, repository, text);
    return false;
}

static const char *const no_words[] = {NULL};
#define DIFF_OPTIONS                                                                               \
    "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--unified=3",                 \
        "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short"

static void scan_output(struct job *j, const char *repository, struct span diff)
{
    struct err e = diff_scan(j, diff);
    if (failed(e))
        job_trouble(j, repository, "git printed what is no diff");
}

void git_staged(struct job *j, const char *repository)
{
    static const char *const args[] = {"diff", "--cached", "--diff-filter=ACMRT", DIFF_OPTIONS,
                                       NULL};
    BUF_AUTO out = buf_init(DIFF_MAX);
    if (run_git(j, repository, args, no_words, &out))
        scan_output(j, repository, buf_span(&out));
}

static void show_batch(struct job *j, const char *repository, const char *const *ids)
{
    static const char *const args[] = {"show", "--diff-merges=off", "--format=format:%x01%H",
                                       DIFF_OPTIONS, NULL};
    BUF_AUTO out = buf_init(DIFF_MAX);
    if (run_git(j, repository, args, ids, &out))
        scan_output(j, repository, buf_span(&out));
}

void git_history(struct job *j, const char *repository)
{
    static const char *const args[] = {"rev-list", "--all", "--reverse", NULL};
    BUF_AUTO ids = buf_init(IDS_MAX);
    if (!run_git(j, repository, args, no_words, &ids))
        return;
    const char *batch[BATCH + 1];
    size_t n = 0;
    for (size_t at = 0; at < ids.n;) {
        size_t end = span_find(buf_span(&ids), at, '\n');
        if (end >= ids.n)
            break;
        ids.p[end] = 0;
        batch[n++] = (const char *)ids.p + at;
        at = end + 1;
        if (n == BATCH || at >= ids.n) {
            batch[n] = NULL;
            show_batch(j, repository, batch);
            cmd_progress("commits", at, ids.n);
            n = 0;
        }
    }
}
