/* SPDX-License-Identifier: Apache-2.0 */
/* Printing that every command shares: error words, JSON strings, colour, progress. */
#include "cmdkit.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *cmd_err_text(struct err e)
{
    if (err_cat(e) == ERR_IO && err_detail(e))
        return strerror((int)err_detail(e));
    switch (err_cat(e)) {
    case ERR_INPUT:
        return "not well formed";
    case ERR_LIMIT:
        return "over a limit";
    case ERR_DENIED:
        return "not allowed";
    case ERR_CORRUPT:
        return "damaged or tampered with";
    case ERR_NOMEM:
        return "out of memory";
    default:
        return err_word(e);
    }
}

void cmd_json_string(void *file, struct span s)
{
    FILE *f = file;
    fputc('"', f);
    for (size_t at = 0; at < s.n;) {
        uint32_t cp;
        size_t n = utf8_next(s, at, &cp);
        uint8_t c = s.p[at];
        if (c == '"' || c == '\\')
            fprintf(f, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            fprintf(f, "\\u%04x", c);
        else if (n == 1 && c >= 0x80)
            fputs("\xef\xbf\xbd", f);
        else
            fwrite(s.p + at, 1, n, f);
        at += n;
    }
    fputc('"', f);
}

bool cmd_colour(void)
{
    const char *no = getenv("NO_COLOR");
    return (!no || !*no) && isatty(STDOUT_FILENO);
}

void cmd_progress(const char *label, uint64_t done, uint64_t total)
{
    if (!isatty(STDERR_FILENO) || total == 0)
        return;
    fprintf(stderr, "\r%s %3u %%%s", label, (unsigned)(done >= total ? 100 : done * 100 / total),
            done >= total ? "\n" : "");
}
