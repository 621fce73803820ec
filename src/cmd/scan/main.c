/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum scan`: secrets and certain personal numbers in files, trees, git history and the index.
 * Exit 0: looked at all of it and found nothing; 1: found something; 2: something could not be
 * looked at, whatever else was found.
 */
#include "scanjob_int.h"

#include "num.h"
#include "random.h"
#include "secret_scan.h"
#include "settings_load.h"
#include "settings_rules.h"

#include <stdio.h>
#include <stdlib.h>

/* Secrets are told from here: below what is masked, so that a documentation sample or a token with
 * a typing error is looked at by a person. Numbers of people only where a check digit holds. */
#define SECRET_FROM 0.5F
#define NUMBER_FROM 0.85F
enum { MAX_SIZE_MIB = 256 };

static const struct cmd_opt options[] = {
    {"json", 0, NULL, "print one JSON object a finding"},
    {"sarif", 0, NULL, "print one SARIF 2.1.0 document"},
    {"git", 0, NULL,
     "read the history of the repositories PATH: every commit that a reference reaches"},
    {"staged", 0, NULL, "read what is about to be committed in the repositories PATH (pre-commit)"},
    {"baseline", 0, "FILE", "leave out what FILE lists as known"},
    {"write-baseline", 0, "FILE", "write what is found to FILE, and exit 0"},
    {"entities", 0, "A,B", "look for these types (default SECRET,CREDIT_CARD,IBAN_CODE)"},
    {"threshold", 0, "X", "tell findings from this score up, 0 to 1"},
    {"config", 0, "FILE",
     "recognisers, lists and thresholds (default: where the daemon has its own)"},
    {"max-size", 0, "MIB", "files larger than this are an error (default 256)"},
    {0}};

/* A score: 0, 1, 0.x … */
static bool read_score(const char *text, float *out)
{
    char *end;
    *out = strtof(text, &end);
    return *text >= '0' && *text <= '9' && !*end && *out >= 0 && *out <= 1;
}

static int read_entities(struct cmd_call *c, const struct settings *s, const char *list,
                         struct scan_set *out)
{
    struct span rest = span_str(list);
    while (rest.n) {
        size_t comma = span_find(rest, 0, ',');
        struct span name = span_trim(span_cut(rest, 0, comma));
        enum entity e = settings_entity(s, name);
        if (e == ENTITY_COUNT)
            return cmd_fail(c, EXIT_USAGE, "no such type: %.*s", SPAN_ARG(name));
        scan_set_add(out, e);
        rest = span_from(rest, comma + 1);
    }
    return EXIT_CLEAN;
}

static int load_config(struct cmd_call *c, struct settings *out)
{
    BUF_AUTO path = buf_init(4096), text = buf_init(4096);
    struct conf_fault f = {0};
    struct err e = settings_path(cmd_value(c, "config"), &path);
    if (!failed(e))
        e = settings_load(path.n ? (const char *)path.p : NULL, out, &f);
    if (!failed(e))
        return EXIT_CLEAN;
    if (failed(conf_fault_text(&f, &text)))
        buf_clear(&text);
    return cmd_fail(c, EXIT_ERROR, "%.*s",
                    SPAN_ARG(*f.text ? buf_span(&text) : span_str(cmd_err_text(e))));
}

/* The owner's recognisers, lists and thresholds of single types. Types of the owner's are looked
 * for unless others are named. */
static void take_rules(const struct mask_rules *r, bool types_named, struct scan_config *cfg)
{
    for (size_t e = 0; e < ENTITY_ALL; e++)
        cfg->thresholds[e] = r->thresholds[e];
    for (size_t i = 0; i < r->own_n && !types_named; i++)
        scan_set_add(&cfg->entities, (enum entity)(ENTITY_OWN + i));
    cfg->custom = r->custom;
    cfg->custom_n = r->custom_n;
    cfg->allow = r->allow;
    cfg->allow_n = r->allow_n;
    cfg->deny = r->deny;
    cfg->deny_n = r->deny_n;
}

static int make_scanner(struct cmd_call *c, const struct settings *s, struct arena *arena,
                        struct scanner **out)
{
    struct scan_config cfg = scan_config_default();
    struct mask_rules rules;
    if (failed(settings_rules(s, &s->masking, arena, &rules)))
        return cmd_fail(c, EXIT_ERROR, "out of memory");
    const char *list = cmd_value(c, "entities"), *score = cmd_value(c, "threshold");
    cfg.entities = (struct scan_set){{0}};
    int status = read_entities(c, s, list ? list : "SECRET,CREDIT_CARD,IBAN_CODE", &cfg.entities);
    if (status != EXIT_CLEAN)
        return status;
    cfg.threshold = list ? SCAN_THRESHOLD : NUMBER_FROM;
    take_rules(&rules, list != NULL, &cfg);
    for (size_t i = ENTITY_OWN; i < ENTITY_ALL; i++)
        if (!(cfg.thresholds[i] > 0))
            cfg.thresholds[i] = (float)s->masking.threshold;
    if (!(cfg.thresholds[ENTITY_SECRET] > 0))
        cfg.thresholds[ENTITY_SECRET] = SECRET_FROM;
    if (score) {
        if (!read_score(score, &cfg.threshold))
            return cmd_fail(c, EXIT_USAGE, "--threshold is a number from 0 to 1, not %s", score);
        cfg.thresholds[ENTITY_SECRET] = cfg.threshold;
    }
    struct err e = scanner_new(&cfg, out);
    return failed(e) ? cmd_fail(c, EXIT_ERROR, "%s", cmd_err_text(e)) : EXIT_CLEAN;
}

static int read_options(struct cmd_call *c, struct job *j)
{
    uint64_t mib = MAX_SIZE_MIB;
    const char *size = cmd_value(c, "max-size"), *known = cmd_value(c, "baseline");
    if (cmd_has(c, "json") + cmd_has(c, "sarif") > 1 ||
        cmd_has(c, "git") + cmd_has(c, "staged") > 1)
        return cmd_fail(c, EXIT_USAGE, "one of --json and --sarif, one of --git and --staged");
    if (size && (failed(num_u64(span_str(size), 4000, &mib)) || !mib))
        return cmd_fail(c, EXIT_USAGE, "--max-size is a number of MiB from 1 to 4000, not %s",
                        size);
    j->max_size = mib << 20;
    j->format = cmd_has(c, "sarif") ? FORMAT_SARIF : cmd_has(c, "json") ? FORMAT_JSON : FORMAT_TEXT;
    j->base.writing = cmd_value(c, "write-baseline") != NULL;
    j->base.written = buf_init((size_t)64 << 20);
    random_bytes(j->base.key, sizeof j->base.key);
    place_root(&j->base, known ? known : cmd_value(c, "write-baseline"));
    if (known) {
        size_t line = 0;
        struct err e = baseline_load(&j->base, known, &line);
        if (err_cat(e) == ERR_INPUT)
            return cmd_fail(c, EXIT_ERROR, "%s:%zu: not a line of a baseline", known, line);
        if (failed(e))
            return cmd_fail(c, EXIT_ERROR, "%s: %s", known, cmd_err_text(e));
    }
    struct arena arena = arena_init(SETTINGS_MEMORY_MAX);
    int status = load_config(c, &j->settings);
    if (status == EXIT_CLEAN)
        status = make_scanner(c, &j->settings, &arena, &j->scanner);
    arena_free(&arena);
    return status;
}

static struct err scan_paths(struct job *j, const char *const *paths, size_t n)
{
    bool git = cmd_has(j->call, "git"), staged = cmd_has(j->call, "staged");
    if (!git && !staged)
        return files_scan(j, paths, n);
    for (size_t i = 0; i < n; i++)
        if (git)
            git_history(j, paths[i]);
        else
            git_staged(j, paths[i]);
    return OK;
}

/* The operands, or the working directory. */
static struct err scan_operands(struct job *j)
{
    size_t n = cmd_operands(j->call);
    if (n == 0)
        return scan_paths(j, (const char *const[]){"."}, 1);
    const char **paths = calloc(n, sizeof *paths);
    if (!paths)
        return err(ERR_NOMEM);
    for (size_t i = 0; i < n; i++)
        paths[i] = cmd_operand(j->call, i);
    struct err e = scan_paths(j, paths, n);
    free(paths);
    return e;
}

static int finish(struct cmd_call *c, struct job *j)
{
    const char *out = cmd_value(c, "write-baseline");
    struct err e = j->format == FORMAT_SARIF ? sarif_end(j) : OK;
    if (!failed(e) && out)
        e = baseline_write(&j->base, out);
    if (failed(e) || fflush(stdout) != 0)
        return cmd_fail(c, EXIT_ERROR, "%s", failed(e) ? cmd_err_text(e) : "cannot write");
    if (j->format == FORMAT_TEXT)
        fprintf(stderr, "%zu found, %zu known, %zu texts looked at, %zu binary files left out\n",
                j->found, j->accepted, j->texts, j->binary);
    if (j->failed)
        return EXIT_ERROR;
    return j->found && !out ? EXIT_FINDING : EXIT_CLEAN;
}

static int run_scan(struct cmd_call *c)
{
    struct job j = {.call = c};
    int status = read_options(c, &j);
    if (status == EXIT_CLEAN) {
        if (j.format == FORMAT_SARIF)
            sarif_begin(&j);
        struct err e = scan_operands(&j);
        status = failed(e) ? cmd_fail(c, EXIT_ERROR, "%s", cmd_err_text(e)) : finish(c, &j);
    }
    scanner_free(j.scanner);
    settings_free(&j.settings);
    baseline_free(&j.base);
    sarif_free(&j);
    return status;
}

static const struct cmd_sub subs[] = {
    {"", "[PATH...]", "look for secrets in files, trees, history and the index", options, run_scan},
    {0}};
static const struct cmd_spec spec = {
    "scan", "find secrets in files, trees and git history", subs,
    "Reads every file below PATH (the working directory by default), or with --git every commit of "
    "the "
    "repository there, or with --staged what is about to be committed. Nothing leaves the machine "
    "and "
    "no secret is printed: findings are shown masked. A line that holds the words sanctum:allow is "
    "left "
    "out.\n\nExit status: 0 nothing found, 1 something found, 2 something could not be looked at."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
