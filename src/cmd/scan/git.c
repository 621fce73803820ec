/* SPDX-License-Identifier: Apache-2.0 */
/*
 * History and the index, through git: it is run with a fixed command line that switches off
 * whatever a repository could make it execute (external diff, text conversion, merge drivers,
 * fsmonitor, pagers, fetching) or hide (replaced objects and parents, first commits, other
 * folders). A merge is shown against all its parents at once: what it adds itself is nowhere else.
 */
#include "scanjob_int.h"

#include "file.h"
#include "proc.h"

#include <stdio.h>

enum {
    BATCH = 64,           /* commits a git process shows */
    IDS_MAX = 256 << 20,  /* bytes of commit ids */
    DIFF_MAX = 512 << 20, /* bytes a batch may print */
    GIT_TIMEOUT_MS = 600000,
    GIT_ARGS = 40,
    ENV_MAX = 16,
    VARIABLE_MAX = 4352,
};

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

/*
 * The environment: nothing of ours, but where git itself runs us (a hook) what it says about the
 * repository and the index at hand: `git commit -a` and `git commit FILE` commit from an index of
 * their own. It holds for the working directory's repository alone. `memory` takes the texts.
 */
static struct err git_environment(const char *repository, struct arena *memory, const char **env)
{
    static const char *const fixed[] = {"LC_ALL=C",
                                        "GIT_OPTIONAL_LOCKS=0",
                                        "GIT_TERMINAL_PROMPT=0",
                                        "GIT_NO_LAZY_FETCH=1",
                                        "GIT_NO_REPLACE_OBJECTS=1",
                                        "GIT_GRAFT_FILE=/dev/null",
                                        "GIT_CONFIG_GLOBAL=/dev/null",
                                        NULL};
    static const char *const hook[] = {
        "GIT_DIR",        "GIT_WORK_TREE",        "GIT_COMMON_DIR",
        "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"};
    size_t n = append(env, 0, fixed);
    for (size_t i = 0; i < sizeof hook / sizeof *hook && strcmp(repository, ".") == 0; i++) {
        const char *value = proc_env(hook[i]);
        void *text;
        if (!value)
            continue;
        TRY(arena_take(memory, VARIABLE_MAX, &text));
        if (snprintf(text, VARIABLE_MAX, "%s=%s", hook[i], value) >= VARIABLE_MAX)
            return err(ERR_LIMIT);
        env[n++] = text;
    }
    env[n] = NULL;
    return OK;
}

static struct err run(const char *repository, const char *const *args, const char *const *more,
                      struct span input, struct buf *out, struct buf *said, struct proc_end *end)
{
    static const char *const safe[] = {
        "--no-pager",           "-c", "core.fsmonitor=false",    "-c",
        "core.quotePath=false", "-c", "log.showSignature=false", "-c",
        "protocol.allow=never", "-c", "log.showRoot=true",       "-c",
        "diff.relative=false",  NULL};
    const char *argv[GIT_ARGS + BATCH], *env[ENV_MAX];
    struct arena memory = arena_init(ENV_MAX * VARIABLE_MAX);
    size_t n = append(argv, 0, (const char *const[]){"git", "-C", repository, NULL});
    n = append(argv, n, safe);
    n = append(argv, n, args);
    n = append(argv, n, more);
    argv[n] = NULL;
    struct err e = git_environment(repository, &memory, env);
    struct proc_run r = {git_path(), argv, env, input, out, said, GIT_TIMEOUT_MS};
    if (!failed(e))
        e = proc_run(&r, end);
    arena_free(&memory);
    return e;
}

