/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the config is, and its text. Called once a start or reload; what the text says is load.c's.
 */
#include "file.h"
#include "proc.h"
#include "settings_load.h"

#include <stdio.h>
#include <stdlib.h>

const char settings_default_yaml[] = "version: 1\n"
                                     "listen: 127.0.0.1:4040\n"
                                     "providers:\n"
                                     "  echo: {kind: echo}\n"
                                     "models:\n"
                                     "  \"*\": [echo/*]\n";

struct err settings_load(const char *path, struct settings *out, struct conf_fault *f)
{
    if (!path)
        return settings_parse(span_str(settings_default_yaml), "built-in config", out, f);
    BUF_AUTO text = buf_init(CONF_BYTES_MAX + 1);
    *out = (struct settings){.arena = arena_init(SETTINGS_MEMORY_MAX)};
    struct err e = file_read(path, &text);
    if (err_cat(e) == ERR_LIMIT || !failed(e))
        return settings_parse(buf_span(&text), path, out, f);
    if (f) {
        *f = (struct conf_fault){0};
        snprintf(f->file, sizeof f->file, "%s", path);
        snprintf(f->text, sizeof f->text, "expected a readable file: %s",
                 err_cat(e) == ERR_IO ? strerror((int)err_detail(e)) : err_word(e));
    }
    return e;
}

struct err settings_path(const char *given, struct buf *path)
{
    buf_clear(path);
    const char *named = given ? given : getenv("SANCTUM_CONFIG");
    if (named && *named) {
        TRY(buf_puts(path, named));
        return buf_put_u8(path, 0);
    }
    const char *home = getenv("HOME"), *xdg = getenv("XDG_CONFIG_HOME");
    if (proc_uid() == 0)
        TRY(buf_puts(path, "/etc/sanctum/sanctum.yaml"));
    else if (xdg && *xdg == '/')
        TRY(buf_printf(path, "%s/sanctum/sanctum.yaml", xdg));
    else if (home && *home == '/')
        TRY(buf_printf(path, "%s/.config/sanctum/sanctum.yaml", home));
    TRY(buf_put_u8(path, 0));
    if (path->n == 1 || !file_exists((const char *)path->p))
        buf_clear(path);
    return OK;
}
