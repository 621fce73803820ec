/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the command: JSON as a tree, values to and from JSON, the suite's types. */
#ifndef SANCTUM_CMD_CEL_SUITE_INT_H
#define SANCTUM_CMD_CEL_SUITE_INT_H

#include "cel.h"
#include "json_put.h"

extern const unsigned char cel_messages_json[];
extern const unsigned long cel_messages_json_size;

/* A JSON value as a tree in an arena; depth as the reader's ceiling. */
struct dom {
    uint8_t type;      /* enum json_type */
    struct span text;  /* decoded string, or a number's text */
    struct span key;   /* its name in an object */
    struct dom *first; /* members or elements */
    struct dom *next;
};
MUST struct err dom_parse(struct span text, struct arena *a, struct dom **out);
/* A member, NULL when there is none. */
const struct dom *dom_get(const struct dom *object, const char *name);
struct span dom_text(const struct dom *object, const char *name);
bool dom_true(const struct dom *object, const char *name);
/* Text as a C string in the arena. */
const char *dom_str(struct span s, struct arena *a);

/* Message types from JSON as messages.json has it. */
MUST struct err types_load(struct cel_schema *s, struct span json, struct arena *a);

/* The suite's typed encoding of values, both ways, and plain JSON to a value. */
MUST struct err value_read(const struct dom *d, const struct cel_schema *s, struct arena *a,
                           struct cel_value *out);
MUST struct err value_plain(const struct dom *d, struct arena *a, struct cel_value *out);
MUST struct err value_put(struct json_put *p, const char *name, struct cel_value v,
                          struct arena *a);

/* Zones from the system's database, for cel_input.zone; arg is a struct buf. */
bool zone_read(void *arg, struct span name, struct span *tzif);

/* `eval --jsonl`: stdin to stdout; the exit status. */
struct cmd_call;
int suite_run(struct cmd_call *c, const struct cel_schema *s);

#endif
