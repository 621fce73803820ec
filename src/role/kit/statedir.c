/* SPDX-License-Identifier: Apache-2.0 */
/* The state directory: found, made private, locked. */
#include "statedir.h"

#include "disk.h"
#include "path.h"
#include "proc.h"

static bool is_set(const char *v)
{
    return v && *v;
}

static struct err choose(const char *given, struct buf *path)
{
    const char *v;
    if (given)
        return buf_puts(path, given);
    if (is_set(v = proc_env("SANCTUM_STATE")))
        return buf_puts(path, v);
    if (proc_uid() == 0)
        return buf_puts(path, "/var/lib/sanctum");
    if (is_set(v = proc_env("XDG_STATE_HOME")))
        return buf_printf(path, "%s/sanctum", v);
    if (is_set(v = proc_env("HOME")))
        return buf_printf(path, "%s/.local/state/sanctum", v);
    return err(ERR_INPUT);
}

struct err statedir_path(const char *given, struct buf *path)
{
    BUF_AUTO found = buf_init(STATEDIR_MAX);
    TRY(choose(given, &found));
    if (found.n == 0)
        return err(ERR_INPUT);
    if (found.p[0] != '/') {
        BUF_AUTO here = buf_init(STATEDIR_MAX);
        TRY(path_current_dir(&here));
        TRY(buf_put(path, buf_span(&here)));
        TRY(buf_put_u8(path, '/'));
    }
    TRY(buf_put(path, buf_span(&found)));
    return path->n <= STATEDIR_MAX ? OK : err(ERR_INPUT);
}

struct err statedir_open(const char *path, int *lock)
{
    *lock = -1;
    TRY(path_private_dir(path));
    BUF_AUTO name = buf_init(STATEDIR_MAX + 8);
    TRY(buf_printf(&name, "%s/lock", path));
    TRY(buf_put_u8(&name, 0));
    return disk_lock((const char *)name.p, lock);
}

struct err statedir_socket(const char *path, struct buf *out)
{
    return buf_printf(out, "%s/control.sock", path);
}
