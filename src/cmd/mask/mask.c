/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum mask`: personal data and secrets of a text become tokens. One text from standard input,
 * or JSON lines for programs. The key that makes tokens is fresh in every run unless a key file is
 * named; thresholds, recognisers and operators are the config's. Each line stands alone: what one
 * line holds is not looked for in the next.
 */
#define _GNU_SOURCE
#include "mask.h"
#include "cmdkit.h"
#include "file.h"
#include "json.h"
#include "json_put.h"
#include "jsonl.h"
#include "mask_file.h"
#include "proc.h"
#include "secret_scan.h"
#include "settings_load.h"
#include "settings_rules.h"
#include "utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WEIGHTS_BYTES_MAX = 64 << 20 };

/* What all threads read and none writes. */
struct tool {
    struct cmd_call *call;
    struct file_copy weights;
    struct ner *ner;
    struct mask_engine *engine;
    struct mask_key key;
    struct settings settings;
    struct arena arena;
    bool map;
};

/* What one thread works with. */
struct worker {
    const struct tool *tool;
    struct mask_work *work;
    struct mask_session *session;
    struct buf text, masked;
};

/* ---- setting up ---- */

/* The tagger's weights: beside the executable, in the source tree, or where they are installed. */
static struct err find_weights(struct file_copy *out)
{
    static const char *const places[] = {"/ner-en.bin", "/../../models/ner-en.bin",
                                         "/../../share/sanctum/ner-en.bin"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        BUF_AUTO path = buf_init(8192);
        TRY(proc_self_dir(&path));
        TRY(buf_puts(&path, places[i]));
        TRY(buf_put_u8(&path, 0));
        if (file_exists((const char *)path.p))
            return file_copy_open((const char *)path.p, WEIGHTS_BYTES_MAX, out);
    }
    return err(ERR_CLOSED);
}

static int load_tagger(struct tool *t)
{
    struct fault f;
    struct err e = find_weights(&t->weights);
    if (failed(e))
        return cmd_fail(t->call, EXIT_ERROR, "cannot read the tagger's weights (ner-en.bin)");
    e = ner_open(t->weights.bytes, &t->ner, &f);
    return failed(e) ? cmd_fail(t->call, EXIT_ERROR, "ner-en.bin: %s", f.why) : EXIT_CLEAN;
}

/* A comma list of type names into the set; the status of the first unknown one. */
static int add_types(struct tool *t, const char *list, struct scan_set *set)
{
    struct span all = span_str(list);
    for (size_t at = 0; at <= all.n;) {
        size_t end = span_find(all, at, ',');
        struct span name = span_trim(span_cut(all, at, end - at));
        enum entity e = settings_entity(&t->settings, name);
        if (e == ENTITY_COUNT)
            return cmd_fail(t->call, EXIT_USAGE, "--entities: %.*s is no entity type",
                            SPAN_ARG(name));
        scan_set_add(set, e);
        at = end + 1;
    }
    return EXIT_CLEAN;
}

/* The config decides thresholds, lists, recognisers and operators; types are the arguments'. */
static int load_config(struct tool *t)
{
    BUF_AUTO path = buf_init(4096), text = buf_init(4096);
    struct conf_fault f = {0};
    struct err e = settings_path(cmd_value(t->call, "config"), &path);
    if (!failed(e))
        e = settings_load(path.n ? (const char *)path.p : NULL, &t->settings, &f);
    if (!failed(e))
        return EXIT_CLEAN;
    if (failed(conf_fault_text(&f, &text)))
        buf_clear(&text);
    return cmd_fail(t->call, EXIT_ERROR, "%.*s",
                    SPAN_ARG(text.n && *f.text ? buf_span(&text) : span_str(cmd_err_text(e))));
}

/* As the config has it: TYPE=OPERATOR. An operator alone is for every type. */
static struct err operator_entry(struct tool *t, const char *v, struct span *out)
{
    static const char all[] = "DEFAULT=";
    size_t n = sizeof all + strlen(v);
    void *p;
    *out = span_str(v);
    if (strchr(v, '='))
        return OK;
    TRY(arena_take(&t->arena, n, &p));
    *out = span(p, (size_t)snprintf(p, n, "%s%s", all, v));
    return OK;
}

/* --operator [TYPE=]OPERATOR, over what the config says. */
static int add_operators(struct tool *t)
{
    size_t iter = 0;
    for (const char *v; (v = cmd_next_value(t->call, "operator", &iter));) {
        const char *expected = "TYPE=OPERATOR";
        struct span entry;
        if (failed(operator_entry(t, v, &entry)) ||
            failed(settings_add_operator(&t->settings, &t->settings.masking, entry, &expected)))
            return cmd_fail(t->call, EXIT_USAGE, "--operator %s: expected %s", v, expected);
    }
    return EXIT_CLEAN;
}

static int read_rules(struct tool *t, struct mask_rules *r)
{
    int loaded = load_config(t);
    if (loaded == EXIT_CLEAN)
        loaded = add_operators(t);
    if (loaded == EXIT_CLEAN)
        loaded = cmd_mask_key(t->call, cmd_value(t->call, "key-file"), true, &t->key);
    if (loaded != EXIT_CLEAN)
        return loaded;
    if (failed(settings_rules(&t->settings, &t->settings.masking, &t->arena, r)))
        return cmd_fail(t->call, EXIT_ERROR, "out of memory");
    r->entities = scan_set_all();
    if (cmd_has(t->call, "entities")) {
        r->entities = (struct scan_set){0};
        size_t iter = 0;
        for (const char *v; (v = cmd_next_value(t->call, "entities", &iter));) {
            int status = add_types(t, v, &r->entities);
            if (status != EXIT_CLEAN)
                return status;
        }
    }
    if (cmd_has(t->call, "secrets"))
        scan_set_add(&r->entities, ENTITY_SECRET);
    const char *x = cmd_value(t->call, "threshold");
    if (!x)
        return EXIT_CLEAN;
    double v;
    if (failed(json_get_double(span_str(x), &v)) || !(v >= 0 && v <= 1))
        return cmd_fail(t->call, EXIT_USAGE, "--threshold: %s is no number from 0 to 1", x);
    r->threshold = (float)v;
    return EXIT_CLEAN;
}

static int setup(struct tool *t)
{
    struct mask_rules r;
    t->arena = arena_init(SETTINGS_MEMORY_MAX);
    int status = read_rules(t, &r);
    if (status != EXIT_CLEAN)
        return status;
    if (mask_wants_tagger(&r.entities))
        status = load_tagger(t);
    if (status != EXIT_CLEAN)
        return status;
    struct err e = mask_engine_new(&r, t->ner, &t->engine);
    return failed(e) ? cmd_fail(t->call, EXIT_ERROR, "%s", cmd_err_text(e)) : EXIT_CLEAN;
}

static void teardown(struct tool *t)
{
    mask_engine_free(t->engine);
    mask_key_free(&t->key);
    ner_close(t->ner);
    arena_free(&t->arena);
    settings_free(&t->settings);
    file_copy_close(&t->weights);
}

static void worker_close(void *own)
{
    struct worker *w = own;
    mask_work_free(w->work);
    mask_session_free(w->session);
    buf_wipe(&w->text);
    buf_wipe(&w->masked);
    free(w);
}

static void *worker_open(void *common)
{
    struct tool *t = common;
    struct worker *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    *w = (struct worker){.tool = t};
    w->text = w->masked = buf_init(CMD_TEXT_OF_MAX);
    if (failed(mask_work_new(t->ner, &w->work)) ||
        failed(mask_session_new(SIZE_MAX, &w->session))) {
        worker_close(w);
        return NULL;
    }
    mask_work_no_cache(w->work); /* lines hardly ever repeat */
    mask_work_large(w->work);
    return w;
}

/* ---- output ---- */

static void put_values(struct json_put *p, const struct mask_session *s)
{
    for (size_t i = 0; i < mask_values(s); i++) {
        enum entity e;
        struct span token, value;
        mask_value(s, i, &e, &token, &value);
        if (token.n == 0)
            continue; /* it cannot be undone */
        json_put_key(p, token);
        json_put_kept(p, NULL, value);
    }
}

/* Offsets in code points; spans come in order, so one walk over the text is enough. */
static void put_spans(const struct tool *t, struct json_put *p, struct span text,
                      const struct mask_span *spans, size_t n)
{
    size_t at = 0, points = 0;
    json_put_array(p, "spans");
    for (size_t i = 0; i < n; i++) {
        const struct finding *f = &spans[i].found;
        points += json_kept_count(span_cut(text, at, f->start - at));
        size_t length = json_kept_count(span_cut(text, f->start, f->end - f->start));
        json_put_object(p, NULL);
        json_put_str(p, "entity_type", mask_type_name(t->engine, f->entity));
        json_put_u64(p, "start", points);
        json_put_u64(p, "end", points + length);
        json_put_double(p, "score", round((double)f->score * 1000) / 1000);
        if (f->entity == ENTITY_SECRET && f->rule < SECRET_RULE_COUNT)
            json_put_text(p, "rule", secret_rule_name(f->rule));
        json_put_end(p);
        points += length;
        at = f->end;
    }
    json_put_end(p);
}

static struct err mask_line(struct worker *w, struct span id, struct buf *out)
{
    const struct tool *t = w->tool;
    const struct mask_span *spans;
    size_t n;
    mask_session_reset(w->session);
    buf_clear(&w->masked);
    TRY(mask_text(t->engine, w->work, &t->key, w->session, buf_span(&w->text), &w->masked, &spans,
                  &n));
    struct json_put p = json_put_to(out);
    json_put_object(&p, NULL);
    cmd_put_id(&p, id);
    put_spans(t, &p, buf_span(&w->text), spans, n);
    json_put_kept(&p, "masked", buf_span(&w->masked));
    if (t->map) {
        json_put_object(&p, "map");
        put_values(&p, w->session);
        json_put_end(&p);
    }
    json_put_end(&p);
    return json_put_done(&p);
}

static const char *one_line(void *own, struct span line, struct buf *out)
{
    enum { ID, TEXT, NAMES };
    const struct span names[NAMES] = {SPAN_LIT("id"), SPAN_LIT("text")};
    struct worker *w = own;
    struct span v[NAMES];
    if (failed(json_members(line, names, NAMES, v)))
        return "the line is no JSON object, or names a member twice";
    if (v[TEXT].n == 0)
        return "the line has no \"text\"";
    if (failed(cmd_get_text(v[TEXT], &w->text)))
        return "\"text\" must be a string";
    return failed(mask_line(w, v[ID], out)) ? "the text holds more than can be masked" : NULL;
}

/* ---- the two modes ---- */

static int run_lines(struct tool *t)
{
    const struct cmd_lines how = {t->call, t, worker_open, worker_close, one_line};
    return cmd_lines_run(&how);
}

/* Can the masked text still tell how it is written? */
static bool tells_charset(const struct cmd_text *in)
{
    return in->charset == CHARSET_UTF8 ? utf8_valid(buf_span(&in->utf8))
                                       : in->charset != CHARSET_WINDOWS_1252;
}

static int save_map(const struct worker *w, const struct cmd_text *in, const char *file)
{
    BUF_AUTO out = buf_init(CMD_TEXT_OF_MAX);
    struct json_put p = json_put_to(&out);
    json_put_object(&p, NULL);
    if (!tells_charset(in))
        json_put_text(&p, CMD_MAP_CHARSET, charset_name(in->charset));
    put_values(&p, w->session);
    json_put_end(&p);
    struct err e = json_put_done(&p);
    if (!failed(e))
        e = file_put(file, buf_span(&out), 0600);
    if (out.p)
        explicit_bzero(out.p, out.n);
    return failed(e) ? cmd_fail(w->tool->call, EXIT_ERROR, "%s: %s", file, cmd_err_text(e))
                     : EXIT_CLEAN;
}

static int mask_input(struct worker *w, struct cmd_text *in)
{
    const struct tool *t = w->tool;
    int status = cmd_read_text(t->call, CMD_TEXT_MAX, NULL, in);
    if (status != EXIT_CLEAN)
        return status;
    if (failed(mask_text(t->engine, w->work, &t->key, w->session, buf_span(&in->utf8), &w->masked,
                         NULL, NULL)))
        return cmd_fail(t->call, EXIT_ERROR, "the text holds more than can be masked");
    const char *file = cmd_value(t->call, "save-map");
    status = file ? save_map(w, in, file) : EXIT_CLEAN;
    return status == EXIT_CLEAN ? cmd_write_text(t->call, in, buf_span(&w->masked)) : status;
}

static int run_text(struct tool *t)
{
    struct cmd_text in = {0};
    struct worker *w = worker_open(t);
    if (!w)
        return cmd_fail(t->call, EXIT_ERROR, "out of memory");
    int status = mask_input(w, &in);
    cmd_text_free(&in);
    worker_close(w);
    return status;
}

static int run(struct cmd_call *c)
{
    struct tool t = {.call = c, .map = cmd_has(c, "map")};
    int status = cmd_input(c);
    if (status == EXIT_CLEAN)
        status = setup(&t);
    if (status == EXIT_CLEAN)
        status = cmd_has(c, "jsonl") ? run_lines(&t) : run_text(&t);
    teardown(&t);
    return status;
}

static const struct cmd_opt opts[] = {
    {"jsonl", 0, NULL, "read lines {\"id\",\"text\"}, write {\"id\",\"spans\",\"masked\"}"},
    {"entities", 0, "A,B", "only these types"},
    {"secrets", 0, NULL, "secrets as well"},
    {"threshold", 0, "X", "lowest score that counts, 0 to 1 (as configured, else 0.7)"},
    {"operator", 0, "[TYPE=]OP",
     "what the values of a type, or all others, become: token, surrogate, ..."},
    {"config", 0, "FILE",
     "masking settings and recognisers (default: where the daemon has its own)"},
    {"key-file", 0, "FILE", "the key that tokens are made with; made when it is not there"},
    {"map", 0, NULL, "with --jsonl: add what each token stands for"},
    {"save-map", 0, "FILE", "without --jsonl: write what each token stands for, 0600"},
    {0}};

static const struct cmd_sub subs[] = {
    {"", "[FILE]", "replace personal data and secrets by tokens", opts, run}, {0}};

static const struct cmd_spec spec = {
    "mask", "replace personal data and secrets by tokens", subs,
    "Reads a text of at most 1 GiB from FILE or standard input, in UTF-8, UTF-16 with its mark or\n"
    "windows-1252, and writes it masked. Without --entities every type is looked for, secrets\n"
    "included. Offsets in spans are Unicode code points, end exclusive. Thresholds, lists,\n"
    "recognisers and operators are those of the config. Tokens are made with a key of this run,\n"
    "or that of --key-file: then a value has the same token in every run. Keep the map to\n"
    "restore them. With --jsonl all processors work, and answers keep the lines' order; a line\n"
    "has at most 128 MiB."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
