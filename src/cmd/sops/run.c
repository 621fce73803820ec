/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that get the values: as environment, or as a file that exists in memory only. */
#define _GNU_SOURCE
#include "file.h"
#include "shell.h"
#include "sopscmd_int.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int become(struct cmd_call *c, const char *command)
{
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    return cmd_fail(c, EXIT_ERROR, "cannot run /bin/sh");
}

/* Top-level values only; a name or value with a NUL cannot be one. */
static bool put_variable(const struct sops_doc *d, const struct sops_item *it)
{
    const struct sops_node *n = &d->nodes[it->node];
    if (n->meta || it->type == SOPS_COMMENT || it->plain_type == SOPS_COMMENT ||
        it->type == SOPS_NULL)
        return true;
    if (d->nodes[n->parent].parent != UINT32_MAX || n->index != UINT32_MAX || it->type > SOPS_NULL)
        return false;
    struct span text = it->plain;
    if (it->plain_type == SOPS_BOOL) /* as every shell has it */
        text = span_is(text, "True") ? SPAN_LIT("true") : SPAN_LIT("false");
    char *name = strndup((const char *)n->name.p, n->name.n);
    char *value = strndup(text.n ? (const char *)text.p : "", text.n);
    bool good = name && value && strlen(name) == n->name.n && strlen(value) == text.n &&
                setenv(name, value, 1) == 0;
    free(name);
    free(value);
    return good;
}

int run_exec_env(struct cmd_call *c)
{
    struct loaded l;
    if (cmd_operands(c) != 2)
        return cmd_fail(c, EXIT_USAGE, "needs FILE and COMMAND");
    int status = load_open(c, &l);
    if (status == EXIT_CLEAN && cmd_has(c, "pristine"))
        clearenv();
    for (uint32_t i = 0; status == EXIT_CLEAN && i < l.doc.n_items; i++)
        if (!put_variable(&l.doc, &l.doc.items[i]))
            status = cmd_fail(c, EXIT_ERROR, "%s: only plain top-level values fit an environment",
                              l.path);
    const char *command = cmd_operand(c, 1);
    unload(&l);
    if (status != EXIT_CLEAN)
        return status;
    return cmd_has(c, "same-process") ? become(c, command)
                                      : shell_end_alike(shell_run(command, "sh", NULL));
}

/* Every {} becomes the path. */
static struct err fill_in(const char *command, const char *path, struct buf *out)
{
    struct span in = span_str(command), braces = SPAN_LIT("{}");
    for (size_t at = 0; at < in.n;) {
        size_t next = span_search(in, at, braces);
        TRY(buf_put(out, span_cut(in, at, next - at)));
        if (next < in.n)
            TRY(buf_puts(out, path));
        at = next + 2;
    }
    return buf_put_u8(out, 0);
}

/* The clear document as it comes out, in the format asked for. */
static struct err clear_text(struct loaded *l, enum sops_format as, struct buf *out,
                             struct fault *f)
{
    return as == l->format ? sops_write_plain(&l->doc, out) : sops_write_as(&l->doc, as, out, f);
}

/* A file without a name, in memory only, that the command inherits. */
static int with_memory(struct cmd_call *c, struct span plain)
{
    BUF_AUTO command = buf_init(1 << 20);
    char path[64];
    int fd = memfd_create("sops", 0);
    struct err e = fd < 0 ? err(ERR_IO) : file_write_fd(fd, plain);
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    if (!failed(e) && lseek(fd, 0, SEEK_SET) != 0)
        e = err(ERR_IO);
    if (!failed(e))
        e = fill_in(cmd_operand(c, 1), path, &command);
    return failed(e) ? cmd_fail(c, EXIT_ERROR, "%s", cmd_err_text(e))
                     : shell_run((const char *)command.p, "sh", NULL);
}

/* Wait for a reader of the pipe and give it the text, in a process of its own. */
static pid_t feed(const char *path, struct span plain)
{
    pid_t pid = fork();
    if (pid == 0) {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL); /* a command that is told to end may still read it */
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        _exit(fd < 0 || failed(file_write_fd(fd, plain)) ? 1 : 0);
    }
    return pid;
}

/* A file or a pipe with a name, gone when the command has ended. */
static int with_name(struct cmd_call *c, struct span plain, const char *name, bool pipe)
{
    char folder[PRIVATE_FOLDER], path[PRIVATE_FOLDER + NAME_MAX + 2];
    BUF_AUTO command = buf_init(1 << 20);
    pid_t feeder = -1;
    if (!*name || strchr(name, '/') || strlen(name) > NAME_MAX || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0)
        return cmd_fail(c, EXIT_USAGE, "--filename is a name without folders");
    if (!private_folder(folder))
        return cmd_fail(c, EXIT_ERROR, "no folder for the clear file");
    snprintf(path, sizeof path, "%s/%s", folder, name);
    struct err e = fill_in(cmd_operand(c, 1), path, &command);
    if (!failed(e) && !pipe)
        e = file_replace(path, plain, 0600);
    if (!failed(e) && pipe && mkfifo(path, 0600) < 0)
        e = err(ERR_IO);
    if (!failed(e) && pipe)
        feeder = feed(path, plain);
    int status = failed(e) ? cmd_fail(c, EXIT_ERROR, "%s", cmd_err_text(e))
                           : shell_run((const char *)command.p, "sh", NULL);
    if (feeder > 0 &&
        waitpid(feeder, NULL, WNOHANG) == 0) { /* shell takes leave of one that ended */
        kill(feeder, SIGKILL);                 /* nobody reads any more */
        waitpid(feeder, NULL, 0);
    }
    private_folder_end(folder);
    return status;
}

int run_exec_file(struct cmd_call *c)
{
    struct loaded l;
    struct buf plain = buf_init(SOPS_BYTES_MAX);
    struct fault f = {0};
    const char *name = cmd_value(c, "filename");
    bool no_pipe = cmd_has(c, "no-fifo");
    if (cmd_operands(c) != 2)
        return cmd_fail(c, EXIT_USAGE, "needs FILE and COMMAND, with {} for the clear file");
    int status = load_open(c, &l);
    enum sops_format as = l.format;
    if (status == EXIT_CLEAN)
        status = output_format(c, &as);
    struct err e = status == EXIT_CLEAN ? clear_text(&l, as, &plain, &f) : OK;
    if (failed(e))
        status = say(c, l.path, e, &f);
    unload(&l);
    if (status == EXIT_CLEAN)
        status = name || no_pipe
                     ? with_name(c, buf_span(&plain), name ? name : "tmp-file", !no_pipe)
                     : with_memory(c, buf_span(&plain));
    buf_wipe(&plain);
    return shell_end_alike(status);
}
