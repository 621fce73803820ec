/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum restore`: tokens of a text become the values again, by the map that `sanctum mask` gave.
 * One text from standard input, or JSON lines for programs.
 */
#define _GNU_SOURCE
#include "restore.h"
#include "cmdkit.h"
#include "file.h"
#include "json.h"
#include "json_put.h"
#include "jsonl.h"
#include "mask_file.h"

#include <stdio.h>
#include <stdlib.h>

/* What all threads read and none writes. */
struct tool {
    struct cmd_call *call;
    struct mask_key key;
    bool keyed; /* encrypted values need no map */
};

/* What one thread works with. */
struct worker {
    const struct tool *tool;
    struct mask_session *session;
    struct buf masked, text, name, value;
    enum charset charset; /* of the text before it was masked, where the map tells it */
    bool charset_told;
};

/* A member of the map, its name and value decoded. */
static bool add_member(struct worker *w)
{
    struct span name = buf_span(&w->name), value = buf_span(&w->value);
    if (!span_is(name, CMD_MAP_CHARSET))
        return !failed(mask_session_add(w->session, name, value));
    bool known = !w->charset_told && charset_find(value, &w->charset);
    w->charset_told |= known;
    return known;
}

/* Every member of the raw object into the session. */
static const char *read_map(struct worker *w, struct span raw)
{
    static const char shape[] = "\"map\" must be an object of tokens and texts";
    struct json j = json_of(raw);
    struct json_token k;
    if (failed(json_next(&j, &k)) || k.type != JSON_OBJECT)
        return shape;
    for (;;) {
        struct span value;
        if (failed(json_next(&j, &k)))
            return shape;
        if (k.type == JSON_OBJECT_END)
            return NULL;
        buf_clear(&w->name);
        buf_clear(&w->value);
        if (failed(json_unescape_buf(json_inner(&j, &k), JSON_LONE_REFUSE, &w->name)) ||
            failed(json_skip_value(&j, &value)) || failed(json_get_kept(value, &w->value)))
            return shape;
        if (!add_member(w))
            return "\"map\" names something that is no token, or one twice";
    }
}

static bool in_run(uint8_t c)
{
    return (uint8_t)(ascii_lower(c) - 'a') < 26 || (uint8_t)(c - '0') < 10 || c == '-' || c == '_';
}

/* Every value of the text that is encrypted under the key into the session. */
static struct err open_encrypted(struct worker *w, struct span text)
{
    static const char sign[] = "enc_";
    for (size_t at = 0, end; (at = span_search(text, at, span_str(sign))) < text.n; at = end) {
        end = at + sizeof sign - 1;
        while (end < text.n && in_run(text.p[end]))
            end++;
        struct span one = span_cut(text, at, end - at);
        buf_clear(&w->value);
        struct err e = mask_decrypt(&w->tool->key, one, &w->value);
        if (!failed(e))
            e = mask_session_add(w->session, one, buf_span(&w->value));
        if (err_cat(e) != ERR_INPUT) /* another's, or seen before */
            TRY(e);
    }
    return OK;
}

/* The raw map (none: empty) instead of the last; why it cannot be. */
static const char *take_map(struct worker *w, struct span map)
{
    mask_session_reset(w->session);
    w->charset_told = false;
    return map.n ? read_map(w, map) : NULL;
}

/* `masked`, by the map and the key, into w->text; why it cannot be. */
static const char *restore_masked(struct worker *w, struct span masked)
{
    buf_clear(&w->text);
    if (w->tool->keyed && failed(open_encrypted(w, masked)))
        return "the text holds too many encrypted values";
    return failed(restore_text(w->session, masked, &w->text, NULL)) ? "the text is too long" : NULL;
}

static const char *restore_line(void *own, struct span line, struct buf *out)
{
    enum { ID, MASKED, MAP, NAMES };
    const struct span names[NAMES] = {SPAN_LIT("id"), SPAN_LIT("masked"), SPAN_LIT("map")};
    struct worker *w = own;
    struct span v[NAMES];
    if (failed(json_members(line, names, NAMES, v)))
        return "the line is no JSON object, or names a member twice";
    if (v[MASKED].n == 0 || (v[MAP].n == 0 && !w->tool->keyed))
        return "the line needs \"masked\" and \"map\"";
    if (failed(cmd_get_text(v[MASKED], &w->masked)))
        return "\"masked\" must be a string";
    const char *why = take_map(w, v[MAP]);
    if (!why)
        why = restore_masked(w, buf_span(&w->masked));
    if (why)
        return why;
    struct json_put p = json_put_to(out);
    json_put_object(&p, NULL);
    cmd_put_id(&p, v[ID]);
    json_put_kept(&p, "text", buf_span(&w->text));
    json_put_end(&p);
    return failed(json_put_done(&p)) ? "the text is too long" : NULL;
}

static void worker_close(void *own)
{
    struct worker *w = own;
    struct buf *all[] = {&w->masked, &w->text, &w->name, &w->value};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buf_wipe(all[i]);
    mask_session_free(w->session);
    free(w);
}

static void *worker_open(void *common)
{
    struct worker *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->tool = common;
    w->masked = w->text = w->name = w->value = buf_init(CMD_TEXT_OF_MAX);
    if (!failed(mask_session_new(SIZE_MAX, &w->session)))
        return w;
    worker_close(w);
    return NULL;
}

static int restore_input(struct worker *w, struct cmd_text *in)
{
    struct cmd_call *c = w->tool->call;
    const char *file = cmd_value(c, "map");
    if (!file && !w->tool->keyed)
        return cmd_fail(c, EXIT_USAGE, "--map FILE or --key-file FILE is needed, or --jsonl");
    BUF_AUTO map = buf_init(CMD_TEXT_OF_MAX);
    struct err e = file ? file_read(file, &map) : OK;
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s: %s", file, cmd_err_text(e));
    const char *why = take_map(w, buf_span(&map));
    if (map.p)
        explicit_bzero(map.p, map.n);
    if (why)
        return cmd_fail(c, EXIT_ERROR, "%s: %s", file, why);
    int status = cmd_read_text(c, CMD_TEXT_MAX, w->charset_told ? &w->charset : NULL, in);
    if (status != EXIT_CLEAN)
        return status;
    why = restore_masked(w, buf_span(&in->utf8));
    if (why)
        return cmd_fail(c, EXIT_ERROR, "%s: %s", cmd_input_name(c), why);
    return cmd_write_text(c, in, buf_span(&w->text));
}

static int run_text(struct tool *t)
{
    struct cmd_text in = {0};
    struct worker *w = worker_open(t);
    if (!w)
        return cmd_fail(t->call, EXIT_ERROR, "out of memory");
    int status = restore_input(w, &in);
    cmd_text_free(&in);
    worker_close(w);
    return status;
}

static int run_lines(struct tool *t)
{
    const struct cmd_lines how = {t->call, t, worker_open, worker_close, restore_line};
    return cmd_lines_run(&how);
}

static int run(struct cmd_call *c)
{
    struct tool t = {.call = c};
    const char *key = cmd_value(c, "key-file");
    int status = cmd_input(c);
    if (status == EXIT_CLEAN && key)
        status = cmd_mask_key(c, key, false, &t.key);
    t.keyed = key && status == EXIT_CLEAN;
    if (status == EXIT_CLEAN)
        status = cmd_has(c, "jsonl") ? run_lines(&t) : run_text(&t);
    mask_key_free(&t.key);
    return status;
}

static const struct cmd_opt opts[] = {
    {"jsonl", 0, NULL, "read lines {\"id\",\"masked\",\"map\"}, write {\"id\",\"text\"}"},
    {"map", 0, "FILE", "without --jsonl: the map that sanctum mask --save-map wrote"},
    {"key-file", 0, "FILE", "the key of sanctum mask: encrypted values need no map"},
    {0}};

static const struct cmd_sub subs[] = {{"", "[FILE]", "turn tokens into values again", opts, run},
                                      {0}};

static const struct cmd_spec spec = {
    "restore", "turn tokens into values again", subs,
    "Reads a masked text from FILE or standard input and writes the original. A token is\n"
    "recognised in any case, with or without brackets, also as Markdown, HTML or a link\n"
    "spells it; what the map does not hold stays as it is. With the key that masked it, values\n"
    "that were encrypted come back without a map."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
