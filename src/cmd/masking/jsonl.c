/* SPDX-License-Identifier: Apache-2.0 */
/* The loop over lines of the commands that take --jsonl. Frequent: thousands of short lines. */
#define _GNU_SOURCE
#include "jsonl.h"
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BUFFER = 256 << 10 };

bool cmd_lines_next(struct cmd_lines *l, struct span *line)
{
    if (!l->line) { /* the first: long reads and writes, before there was any; a person sees lines
                     */
        setvbuf(stdin, NULL, _IOFBF, BUFFER);
        setvbuf(stdout, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, BUFFER);
    }
    for (ssize_t n; (n = getline(&l->line, &l->cap, stdin)) > 0;) {
        l->number++;
        buf_clear(l->out);
        *line = span_trim(span(l->line, (size_t)n - (l->line[n - 1] == '\n')));
        if (n <= CMD_LINE_MAX)
            return true;
        cmd_lines_put(l, "the line is longer than 32 MiB");
    }
    return false;
}

void cmd_lines_put(struct cmd_lines *l, const char *why)
{
    if (why) {
        l->bad = true;
        buf_clear(l->out);
        struct json_put p = json_put_to(l->out);
        json_put_object(&p, NULL);
        json_put_u64(&p, "line", l->number);
        json_put_text(&p, "error", why);
        json_put_end(&p);
    }
    fwrite(l->out->p, 1, l->out->n, stdout);
    putchar('\n');
}

int cmd_lines_end(struct cmd_lines *l, const struct cmd_call *c)
{
    free(l->line);
    if (ferror(stdin) || fflush(stdout))
        return cmd_fail(c, EXIT_ERROR, "cannot read or write");
    return l->bad ? EXIT_ERROR : EXIT_CLEAN;
}

/* The line was read whole to find the member: it is not read again. */
struct err cmd_get_text(struct span raw, struct buf *out)
{
    buf_clear(out);
    if (raw.n < 2 || raw.p[0] != '"')
        return err(ERR_INPUT);
    return json_unescape_buf(span_cut(raw, 1, raw.n - 2), JSON_LONE_KEEP, out);
}

void cmd_put_id(struct json_put *p, struct span raw)
{
    if (raw.n)
        json_put_raw(p, "id", raw);
    else
        json_put_null(p, "id");
}
