/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands that write documents: encrypt, set, rotate, updatekeys, edit. */
#define _GNU_SOURCE
#include "file.h"
#include "json.h"
#include "sopscmd_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int rule_options(struct cmd_call *c, struct sops_policy *p)
{
    static const char *const names[] = {NULL,
                                        "unencrypted-suffix",
                                        "encrypted-suffix",
                                        "unencrypted-regex",
                                        "encrypted-regex",
                                        "unencrypted-comment-regex",
                                        "encrypted-comment-regex"};
    uint32_t given = 0;
    for (uint32_t i = 1; i < sizeof names / sizeof *names; i++) {
        const char *text = cmd_value(c, names[i]);
        if (text) {
            p->rule = (struct sops_rule){(enum sops_rule_kind)i, span_str(text)};
            given++;
        }
    }
    if (cmd_has(c, "mac-only-encrypted"))
        p->mac_only_encrypted = true;
    return given > 1 ? cmd_fail(c, EXIT_USAGE, "one selection rule at a time") : EXIT_CLEAN;
}

struct err read_clear(struct loaded *l, struct fault *f)
{
    struct span source = buf_span(&l->source);
    return l->format == SOPS_BINARY ? sops_read_bytes(&l->doc, source)
                                    : sops_read(&l->doc, source, l->format, f);
}

/* The clear document in another format. */
static struct err convert(struct loaded *l, enum sops_format as, struct fault *f)
{
    struct buf text = buf_init(SOPS_BYTES_MAX);
    struct err e = sops_write_as(&l->doc, as, &text, f);
    if (failed(e)) {
        buf_wipe(&text);
        return e;
    }
    unload(l);
    l->source = text;
    l->format = as;
    return read_clear(l, f);
}

int run_encrypt(struct cmd_call *c)
{
    struct loaded l;
    struct arena arena = arena_init(CMD_TEXTS);
    BUF_AUTO config = buf_init(CMD_TEXTS);
    BUF_AUTO out = buf_init(SOPS_BYTES_MAX);
    struct fault f = {0};
    static struct sops_policy p;
    int status = load_source(c, &l);
    enum sops_format as = l.format;
    if (status == EXIT_CLEAN)
        status = output_format(c, &as);
    if (status == EXIT_CLEAN)
        status = find_policy(c, l.path, &arena, &config, &p);
    if (status == EXIT_CLEAN)
        status = rule_options(c, &p);
    if (status == EXIT_CLEAN) {
        struct err read = read_clear(&l, &f), e = read;
        if (!failed(e) && as != l.format)
            e = convert(&l, as, &f);
        if (!failed(e))
            e = sops_encrypt(&l.doc, &p, NULL, &out, &f);
        status = failed(read) ? say_place(c, &l, e, &f)
                 : failed(e)  ? say(c, l.path, e, &f)
                              : put_result(c, &l, buf_span(&out), cmd_has(c, "in-place"));
    }
    unload(&l);
    arena_free(&arena);
    return status;
}

int run_rotate(struct cmd_call *c)
{
    struct loaded l;
    BUF_AUTO out = buf_init(SOPS_BYTES_MAX);
    struct fault f = {0};
    static struct sops_policy p;
    int status = load_open(c, &l);
    if (status == EXIT_CLEAN) {
        sops_policy_of(&l.doc, &p);
        struct err e = OK;
        if (cmd_value(c, "age")) {
            p.recipients = p.groups = p.threshold = 0;
            e = sops_policy_add(&p, span_str(cmd_value(c, "age")), 0);
        }
        if (!failed(e) && cmd_value(c, "add-age"))
            e = sops_policy_add(&p, span_str(cmd_value(c, "add-age")), 0);
        if (!failed(e) && cmd_value(c, "rm-age"))
            sops_policy_remove(&p, span_str(cmd_value(c, "rm-age")));
        if (!failed(e))
            e = sops_rotate(&l.doc, &p, &out, &f);
        status = failed(e) ? say(c, l.path, e, &f)
                           : put_result(c, &l, buf_span(&out), cmd_has(c, "in-place"));
    }
    unload(&l);
    return status;
}

