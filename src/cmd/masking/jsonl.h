/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON lines for programs: one line of standard input, one of standard output, in the same order,
 * answered by as many threads as there are processors.
 *
 * A bad line gives {"line":N,"error":"…"} and EXIT_ERROR at the end; the others are done. Who waits
 * for an answer before the next line has it: nothing is kept back while there is nothing to read.
 */
#ifndef SANCTUM_CMD_MASKING_JSONL_H
#define SANCTUM_CMD_MASKING_JSONL_H

#include "buf.h"
#include "cmdkit.h"
#include "json_put.h"

enum { CMD_LINE_MAX = 128 << 20, CMD_ANSWER_MAX = CMD_LINE_MAX * 8 };
/* A text without --jsonl, its map: a GiB, and what becomes of it. */
#define CMD_TEXT_MAX    ((size_t)1 << 30)
#define CMD_TEXT_OF_MAX ((size_t)4 * CMD_TEXT_MAX - 1)

struct cmd_lines {
    const struct cmd_call *call;
    void *common;
    /* What one thread needs; NULL: no memory. */
    void *(*open)(void *common);
    void (*close)(void *own);
    /* Append the answer to a line, which has no blanks around it; NULL, or why there is none: then
     * what was appended is taken back. Called by several threads at once, by each with its own. */
    const char *(*answer)(void *own, struct span line, struct buf *out);
};

/* All lines of standard input; the exit status. A line over CMD_LINE_MAX is a bad one. */
int cmd_lines_run(const struct cmd_lines *how);

/* The text of a member that json_members found in the line, in place of what `out` held; halves of
 * surrogate pairs as JSON_LONE_KEEP has them. ERR_INPUT: it is no string; ERR_LIMIT, ERR_NOMEM. */
MUST struct err cmd_get_text(struct span raw, struct buf *out);
/* The member "id" of an answer: as the caller wrote it, null where `raw` is empty. */
void cmd_put_id(struct json_put *p, struct span raw);

#endif
