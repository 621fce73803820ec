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

#include <stdio.h>
#include <stdlib.h>

enum { LINE_MAX_BYTES = 32 << 20 };

struct tool {
    struct cmd_call *call;
    struct mask_session *session;
    struct buf masked, text, key, value, out;
    bool bad;
};

/* Every member of the raw object into the session. */
static const char *read_map(struct tool *t, struct span raw)
{
    static const char shape[] = "\"map\" must be an object of tokens and texts";
    struct json j = json_of(raw);
    struct json_token k;
    mask_session_reset(t->session);
    if (failed(json_next(&j, &k)) || k.type != JSON_OBJECT)
        return shape;
    for (;;) {
        struct span value;
        if (failed(json_next(&j, &k)))
            return shape;
        if (k.type == JSON_OBJECT_END)
            return NULL;
        buf_clear(&t->key);
        buf_clear(&t->value);
        if (failed(json_unescape_buf(json_inner(&j, &k), JSON_LONE_REFUSE, &t->key)) ||
            failed(json_skip_value(&j, &value)) || failed(json_get_string(value, &t->value)))
            return shape;
        if (failed(mask_session_add(t->session, buf_span(&t->key), buf_span(&t->value))))
            return "\"map\" names something that is no token, or one twice";
    }
}

static const char *restore_line(struct tool *t, struct span line)
{
    struct span id, masked, map;
    if (failed(json_find(line, &id, "id", NULL)) ||
        failed(json_find(line, &masked, "masked", NULL)) ||
        failed(json_find(line, &map, "map", NULL)))
        return "the line is no JSON object, or names a member twice";
    if (masked.n == 0 || map.n == 0)
        return "the line needs \"masked\" and \"map\"";
    buf_clear(&t->masked);
    buf_clear(&t->text);
    buf_clear(&t->out);
    if (failed(json_get_string(masked, &t->masked)))
        return "\"masked\" must be a string of whole characters";
    const char *why = read_map(t, map);
    if (why)
        return why;
    if (failed(restore_text(t->session, buf_span(&t->masked), &t->text, NULL)))
        return "the text is too long";
    struct json_put p = json_put_to(&t->out);
    json_put_object(&p, NULL);
    if (id.n)
        json_put_raw(&p, "id", id);
    else
        json_put_null(&p, "id");
    json_put_str(&p, "text", buf_span(&t->text));
    json_put_end(&p);
    return failed(json_put_done(&p)) ? "the text is too long" : NULL;
}

static void bad_line(struct tool *t, size_t number, const char *why)
{
    t->bad = true;
    buf_clear(&t->out);
    struct json_put p = json_put_to(&t->out);
    json_put_object(&p, NULL);
    json_put_u64(&p, "line", number);
    json_put_text(&p, "error", why);
    json_put_end(&p);
}

static int run_lines(struct tool *t)
{
    char *line = NULL;
    size_t cap = 0, number = 0;
    for (ssize_t n; (n = getline(&line, &cap, stdin)) > 0;) {
        number++;
        struct span s = span_trim(span(line, (size_t)n - (line[n - 1] == '\n')));
        const char *why =
            n > LINE_MAX_BYTES ? "the line is longer than 32 MiB" : restore_line(t, s);
        if (why)
            bad_line(t, number, why);
        fwrite(t->out.p, 1, t->out.n, stdout);
        putchar('\n');
    }
    free(line);
    if (ferror(stdin) || fflush(stdout))
        return cmd_fail(t->call, EXIT_ERROR, "cannot read or write");
    return t->bad ? EXIT_ERROR : EXIT_CLEAN;
}

static int run_text(struct tool *t)
{
    const char *file = cmd_value(t->call, "map");
    if (!file)
        return cmd_fail(t->call, EXIT_USAGE, "--map FILE is needed, or --jsonl");
    BUF_AUTO map = buf_init(LINE_MAX_BYTES);
    struct err e = file_read(file, &map);
    if (failed(e))
        return cmd_fail(t->call, EXIT_ERROR, "%s: %s", file, cmd_err_text(e));
    const char *why = read_map(t, buf_span(&map));
    if (why)
        return cmd_fail(t->call, EXIT_ERROR, "%s: %s", file, why);
    if (failed(file_read_fd(0, &t->masked)) ||
        failed(restore_text(t->session, buf_span(&t->masked), &t->text, NULL)))
        return cmd_fail(t->call, EXIT_ERROR, "cannot read standard input");
    fwrite(t->text.p, 1, t->text.n, stdout);
    return fflush(stdout) ? EXIT_ERROR : EXIT_CLEAN;
}

static int run(struct cmd_call *c)
{
    struct tool t = {.call = c};
    t.masked = t.text = t.key = t.value = t.out = buf_init((size_t)LINE_MAX_BYTES * 8);
    if (failed(mask_session_new(SIZE_MAX, &t.session)))
        return cmd_fail(c, EXIT_ERROR, "out of memory");
    int status = cmd_has(c, "jsonl") ? run_lines(&t) : run_text(&t);
    mask_session_free(t.session);
    struct buf *all[] = {&t.masked, &t.text, &t.key, &t.value, &t.out};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buf_wipe(all[i]);
    return status;
}

static const struct cmd_opt opts[] = {
    {"jsonl", 0, NULL, "read lines {\"id\",\"masked\",\"map\"}, write {\"id\",\"text\"}"},
    {"map", 0, "FILE", "without --jsonl: the map that sanctum mask --save-map wrote"},
    {0}};

static const struct cmd_sub subs[] = {{"", "", "turn tokens into values again", opts, run}, {0}};

static const struct cmd_spec spec = {
    "restore", "turn tokens into values again", subs,
    "Reads a masked text from standard input and writes the original. A token is recognised in\n"
    "any case, with or without brackets, also as Markdown, HTML or a link spells it; what the map\n"
    "does not hold stays as it is."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
