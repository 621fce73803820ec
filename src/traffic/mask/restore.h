/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restoring: tokens in an answer become the values they stand for, in whole bodies and in streams.
 *
 *   R1 Only tokens in the session's map are restored (M5); a restored value is never read again.
 *   R2 A token is recognised in any ASCII case, with or without its brackets, raw or spelt for
 *      Markdown (\< \_ \>), HTML (&lt; &#95; &gt;), JSON (\u003c) or a link (%3C).
 *   R3 The value is escaped for the place: JSON string, JSON inside a JSON string (tool arguments).
 *   R4 In a stream at most one token's length is held back per lane, and only what may still become
 *      a live token; it is released by the first byte that rules that out, and before the lane's
 *      end marker. Nothing follows the terminator.
 *   R5 The text of a lane is the same wherever the pieces were cut.
 *   R6 An event in which nothing changes goes out with the bytes it came in with. Signed reasoning
 *      is never changed.
 *   R7 What cannot be read is an error and is not forwarded.
 */
#ifndef SANCTUM_TRAFFIC_RESTORE_H
#define SANCTUM_TRAFFIC_RESTORE_H

#include "mask.h"

/* Append `text` restored. *n (may be NULL) += tokens restored. */
MUST struct err restore_text(const struct mask_session *s, struct span text, struct buf *out,
                             uint64_t *n);

/*
 * Append a whole answer body restored; `doc` is scratch. An upstream error body (any JSON) is
 * restored likewise. ERR_INPUT with *f filled when it is no JSON: do not forward it.
 */
MUST struct err restore_body(const struct mask_session *s, enum llm_surface surface,
                             struct llm_doc *doc, struct span body, struct buf *out, uint64_t *n,
                             struct fault *f);

/* The same for a masked request body: what the caller had sent, leaf by leaf (escapes in its JSON
 * may be spelt otherwise). For the echo provider's view, and for tests of M4. */
MUST struct err restore_request(const struct mask_session *s, enum llm_surface surface,
                                struct llm_doc *doc, struct span body, struct buf *out, uint64_t *n,
                                struct fault *f);

/* One stream. */
struct restore;
struct restore_options {
    bool drop_usage; /* the caller did not ask for the usage chunk: leave it out */
};
/* A restorer for one stream of `surface` (one that streams). Borrows session and doc: the doc is
 * scratch and may be shared by all streams of the thread. */
MUST struct err restore_open(const struct mask_session *s, enum llm_surface surface,
                             struct llm_doc *doc, const struct restore_options *o,
                             struct restore **out);
void restore_close(struct restore *r);
/*
 * Take one event as sse_next gave it and append complete framed events to `out`: usually one, none
 * when the event is left out, two when held text goes first. ERR_INPUT: no JSON; ERR_LIMIT: more
 * than RESTORE_LANES lanes. On failure the stream is over: restore_end with `cut`, then
 * llm_error_event.
 */
MUST struct err restore_event(struct restore *r, struct span name, struct span data,
                              struct buf *out);
/* The stream is over, by its end marker or cut short: append what was held back. After the
 * terminator nothing is ever held. */
MUST struct err restore_end(struct restore *r, bool cut, struct buf *out);
/* Tokens restored so far. */
uint64_t restore_count(const struct restore *r);
/* The sequence_number the next event of a Responses stream must carry. */
uint64_t restore_next_seq(const struct restore *r);
/* Bytes held back in all lanes: 0 when everything was passed on. */
size_t restore_held(const struct restore *r);

enum { RESTORE_LANES = 256 };

#endif
