/* SPDX-License-Identifier: Apache-2.0 */
/* The loop over lines of the commands that take --jsonl. Frequent: thousands of short lines, none
 * of them copied. */
#include "jsonl.h"
#include "file.h"
#include "json.h"

#include <unistd.h>

enum {
    BLOCK = 64 << 10, /* read at a time: what the nearest caches hold */
    MUCH = 4 * BLOCK, /* of answers to one block are written before its end */
};

static void write_said(struct cmd_lines *l)
{
    l->broken |= failed(file_write_fd(STDOUT_FILENO, buf_span(&l->said)));
    buf_clear(&l->said);
}

/* More of the input, behind what is left of it. */
static void read_more(struct cmd_lines *l)
{
    size_t n = 0;
    write_said(l); /* who waits for an answer before the next line has it */
    if (l->at) {
        buf_drop(&l->in, l->at);
        l->looked -= l->at;
        l->at = 0;
    }
    l->broken |= failed(buf_reserve(&l->in, BLOCK)) ||
                 failed(file_read_some(STDIN_FILENO, l->in.p + l->in.n, BLOCK, &n));
    l->in.n += n;
    l->ended = n == 0;
}

/* The next line with its line feed, if it has one; false: there is none yet. */
static bool cut_line(struct cmd_lines *l, struct span *line)
{
    struct span in = buf_span(&l->in);
    size_t feed = span_find(in, l->looked, '\n');
    bool whole = feed < in.n || (l->ended && (l->at < in.n || l->too_long));
    l->looked = feed < in.n ? feed + 1 : in.n;
    if (!whole && in.n - l->at > CMD_LINE_MAX) { /* it goes on for ever: none of it is kept */
        l->too_long = true;
        l->at = in.n;
    }
    if (!whole)
        return false;
    *line = span_cut(in, l->at, l->looked - l->at);
    l->at = l->looked;
    return true;
}

bool cmd_lines_next(struct cmd_lines *l, struct span *line)
{
    if (!l->begun) {
        l->in = buf_init((size_t)CMD_LINE_MAX + 2 * BLOCK);
        l->said = buf_init(l->out->max + 2 * MUCH);
        l->begun = true;
    }
    for (;;) {
        while (!cut_line(l, line)) {
            if (l->ended || l->broken)
                return false;
            read_more(l);
        }
        l->number++;
        buf_clear(l->out);
        bool fits = line->n <= CMD_LINE_MAX && !l->too_long;
        l->too_long = false;
        if (line->n && line->p[line->n - 1] == '\n')
            line->n--;
        *line = span_trim(*line);
        if (fits)
            return true;
        cmd_lines_put(l, "the line is longer than 32 MiB");
    }
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
    l->broken |= failed(buf_put(&l->said, buf_span(l->out))) || failed(buf_put_u8(&l->said, '\n'));
    if (l->said.n >= MUCH)
        write_said(l);
}

int cmd_lines_end(struct cmd_lines *l, const struct cmd_call *c)
{
    write_said(l);
    buf_wipe(&l->in);
    buf_wipe(&l->said);
    if (l->broken)
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
