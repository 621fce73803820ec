/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON lines for programs: one line of standard input, one of standard output, in the same order.
 *
 *     struct cmd_lines l = {.out = &out};
 *     struct span line;
 *     while (cmd_lines_next(&l, &line))
 *         cmd_lines_put(&l, answer(line, &out)); // NULL, or why there is none
 *     return cmd_lines_end(&l, call);
 *
 * A bad line gives {"line":N,"error":"…"} and EXIT_ERROR at the end; the others are done.
 */
#ifndef SANCTUM_CMD_MASKING_JSONL_H
#define SANCTUM_CMD_MASKING_JSONL_H

#include "buf.h"
#include "cmdkit.h"
#include "json_put.h"

enum { CMD_LINE_MAX = 32 << 20 };

struct cmd_lines {
    struct buf *out;   /* one answer; borrowed, emptied before each line */
    struct buf in;     /* private: what was read and is not yet a line */
    struct buf said;   /* private: answers to be written */
    size_t at, looked; /* private: where in `in` the next line begins; no line feed before that */
    size_t number;
    bool bad, begun, ended, broken, too_long;
};

/* The next line without blanks around it, which lies there until the next call; false at the end.
 * One that is over CMD_LINE_MAX is answered here. What was answered is written before it waits for
 * more. */
bool cmd_lines_next(struct cmd_lines *l, struct span *line);
/* Write what `out` holds, or the error. */
void cmd_lines_put(struct cmd_lines *l, const char *why);
/* Write what is left; the exit status. */
int cmd_lines_end(struct cmd_lines *l, const struct cmd_call *c);

/* The text of a member that json_members found in the line, in place of what `out` held; halves of
 * surrogate pairs as JSON_LONE_KEEP has them. ERR_INPUT: it is no string; ERR_LIMIT, ERR_NOMEM. */
MUST struct err cmd_get_text(struct span raw, struct buf *out);
/* The member "id" of an answer: as the caller wrote it, null where `raw` is empty. */
void cmd_put_id(struct json_put *p, struct span raw);

#endif
