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

struct tool {
    struct cmd_call *call;
    struct mask_session *session;
    struct mask_key key;
    bool keyed; /* encrypted values need no map */
    struct buf masked, text, name, value, out;
};

/* Every member of the raw object into the session. */
static const char *read_map(struct tool *t, struct span raw)
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
        buf_clear(&t->name);
        buf_clear(&t->value);
        if (failed(json_unescape_buf(json_inner(&j, &k), JSON_LONE_REFUSE, &t->name)) ||
            failed(json_skip_value(&j, &value)) || failed(json_get_kept(value, &t->value)))
            return shape;
        if (failed(mask_session_add(t->session, buf_span(&t->name), buf_span(&t->value))))
            return "\"map\" names something that is no token, or one twice";
    }
}

static bool in_run(uint8_t c)
{
    return (uint8_t)(ascii_lower(c) - 'a') < 26 || (uint8_t)(c - '0') < 10 || c == '-' || c == '_';
}

/* Every value of the text that is encrypted under the key into the session. */
static struct err open_encrypted(struct tool *t, struct span text)
{
    static const char sign[] = "enc_";
    for (size_t at = 0, end; (at = span_search(text, at, span_str(sign))) < text.n; at = end) {
        end = at + sizeof sign - 1;
        while (end < text.n && in_run(text.p[end]))
            end++;
        struct span one = span_cut(text, at, end - at);
        buf_clear(&t->value);
        struct err e = mask_decrypt(&t->key, one, &t->value);
        if (!failed(e))
            e = mask_session_add(t->session, one, buf_span(&t->value));
        if (err_cat(e) != ERR_INPUT) /* another's, or seen before */
            TRY(e);
    }
    return OK;
}

/* t->masked, by the raw map (none: empty) and the key, into t->text; why it cannot be. */
static const char *restore_masked(struct tool *t, struct span map)
{
    buf_clear(&t->text);
    mask_session_reset(t->session);
    const char *why = map.n ? read_map(t, map) : NULL;
    if (why)
        return why;
    if (t->keyed && failed(open_encrypted(t, buf_span(&t->masked))))
        return "the text holds too many encrypted values";
    return failed(restore_text(t->session, buf_span(&t->masked), &t->text, NULL))
               ? "the text is too long"
               : NULL;
}

static const char *restore_line(struct tool *t, struct span line)
{
    enum { ID, MASKED, MAP, NAMES };
    const struct span names[NAMES] = {SPAN_LIT("id"), SPAN_LIT("masked"), SPAN_LIT("map")};
    struct span v[NAMES];
    if (failed(json_members(line, names, NAMES, v)))
        return "the line is no JSON object, or names a member twice";
    if (v[MASKED].n == 0 || (v[MAP].n == 0 && !t->keyed))
        return "the line needs \"masked\" and \"map\"";
    if (failed(cmd_get_text(v[MASKED], &t->masked)))
        return "\"masked\" must be a string";
    const char *why = restore_masked(t, v[MAP]);
    if (why)
        return why;
    struct json_put p = json_put_to(&t->out);
    json_put_object(&p, NULL);
    cmd_put_id(&p, v[ID]);
    json_put_kept(&p, "text", buf_span(&t->text));
    json_put_end(&p);
    return failed(json_put_done(&p)) ? "the text is too long" : NULL;
}

static int run_lines(struct tool *t)
{
    struct cmd_lines l = {.out = &t->out};
    struct span line;
    while (cmd_lines_next(&l, &line))
        cmd_lines_put(&l, restore_line(t, line));
    return cmd_lines_end(&l, t->call);
}

static int run_text(struct tool *t)
{
    const char *file = cmd_value(t->call, "map");
    if (!file && !t->keyed)
        return cmd_fail(t->call, EXIT_USAGE, "--map FILE or --key-file FILE is needed, or --jsonl");
    BUF_AUTO map = buf_init(CMD_LINE_MAX);
    struct err e = file ? file_read(file, &map) : OK;
    if (failed(e))
        return cmd_fail(t->call, EXIT_ERROR, "%s: %s", file, cmd_err_text(e));
    if (failed(file_read_fd(0, &t->masked)))
        return cmd_fail(t->call, EXIT_ERROR, "cannot read standard input");
    const char *why = restore_masked(t, buf_span(&map));
    if (why)
        return cmd_fail(t->call, EXIT_ERROR, "%s: %s", file ? file : "standard input", why);
    fwrite(t->text.p, 1, t->text.n, stdout);
    return fflush(stdout) ? EXIT_ERROR : EXIT_CLEAN;
}

static int run(struct cmd_call *c)
{
    struct tool t = {.call = c};
    const char *key = cmd_value(c, "key-file");
    t.masked = t.text = t.name = t.value = t.out = buf_init((size_t)CMD_LINE_MAX * 8);
    if (failed(mask_session_new(SIZE_MAX, &t.session)))
        return cmd_fail(c, EXIT_ERROR, "out of memory");
    int status = key ? cmd_mask_key(c, key, false, &t.key) : EXIT_CLEAN;
    t.keyed = key && status == EXIT_CLEAN;
    if (status == EXIT_CLEAN)
        status = cmd_has(c, "jsonl") ? run_lines(&t) : run_text(&t);
    mask_session_free(t.session);
    mask_key_free(&t.key);
    struct buf *all[] = {&t.masked, &t.text, &t.name, &t.value, &t.out};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buf_wipe(all[i]);
    return status;
}

static const struct cmd_opt opts[] = {
    {"jsonl", 0, NULL, "read lines {\"id\",\"masked\",\"map\"}, write {\"id\",\"text\"}"},
    {"map", 0, "FILE", "without --jsonl: the map that sanctum mask --save-map wrote"},
    {"key-file", 0, "FILE", "the key of sanctum mask: encrypted values need no map"},
    {0}};

static const struct cmd_sub subs[] = {{"", "", "turn tokens into values again", opts, run}, {0}};

static const struct cmd_spec spec = {
    "restore", "turn tokens into values again", subs,
    "Reads a masked text from standard input and writes the original. A token is recognised in\n"
    "any case, with or without brackets, also as Markdown, HTML or a link spells it; what the map\n"
    "does not hold stays as it is. With the key that masked it, values that were encrypted come\n"
    "back without a map."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
