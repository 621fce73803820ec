/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing our own JSON: records, answers, command output. Compact, minimal escapes. The first error
 * sticks; ask once at the end with json_put_done.
 *
 *     struct json_put p = json_put_to(&buf);
 *     json_put_object(&p, NULL);
 *     json_put_str(&p, "id", id);
 *     json_put_u64(&p, "n", 3);
 *     json_put_end(&p);
 *     TRY(json_put_done(&p));
 *
 * `name` is the member's name inside an object and NULL inside an array and at the top. When the
 * members of each object are put in sorted order and every integer is below 2^53, the result is
 * canonical as RFC 8785 has it.
 */
#ifndef SANCTUM_JSON_JSON_PUT_H
#define SANCTUM_JSON_JSON_PUT_H

#include "buf.h"
#include "err.h"
#include "span.h"

struct json_put {
    struct buf *out;
    struct err e;     /* the first failure */
    uint32_t depth;   /* containers open, at most 64 */
    uint64_t objects; /* bit d: container d is an object */
    bool comma;       /* something stands before in this container */
};

struct json_put json_put_to(struct buf *out);
void json_put_object(struct json_put *p, const char *name);
void json_put_array(struct json_put *p, const char *name);
/* Close the innermost object or array. */
void json_put_end(struct json_put *p);
/* Text; bytes that are not UTF-8 become U+FFFD. */
void json_put_str(struct json_put *p, const char *name, struct span text);
/* Text of JSON_LONE_KEEP: halves of surrogate pairs become their escapes again. */
void json_put_kept(struct json_put *p, const char *name, struct span text);
void json_put_text(struct json_put *p, const char *name, const char *text);
void json_put_u64(struct json_put *p, const char *name, uint64_t v);
void json_put_i64(struct json_put *p, const char *name, int64_t v);
/* As jcs_number prints it; null for NaN and infinities. */
void json_put_double(struct json_put *p, const char *name, double v);
void json_put_bool(struct json_put *p, const char *name, bool v);
void json_put_null(struct json_put *p, const char *name);
/* A JSON value as it is: the caller vouches for it. */
void json_put_raw(struct json_put *p, const char *name, struct span json);
/* A member whose name is not a constant: put the name, then the value with name NULL. */
void json_put_key(struct json_put *p, struct span name);
/* The first failure; ERR_BUG when a container is still open. */
MUST struct err json_put_done(const struct json_put *p);

#endif
