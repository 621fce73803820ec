/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Framing of streamed answers: server-sent events (WHATWG HTML §9.2) and newline-delimited JSON,
 * behind one interface. Bytes in, whole events out, whatever the reads were. No sockets; the only
 * memory is the caller's buffer, which holds an event that is still incomplete.
 *
 * Events: line ends LF, CRLF and CR, also split between reads; a byte order mark at the start;
 * comments dropped; several data lines joined with LF; events without a data line dropped; unknown
 * fields ignored. Lines: one object a line, LF or CRLF, blank lines dropped. UTF-8 and JSON are not
 * looked at here.
 */
#ifndef SANCTUM_HTTP_SSE_H
#define SANCTUM_HTTP_SSE_H

#include "buf.h"

enum {
    SSE_EVENT_MAX = 1 << 20, /* bytes of one event's lines: the ceiling for the caller's buffer */
    SSE_NAME_MAX = 128,      /* bytes of an event name */
    SSE_ID_MAX = 256,        /* bytes of an id */
};

enum sse_kind {
    SSE_EVENTS, /* text/event-stream */
    SSE_LINES,  /* application/x-ndjson */
};

struct sse_event {
    struct span name;  /* empty without an event: field; always empty for SSE_LINES */
    struct span data;  /* data lines joined with LF, without a last LF */
    struct span id;    /* this event's id: field, empty without */
    uint64_t retry_ms; /* this event's retry: field */
    bool has_retry;
};

/* A reader. Invariants: S1 hold[0, data_n) is the pending event's data; S2 hold[data_n, n) is the
 * start of a line whose end has not come. */
struct sse {
    struct buf *hold; /* borrowed */
    size_t data_n;
    uint64_t retry_ms;
    bool has_data, has_retry, after_cr, clear;
    uint8_t kind, bom, name_n;
    uint16_t id_n;
    uint8_t name[SSE_NAME_MAX], id[SSE_ID_MAX];
};

/* `hold` is emptied and borrowed for the reader's life; its ceiling bounds one event
 * (SSE_EVENT_MAX where nothing smaller is wanted). */
void sse_init(struct sse *s, enum sse_kind kind, struct buf *hold);
/*
 * Take bytes from `in`; *used says how many. OK: *e is a whole event, its spans borrow from `in`,
 * the reader or its buffer and hold until the next call; call again with the rest. ERR_AGAIN: all
 * of `in` was taken and no event is complete. ERR_LIMIT: the event, its name or its id is too long;
 * ERR_NOMEM; after these the reader is of no further use. Linear in bytes however they are split.
 */
MUST struct err sse_next(struct sse *s, struct span in, size_t *used, struct sse_event *e);
/*
 * The stream ended. OK: *e is the last event, which lacked its blank line (or its line end);
 * ERR_CLOSED: nothing was pending. Whether the stream was complete is the dialect's to say.
 */
MUST struct err sse_end(struct sse *s, struct sse_event *e);

/* Append "event: NAME\n" (unless name is empty), "data: DATA\n", "\n", and nothing else: picky
 * clients accept no other form. ERR_INPUT when name or data holds CR or LF; then `out` is
 * unchanged. ERR_LIMIT, ERR_NOMEM from the buffer. */
MUST struct err sse_write(struct buf *out, struct span name, struct span data);
/* Append ": TEXT\n\n", a keep-alive comment in a block of its own. Errors as above. */
MUST struct err sse_write_comment(struct buf *out, struct span text);
/* Append DATA and LF: one line of SSE_LINES. Errors as above. */
MUST struct err sse_write_line(struct buf *out, struct span data);

#endif
