/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP interface of Presidio's analyzer and anonymizer, served by sanctum's own detection: a
 * client of theirs works by changing a URL. This library turns one request body into one answer
 * body; sockets and access keys are the gate's.
 *
 *   POST /analyze            where personal data stands in a text or a list of texts
 *   POST /anonymize          carry out an operator on each of the given spans
 *   POST /deanonymize        undo `encrypt`
 *   GET  /recognizers  /supportedentities  /anonymizers  /deanonymizers
 *
 * Offsets are code points of the decoded JSON string; half a surrogate pair counts one. Errors are
 * {"error": "..."} with the statuses that clients of Presidio know (500 for a missing text, 422 for
 * a bad parameter). Where it differs on purpose: findings do not overlap unless the caller's own
 * recognisers make them; an expression in RE2's syntax that would need backtracking is refused
 * (400); where two spans of different types overlap partly, each operator gets the characters that
 * are its own, so none appears twice; names of assistants are not people.
 */
#ifndef SANCTUM_TRAFFIC_PRESIDIO_H
#define SANCTUM_TRAFFIC_PRESIDIO_H

#include "buf.h"
#include "ner.h"
#include "span.h"

enum presidio_call {
    PRESIDIO_NONE,
    PRESIDIO_ANALYZE,
    PRESIDIO_ANONYMIZE,
    PRESIDIO_DEANONYMIZE,
    PRESIDIO_RECOGNIZERS,
    PRESIDIO_ENTITIES,
    PRESIDIO_ANONYMIZERS,
    PRESIDIO_DEANONYMIZERS,
};

/* Which call is this? PRESIDIO_NONE when it is none; *known (may be NULL) then says whether the
 * path is one of these with another method. */
enum presidio_call presidio_route(struct span method, struct span path, bool *known);

/* A body is read when its media type (http_media_type) is JSON's, or it has none; for another the
 * status of the answer, and its body in *answer. 0: go on. */
unsigned presidio_refuse_type(enum presidio_call call, struct span media_type, struct span *answer);

/* The detector of one process: every type, threshold 0. About 2 MiB. Jobs may take turns. */
struct presidio;
/* `ner` is borrowed; NULL: names are not found. ERR_NOMEM and as mask_engine_new. */
MUST struct err presidio_new(const struct ner *ner, struct presidio **out);
void presidio_free(struct presidio *p);

/*
 * One call, in slices for a process that serves others in between: presidio_begin, presidio_step
 * until it says true, presidio_end. A slice takes about PRESIDIO_SLICE_NS; within one the look at a
 * long text takes turns (pace.h). What cannot be cut is one search of the caller's own expressions.
 * Cost: detection, about 1 ns a byte and the tagger's; the caller's own expressions are cut off
 * after a second of work.
 */
struct presidio_job;
enum { PRESIDIO_SLICE_NS = 500 * 1000 };
/* `query` is the URL's, without '?'; it, `body` and `out` are borrowed until the end. ERR_NOMEM. */
MUST struct err presidio_begin(struct presidio *p, enum presidio_call call, struct span query,
                               struct span body, struct buf *out, struct presidio_job **job);
/* Work on; true: it is done. */
bool presidio_step(struct presidio_job *j);
/* The HTTP status of the answer that was appended to `out`; the job is freed. Total: whatever goes
 * wrong (memory, `out` at its ceiling) is a 500 with an error body, or with none where not even
 * that fits; `out` never holds half an answer. A job that is not done leaves nothing in `out`.
 * NULL is 500. */
unsigned presidio_end(struct presidio_job *j);

/* All of it at once. */
unsigned presidio_serve(struct presidio *p, enum presidio_call call, struct span query,
                        struct span body, struct buf *out);

#endif
