/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `edit`: the clear document in the person's editor, from a folder in memory that is this user's
 * alone. What is no document is offered to the editor again.
 */
#define _GNU_SOURCE
#include "file.h"
#include "shell.h"
#include "sopscmd_int.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool private_folder(char out[PRIVATE_FOLDER])
{
    shell_hold_signals();
    snprintf(out, PRIVATE_FOLDER, "/dev/shm/sanctum-XXXXXX");
    if (mkdtemp(out))
        return true;
    snprintf(out, PRIVATE_FOLDER, "/tmp/sanctum-XXXXXX");
    if (mkdtemp(out))
        return true;
    shell_release_signals();
    return false;
}

void private_folder_end(const char *folder)
{
    DIR *d = opendir(folder);
    for (const struct dirent *e; d && (e = readdir(d)) != NULL;)
        unlinkat(dirfd(d), e->d_name, 0); /* also what an editor left: copies, undo files */
    if (d)
        closedir(d);
    if (rmdir(folder) < 0)
        fprintf(stderr, "sanctum sops: clear text may still lie in %s\n", folder);
    shell_release_signals();
}

/* Run the person's editor on a file and wait. */
static int editor(struct cmd_call *c, const char *path)
{
    const char *name = getenv("SOPS_EDITOR");
    if (!name || !*name)
        name = getenv("EDITOR");
    if (!name || !*name)
        name = "vi";
    return shell_run("exec $0 \"$1\"", name, path)
               ? cmd_fail(c, EXIT_ERROR, "the editor %.100s did not end well", name)
               : EXIT_CLEAN;
}

/* What is edited: an open document, or a new one for the policy's recipients. */
struct work {
    struct loaded *l;
    const struct sops_policy *policy;
    char path[4096]; /* of the clear file */
    struct buf before;
    bool again; /* the last text was no document */
};

/* The edited text, read back and sealed with what did not change taken over. */
static int take_edited(struct cmd_call *c, struct work *w)
{
    struct loaded l = {.format = w->l->format, .path = w->l->path};
    struct fault f = {0};
    BUF_AUTO out = buf_init(SOPS_BYTES_MAX);
    l.source = buf_init(SOPS_BYTES_MAX);
    int status = EXIT_CLEAN;
    struct err e = file_read(w->path, &l.source);
    if (!failed(e) && span_eq(buf_span(&w->before), buf_span(&l.source))) {
        status = cmd_fail(c, EXIT_CLEAN, "%s: nothing changed", w->l->path);
    } else {
        if (!failed(e))
            e = read_clear(&l, &f);
        if (!failed(e))
            e = sops_encrypt(&l.doc, w->policy, w->policy ? NULL : &w->l->doc, &out, &f);
        w->again = err_cat(e) == ERR_INPUT;
        status = !failed(e) ? put_result(c, w->l, buf_span(&out), true)
                 : w->again ? say_place(c, &l, e, &f)
                            : say(c, w->l->path, e, &f);
    }
    unload(&l);
    return status;
}

/* Back to the editor? A line is waited for; the end of standard input says no. */
static bool once_more(void)
{
    int ch;
    (void)shell_signal_came(); /* while the editor ran it was the editor's */
    fputs("Press Enter to go on editing, Ctrl-C to give up.\n", stderr);
    while ((ch = getchar()) != EOF && ch != '\n')
        ;
    return ch == '\n' && !shell_signal_came();
}

static int edit_in(struct cmd_call *c, struct work *w, const char *folder)
{
    const char *slash = strrchr(w->l->path, '/');
    snprintf(w->path, sizeof w->path, "%s/%s", folder, slash ? slash + 1 : w->l->path);
    struct err e = file_replace(w->path, buf_span(&w->before), 0600);
    int status = failed(e) ? say(c, w->l->path, e, NULL) : EXIT_CLEAN;
    do {
        w->again = false;
        if (status == EXIT_CLEAN || status == EXIT_ERROR)
            status = editor(c, w->path);
        if (status == EXIT_CLEAN)
            status = take_edited(c, w);
    } while (w->again && once_more());
    return status;
}

static int edit(struct cmd_call *c, struct work *w)
{
    char folder[PRIVATE_FOLDER];
    if (!private_folder(folder))
        return cmd_fail(c, EXIT_ERROR, "no folder for the editor");
    int status = edit_in(c, w, folder);
    private_folder_end(folder);
    return status;
}

/* A file that is not there yet starts with one name and value. */
static int edit_new(struct cmd_call *c)
{
    static const char *const texts[] = {[SOPS_YAML] = "hello: world\n",
                                        [SOPS_JSON] = "{\n\t\"hello\": \"world\"\n}\n",
                                        [SOPS_DOTENV] = "hello=world\n",
                                        [SOPS_INI] = "[hello]\nname = world\n",
                                        [SOPS_BINARY] = ""};
    struct loaded l = {.path = cmd_operand(c, 0), .format = sops_format_of(cmd_operand(c, 0))};
    struct arena arena = arena_init(CMD_TEXTS);
    BUF_AUTO config = buf_init(CMD_TEXTS);
    static struct sops_policy p;
    struct work w = {.l = &l, .policy = &p, .before = buf_init(4096)};
    int status = find_policy(c, l.path, &arena, &config, &p);
    if (status == EXIT_CLEAN && failed(buf_puts(&w.before, texts[l.format])))
        status = cmd_fail(c, EXIT_ERROR, "out of memory");
    if (status == EXIT_CLEAN)
        status = edit(c, &w);
    buf_free(&w.before);
    arena_free(&arena);
    return status;
}

int run_edit(struct cmd_call *c)
{
    struct loaded l;
    const char *path = cmd_operand(c, 0);
    if (cmd_operands(c) != 1)
        return cmd_fail(c, EXIT_USAGE, "needs one FILE");
    if (!file_exists(path))
        return edit_new(c);
    struct work w = {.l = &l, .before = buf_init(SOPS_BYTES_MAX)};
    int status = load_open(c, &l);
    if (status == EXIT_CLEAN) {
        struct err e = sops_write_plain(&l.doc, &w.before);
        status = failed(e) ? say(c, l.path, e, NULL) : edit(c, &w);
    }
    buf_wipe(&w.before);
    unload(&l);
    return status;
}