bool git_run(struct job *j, const char *repository, const char *const *args,
             const char *const *more, struct span input, struct buf *out)
{
    if (!git_path()) {
        job_trouble(j, "git", "not installed");
        return false;
    }
    BUF_AUTO said = buf_init(65536);
    struct proc_end end = {0};
    struct err e = run(repository, args, more, input, out, &said, &end);
    if (!failed(e) && end.ended && end.signal == 0 && end.status == 0)
        return true;
    struct span why = span_cut(buf_span(&said), 0, span_find(buf_span(&said), 0, '\n'));
    char text[200];
    snprintf(text, sizeof text, "%.*s", SPAN_ARG(failed(e) ? span_str(cmd_err_text(e)) : why));
    job_trouble(j, repository, text);
    return false;
}

/* ---- what is scanned ---- */

static const char *const no_words[] = {NULL};
#define DIFF_OPTIONS                                                                               \
    "--no-color", "--full-index", "--no-ext-diff", "--no-textconv", "--no-renames", "--unified=3", \
        "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short"

/* What a diff of git's adds; `more`: of which commits. */
static void scan_diff(struct job *j, const char *repository, const char *const *args,
                      const char *const *more)
{
    BUF_AUTO out = buf_init(DIFF_MAX);
    if (!git_run(j, repository, args, more, SPAN_NONE, &out))
        return;
    struct blobs unread = blobs_none();
    struct err e = diff_scan(j, buf_span(&out), &unread);
    if (failed(e))
        job_trouble(j, repository,
                    err_cat(e) == ERR_INPUT ? "git printed what is no diff" : cmd_err_text(e));
    blobs_scan(j, repository, &unread);
    blobs_free(&unread);
}

void git_staged(struct job *j, const char *repository)
{
    static const char *const args[] = {"diff", "--cached", "--diff-filter=ACMRT", DIFF_OPTIONS,
                                       NULL};
    scan_diff(j, repository, args, no_words);
}

/* Look at the objects `ids` (ends with NULL); so many bytes of all ids are done then. */
typedef void batch_fn(struct job *j, const char *repository, const char *const *ids, size_t done,
                      size_t all);

static void commit_batch(struct job *j, const char *repository, const char *const *ids, size_t done,
                         size_t all)
{
    static const char *const args[] = {"show", "--cc", "--format=format:%x01%H", DIFF_OPTIONS,
                                       NULL};
    scan_diff(j, repository, args, ids);
    messages_scan(j, repository, "commit", "COMMIT_MESSAGE", ids);
    cmd_progress("commits", done, all);
}

static void tag_batch(struct job *j, const char *repository, const char *const *ids, size_t done,
                      size_t all)
{
    messages_scan(j, repository, "tag", "TAG_MESSAGE", ids);
    cmd_progress("tags", done, all);
}

/* Give the ids that git prints with `args`, a line each, to `take`, some at a time. */
static void each_batch(struct job *j, const char *repository, const char *const *args,
                       batch_fn *take)
{
    BUF_AUTO ids = buf_init(IDS_MAX);
    if (!git_run(j, repository, args, no_words, SPAN_NONE, &ids))
        return;
    const char *batch[BATCH + 1];
    size_t n = 0;
    for (size_t at = 0; at < ids.n;) {
        size_t end = span_find(buf_span(&ids), at, '\n');
        if (end >= ids.n)
            break;
        ids.p[end] = 0;
        if (end > at)
            batch[n++] = (const char *)ids.p + at;
        at = end + 1;
        if (n == BATCH || (n && at >= ids.n)) {
            batch[n] = NULL;
            take(j, repository, batch, at, ids.n);
            n = 0;
        }
    }
}

void git_history(struct job *j, const char *repository)
{
    static const char *const commits[] = {"rev-list", "--all", "--reverse", NULL};
    /* A tag may stand for a tag that no reference names. */
    static const char *const tags[] = {"rev-list",
                                       "--all",
                                       "--objects",
                                       "--no-object-names",
                                       "--filter=object:type=tag",
                                       "--filter-provided-objects",
                                       NULL};
    each_batch(j, repository, commits, commit_batch);
    each_batch(j, repository, tags, tag_batch);
}