int run_updatekeys(struct cmd_call *c)
{
    struct loaded l;
    struct arena arena = arena_init(CMD_TEXTS);
    BUF_AUTO config = buf_init(CMD_TEXTS);
    BUF_AUTO out = buf_init(SOPS_BYTES_MAX);
    struct fault f = {0};
    static struct sops_policy p;
    int status = load_open(c, &l);
    if (status == EXIT_CLEAN)
        status = find_policy(c, l.path, &arena, &config, &p);
    bool same = status == EXIT_CLEAN && sops_policy_is(&p, &l.doc);
    if (same)
        fprintf(stderr, "%s: already wrapped for the rule's recipients\n", l.path);
    if (status == EXIT_CLEAN && !same) {
        struct err e = sops_update_keys(&l.doc, &p, &out, &f);
        status = failed(e) ? say(c, l.path, e, &f) : put_result(c, &l, buf_span(&out), true);
    }
    if (status == EXIT_CLEAN && !same)
        fprintf(stderr,
                "%s: the data key is now wrapped for the rule's recipients. Who was removed "
                "still knows it: sanctum sops rotate makes a new one.\n",
                l.path);
    unload(&l);
    arena_free(&arena);
    return status;
}

/* ---- set ---- */

static int set_value(struct cmd_call *c, struct loaded *l, struct span json)
{
    BUF_AUTO out = buf_init(SOPS_BYTES_MAX);
    struct fault f = {0};
    bool changed;
    struct err e = sops_set(&l->doc, span_str(cmd_operand(c, 1)), json, &changed, &out, &f);
    if (failed(e))
        return say(c, l->path, e, &f);
    if (!changed && cmd_has(c, "idempotent"))
        return EXIT_CLEAN;
    return put_result(c, l, buf_span(&out), true);
}

static int read_value(struct cmd_call *c, struct buf *value)
{
    struct err e;
    bool from_stdin = cmd_has(c, "value-stdin") || cmd_operands(c) == 2;
    if (cmd_operands(c) != (from_stdin ? 2 : 3) ||
        (cmd_has(c, "value-stdin") && cmd_has(c, "value-file")))
        return cmd_fail(c, EXIT_USAGE,
                        "needs FILE, INDEX and a JSON value, as in: set f.yaml '[\"db\"][\"pw\"]' "
                        "'\"text\"' (the value may come by --value-file or standard input)");
    if (from_stdin)
        e = file_read_fd(STDIN_FILENO, value);
    else if (cmd_has(c, "value-file"))
        e = file_read(cmd_operand(c, 2), value);
    else
        e = buf_put(value, span_str(cmd_operand(c, 2)));
    return failed(e) ? cmd_fail(c, EXIT_ERROR, "cannot read the value: %s", cmd_err_text(e))
                     : EXIT_CLEAN;
}

int run_set(struct cmd_call *c)
{
    struct loaded l = {0};
    struct buf value = buf_init(SOPS_BYTES_MAX);
    int status = read_value(c, &value);
    if (status == EXIT_CLEAN)
        status = load_open(c, &l);
    if (status == EXIT_CLEAN)
        status = set_value(c, &l, buf_span(&value));
    buf_wipe(&value);
    unload(&l);
    return status;
}

int run_unset(struct cmd_call *c)
{
    struct loaded l = {0};
    struct fault f = {0};
    uint32_t node;
    BUF_AUTO out = buf_init(SOPS_BYTES_MAX);
    if (cmd_operands(c) != 2)
        return cmd_fail(c, EXIT_USAGE,
                        "needs FILE and INDEX, as in: unset f.yaml '[\"db\"][\"pw\"]'");
    int status = load_open(c, &l);
    if (status == EXIT_CLEAN) {
        struct span index = span_str(cmd_operand(c, 1));
        bool gone = cmd_has(c, "idempotent") && failed(sops_find(&l.doc, index, &node, &f));
        struct err e = gone ? OK : sops_unset(&l.doc, index, &out, &f);
        status = failed(e) ? say(c, l.path, e, &f)
                 : gone    ? EXIT_CLEAN
                           : put_result(c, &l, buf_span(&out), true);
    }
    unload(&l);
    return status;
}
