/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that get the values: as environment, or as a file that exists in memory only. */
#define _GNU_SOURCE
#include "file.h"
#include "sopscmd_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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
    if (n->meta || it->type == SOPS_COMMENT || it->type >= SOPS_NULL)
        return true;
    if (d->nodes[n->parent].parent != UINT32_MAX || n->index != UINT32_MAX)
        return false;
    char *name = strndup((const char *)n->name.p, n->name.n);
    char *value = strndup(it->plain.n ? (const char *)it->plain.p : "", it->plain.n);
    bool good = name && value && strlen(name) == n->name.n && strlen(value) == it->plain.n &&
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
    return status == EXIT_CLEAN ? become(c, command) : status;
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

int run_exec_file(struct cmd_call *c)
{
    struct loaded l;
    struct buf plain = buf_init(SOPS_BYTES_MAX);
    BUF_AUTO command = buf_init(1 << 20);
    char path[64];
    if (cmd_operands(c) != 2)
        return cmd_fail(c, EXIT_USAGE, "needs FILE and COMMAND, with {} for the clear file");
    int status = load_open(c, &l);
    int fd = status == EXIT_CLEAN ? memfd_create("sops", 0) : -1;
    struct err e = fd < 0 ? err(ERR_IO) : sops_write_plain(&l.doc, &plain);
    if (fd >= 0 && !failed(e))
        e = file_write_fd(fd, buf_span(&plain));
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    if (fd >= 0 && lseek(fd, 0, SEEK_SET) == 0 && !failed(e))
        e = fill_in(cmd_operand(c, 1), path, &command);
    buf_wipe(&plain);
    if (status == EXIT_CLEAN && failed(e))
        status = say(c, l.path, e, NULL);
    unload(&l);
    return status == EXIT_CLEAN ? become(c, (const char *)command.p) : status;
}
