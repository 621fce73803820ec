/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum model inspect`: every file below the paths given, one verdict each. Output in three
 * forms: lines for people, JSON lines, one SARIF document.
 */
#include "json_put.h"
#include "modelcmd_int.h"
#include "tree.h"
#include "weights.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 8 << 20, SARIF_MAX = 1 << 30, PATHS_MAX = 64 << 20 };

struct job {
    struct cmd_call *call;
    bool json, sarif;
    struct buf out;
    struct json_put put;
    uint64_t files, found, failed;
    /* Numbers in a file of their own, as ONNX may keep them, look like nothing. Their verdict waits
     * until the tree's models have told which files are theirs: paths, each ended by a NUL. */
    struct buf waiting, data;
};

static void put_findings(struct json_put *p, const struct weights_report *r)
{
    json_put_array(p, "findings");
    for (size_t i = 0; i < r->n; i++) {
        const struct weights_finding *f = &r->v[i];
        json_put_object(p, NULL);
        json_put_u64(p, "offset", f->offset);
        json_put_text(p, "rule", f->rule);
        json_put_text(p, "level", f->level == WEIGHTS_OK ? "info" : weights_verdict_name(f->level));
        json_put_text(p, "reason", f->reason);
        if (f->member[0])
            json_put_text(p, "member", f->member);
        json_put_end(p);
    }
    json_put_end(p);
}

static void tell_json(struct job *j, const char *path, const struct weights_report *r)
{
    BUF_AUTO line = buf_init(LINE_MAX_BYTES);
    struct json_put p = json_put_to(&line);
    json_put_object(&p, NULL);
    json_put_text(&p, "path", path);
    json_put_text(&p, "format", r->format);
    json_put_text(&p, "verdict", weights_verdict_name(r->verdict));
    put_findings(&p, r);
    if (r->more)
        json_put_bool(&p, "more", true);
    json_put_end(&p);
    if (failed(json_put_done(&p)) || fwrite(line.p, 1, line.n, stdout) != line.n)
        j->failed++;
    putchar('\n');
}

static void tell_sarif(struct job *j, const char *path, const struct weights_report *r)
{
    struct json_put *p = &j->put;
    for (size_t i = 0; i < r->n; i++) {
        const struct weights_finding *f = &r->v[i];
        json_put_object(p, NULL);
        json_put_text(p, "ruleId", f->rule);
        json_put_text(p, "level",
                      f->level == WEIGHTS_OK           ? "note"
                      : f->level == WEIGHTS_SUSPICIOUS ? "warning"
                                                       : "error");
        json_put_object(p, "message");
        json_put_text(p, "text", f->reason);
        json_put_end(p);
        json_put_array(p, "locations");
        json_put_object(p, NULL);
        json_put_object(p, "physicalLocation");
        json_put_object(p, "artifactLocation");
        json_put_text(p, "uri", path);
        json_put_end(p);
        json_put_object(p, "region");
        json_put_u64(p, "byteOffset", f->member[0] ? 0 : f->offset);
        json_put_u64(p, "byteLength", 0);
        for (int k = 0; k < 4; k++)
            json_put_end(p);
        json_put_object(p, "properties");
        json_put_text(p, "verdict", weights_verdict_name(f->level));
        if (f->member[0]) {
            json_put_text(p, "member", f->member);
            json_put_u64(p, "memberOffset", f->offset);
        }
        json_put_end(p);
        json_put_end(p);
    }
}

static void tell_text(const char *path, const struct weights_report *r)
{
    static const char *const colours[] = {"\033[32m", "\033[33m", "\033[31m", "\033[1;31m"};
    bool colour = cmd_colour();
    printf("%s%-10s%s %s (%s)\n", colour ? colours[r->verdict] : "",
           weights_verdict_name(r->verdict), colour ? "\033[0m" : "", path, r->format);
    for (size_t i = 0; i < r->n; i++) {
        const struct weights_finding *f = &r->v[i];
        printf("    %s%sbyte %llu: %s [%s]\n", f->member, f->member[0] ? " " : "",
               (unsigned long long)f->offset, f->reason, f->rule);
    }
    if (r->more)
        puts("    and more");
}

static void tell(struct job *j, const char *path, const struct weights_report *r)
{
    j->files++;
    j->found += r->verdict != WEIGHTS_OK;
    if (j->sarif)
        tell_sarif(j, path, r);
    else if (j->json)
        tell_json(j, path, r);
    else
        tell_text(path, r);
}

static bool nothing_known(const struct weights_report *r)
{
    return r->n == 1 && strcmp(r->v[0].rule, "unknown-format") == 0;
}

/* Keep the paths of the files that the model at `path` has its tensors in. */
static struct err keep_data(struct job *j, const char *path, struct span names)
{
    const char *slash = strrchr(path, '/');
    struct span dir = span(path, slash ? (size_t)(slash - path) + 1 : 0), nul = SPAN_LIT("\0");
    for (size_t at = 0, end; at < names.n; at = end + 1) {
        end = span_find(names, at, 0);
        struct span name = span_cut(names, at, end - at);
        if (span_starts(name, SPAN_LIT("./")))
            name = span_from(name, 2);
        TRY(buf_put(&j->data, dir));
        TRY(buf_put(&j->data, name));
        TRY(buf_put(&j->data, nul));
    }
    return OK;
}

/* `last`: nothing that could speak for the file is still to come. */
static void inspect_file(struct job *j, const char *path, bool last, bool data)
{
    struct weights_report r;
    struct err e = weights_inspect_file(path, &r);
    if (!failed(e))
        e = keep_data(j, path, buf_span(&r.data));
    if (!failed(e) && nothing_known(&r) && !last)
        e = buf_put(&j->waiting, span(path, strlen(path) + 1));
    else if (!failed(e) && nothing_known(&r) && data)
        tell(j, path, &(struct weights_report){.format = "onnx-data"});
    else if (!failed(e))
        tell(j, path, &r);
    if (failed(e)) {
        (void)cmd_fail(j->call, EXIT_ERROR, "%s: %s", path, cmd_err_text(e));
        j->failed++;
    }
    weights_report_free(&r);
}

static bool named(struct span paths, const char *path)
{
    struct span whole = span(path, strlen(path) + 1);
    for (size_t at = 0; (at = span_search(paths, at, whole)) < paths.n; at++)
        if (at == 0 || paths.p[at - 1] == 0)
            return true;
    return false;
}

static void inspect_waiting(struct job *j)
{
    struct span paths = buf_span(&j->waiting);
    for (size_t at = 0; at < paths.n; at = span_find(paths, at, 0) + 1) {
        const char *path = (const char *)paths.p + at;
        inspect_file(j, path, true, named(buf_span(&j->data), path));
    }
    buf_free(&j->waiting);
    buf_free(&j->data);
}

/* A link to a file of its own folder is a second name; one to another folder is how stores name. */
static bool leads_elsewhere(const char *link)
{
    char to[4096];
    ssize_t n = readlink(link, to, sizeof to);
    return n > 0 && memchr(to, '/', (size_t)n) != NULL;
}

/* How many files there are, and which of them symbolic links lead to. */
static uint64_t count_files(const char *path, struct tree_seen *linked)
{
    struct tree t;
    struct tree_file f;
    uint64_t n = 0;
    bool was;
    if (failed(tree_open(path, &t)))
        return 0;
    t.links = true;
    struct err e = OK;
    while (!failed(e) || err_cat(e) == ERR_IO) {
        e = tree_next(&t, NULL, &f);
        n += !failed(e);
        if (!failed(e) && f.link && leads_elsewhere(f.path))
            e = tree_seen_add(linked, f.number, &was);
    }
    tree_close(&t);
    return n;
}

/* A store of models names its files by links: a file that links lead to is looked at once, under
 * the first link's name, which is the one that loaders see. */
static struct err is_double(const struct tree_file *f, const struct tree_seen *linked,
                            struct tree_seen *done, bool *out)
{
    *out = !f->link && tree_seen_has(linked, f->number);
    return f->link ? tree_seen_add(done, f->number, out) : OK;
}

static void trouble(struct job *j, const struct tree_file *f, struct err e)
{
    (void)cmd_fail(j->call, EXIT_ERROR, "%s: %s", f->path,
                   f->odd ? "neither a file nor a folder: not looked at" : cmd_err_text(e));
    j->failed++;
}

static void inspect_tree(struct job *j, const char *path)
{
    struct tree t;
    struct tree_file f = {.path = path};
    struct tree_seen linked = {0}, seen = {0};
    bool doubled = false;
    struct err e = tree_open(path, &t);
    if (failed(e)) {
        trouble(j, &f, e);
        return;
    }
    t.links = true;
    uint64_t total = count_files(path, &linked), done = 0;
    j->waiting = buf_init(PATHS_MAX);
    j->data = buf_init(PATHS_MAX);
    while (err_cat(e = tree_next(&t, NULL, &f)) != ERR_CLOSED) {
        if (!failed(e))
            e = is_double(&f, &linked, &seen, &doubled);
        if (failed(e))
            trouble(j, &f, e);
        if (failed(e) && err_cat(e) != ERR_IO)
            break;
        if (failed(e))
            continue;
        if (!doubled)
            inspect_file(j, f.path, total <= 1, false);
        if (total > 1)
            cmd_progress("inspect", ++done, total);
    }
    tree_close(&t);
    tree_seen_free(&linked);
    tree_seen_free(&seen);
    inspect_waiting(j);
}

static void sarif_begin(struct job *j)
{
    j->out = buf_init(SARIF_MAX);
    j->put = json_put_to(&j->out);
    json_put_object(&j->put, NULL);
    json_put_text(&j->put, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_put_text(&j->put, "version", "2.1.0");
    json_put_array(&j->put, "runs");
    json_put_object(&j->put, NULL);
    json_put_array(&j->put, "results");
}

static void sarif_end(struct job *j)
{
    json_put_end(&j->put);
    json_put_object(&j->put, "tool");
    json_put_object(&j->put, "driver");
    json_put_text(&j->put, "name", "sanctum");
    json_put_text(&j->put, "version", SANCTUM_VERSION);
    for (int i = 0; i < 5; i++)
        json_put_end(&j->put);
    if (failed(json_put_done(&j->put)) || fwrite(j->out.p, 1, j->out.n, stdout) != j->out.n)
        j->failed++;
    putchar('\n');
    buf_free(&j->out);
}

int run_inspect(struct cmd_call *c)
{
    struct job j = {.call = c, .json = cmd_has(c, "json"), .sarif = cmd_has(c, "sarif")};
    if (cmd_operands(c) == 0)
        return cmd_fail(c, EXIT_USAGE, "which file or folder?");
    if (j.sarif)
        sarif_begin(&j);
    for (size_t i = 0; i < cmd_operands(c); i++)
        inspect_tree(&j, cmd_operand(c, i));
    if (j.sarif)
        sarif_end(&j);
    if (fflush(stdout) != 0 || j.failed)
        return EXIT_ERROR;
    return j.found ? EXIT_FINDING : EXIT_CLEAN;
}
