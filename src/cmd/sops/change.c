/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands that write documents: encrypt, set, rotate, updatekeys, edit. */
#define _GNU_SOURCE
#include "file.h"
#include "json.h"
#include "sopscmd_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What an option of the command line says about the selection rule. */
static int rule_options(struct cmd_call *c, struct sops_policy *p)
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

static struct err read_clear(struct loaded *l, struct fault *f)
{
    struct span source = buf_span(&l->source);
    return l->format == SOPS_BINARY ? sops_read_bytes(&l->doc, source)
                                    : sops_read(&l->doc, source, l->format, f);
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
    if (status == EXIT_CLEAN)
        status = find_policy(c, l.path, &arena, &config, &p);
    if (status == EXIT_CLEAN)
        status = rule_options(c, &p);
    if (status == EXIT_CLEAN) {
        struct err e = read_clear(&l, &f);
        if (!failed(e))
            e = sops_encrypt(&l.doc, &p, NULL, &out, &f);
        status = failed(e) ? say(c, l.path, e, &f)
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
    if (status == EXIT_CLEAN) {
        struct err e = sops_update_keys(&l.doc, &p, &out, &f);
        status = failed(e) ? say(c, l.path, e, &f) : put_result(c, &l, buf_span(&out), true);
    }
    if (status == EXIT_CLEAN)
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

/* ---- edit ---- */

/* Run the person's editor on a file and wait. */
static int editor(struct cmd_call *c, const char *path)
{
    const char *name = getenv("SOPS_EDITOR");
    if (!name || !*name)
        name = getenv("EDITOR");
    if (!name || !*name)
        name = "vi";
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", "exec $0 \"$1\"", name, path, (char *)NULL);
        _exit(127);
    }
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
        return cmd_fail(c, EXIT_ERROR, "the editor %.100s did not end well", name);
    return EXIT_CLEAN;
}

/* The edited text, read back and sealed with what did not change taken over. */
static int take_edited(struct cmd_call *c, struct loaded *old, const char *path, struct span before)
{
    struct loaded l = {.format = old->format, .path = old->path};
    struct fault f = {0};
    BUF_AUTO out = buf_init(SOPS_BYTES_MAX);
    l.source = buf_init(SOPS_BYTES_MAX);
    int status = EXIT_CLEAN;
    struct err e = file_read(path, &l.source);
    if (!failed(e) && span_eq(before, buf_span(&l.source))) {
        status = cmd_fail(c, EXIT_CLEAN, "%s: nothing changed", old->path);
    } else {
        if (!failed(e))
            e = read_clear(&l, &f);
        if (!failed(e))
            e = sops_encrypt(&l.doc, NULL, &old->doc, &out, &f);
        status = failed(e) ? say(c, old->path, e, &f) : put_result(c, old, buf_span(&out), true);
    }
    unload(&l);
    return status;
}

/* A folder in memory of this user's alone, with a file of the same ending. */
static int edit_in(struct cmd_call *c, struct loaded *l, const char *dir)
{
    char path[4096];
    struct buf plain = buf_init(SOPS_BYTES_MAX);
    const char *slash = strrchr(l->path, '/');
    snprintf(path, sizeof path, "%s/%s", dir, slash ? slash + 1 : l->path);
    struct err e = sops_write_plain(&l->doc, &plain);
    if (!failed(e))
        e = file_replace(path, buf_span(&plain), 0600);
    int status = failed(e) ? say(c, l->path, e, NULL) : editor(c, path);
    if (status == EXIT_CLEAN)
        status = take_edited(c, l, path, buf_span(&plain));
    unlink(path);
    buf_wipe(&plain);
    return status;
}

int run_edit(struct cmd_call *c)
{
    struct loaded l;
    char dir[] = "/dev/shm/sanctum-XXXXXX", fallback[] = "/tmp/sanctum-XXXXXX";
    int status = load_open(c, &l);
    if (status == EXIT_CLEAN) {
        char *made = mkdtemp(dir);
        made = made ? made : mkdtemp(fallback);
        status = made ? edit_in(c, &l, made) : cmd_fail(c, EXIT_ERROR, "no folder for the editor");
        if (made)
            rmdir(made);
    }
    unload(&l);
    return status;
}
