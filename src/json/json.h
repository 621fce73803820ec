/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON (RFC 8259) as positions: a pull reader over borrowed bytes. It never copies, allocates or
 * recurses; a token says where its bytes lie, so that a caller can change some of them and pass the
 * rest on untouched (splice.h). Numbers stay text.
 *
 * Strict: the whole input must be valid UTF-8 without a byte order mark, one value with nothing but
 * blanks around it; control characters in strings, unknown escapes and a trailing comma are
 * refused. Two things are left to the caller because the grammar allows them: duplicate keys
 * (struct json_keys) and escapes of lone surrogates (token.lone).
 *
 *     struct json j = json_of(body);
 *     struct json_token t;
 *     do {
 *         TRY(json_next(&j, &t));      // on failure j.fault says where and why
 *     } while (t.type != JSON_END);
 *
 * Cost: about 0.3 ns a byte in long strings, 10 ns a token. Memory: the struct itself.
 */
#ifndef SANCTUM_JSON_JSON_H
#define SANCTUM_JSON_JSON_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "span.h"
#include "wr.h"

enum {
    JSON_DEPTH = 128,     /* containers inside each other, unless the caller says less or more */
    JSON_DEPTH_MAX = 512, /* the most a caller may ask for: the reader's stack has one bit each */
};

enum json_type {
    JSON_END, /* the value is complete and nothing follows; every further call says so again */
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
    JSON_KEY, /* a member's name; its value is the next token */
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

struct json_token {
    uint32_t start, end; /* raw bytes in the input, end exclusive; strings with their quotes */
    uint16_t depth;      /* containers around it; the same for a container's begin and end */
    uint8_t type;        /* enum json_type */
    bool escaped : 1;    /* string or key: holds at least one backslash */
    bool lone : 1;       /* string or key: holds an escape that is half a surrogate pair */
};

struct json {
    struct span in;
    size_t at;                             /* the next byte to read */
    uint32_t depth;                        /* containers open */
    uint32_t max_depth;                    /* ceiling for it */
    uint8_t state;                         /* private: what the grammar allows next */
    struct err e;                          /* the first failure, returned by every later call */
    struct fault fault;                    /* where and why, after a failure */
    uint64_t objects[JSON_DEPTH_MAX / 64]; /* private: bit d: container d is an object */
};

/* A reader over `in`, which must outlive it. Inputs of 4 GiB and more fail with ERR_LIMIT. */
struct json json_of(struct span in);
/* The same with another ceiling of depth, 1..JSON_DEPTH_MAX. */
struct json json_of_depth(struct span in, unsigned max_depth);

/* The next token. ERR_INPUT when the bytes are no JSON, ERR_LIMIT when it is nested too deep. */
MUST struct err json_next(struct json *j, struct json_token *t);
/*
 * Read one whole value where one stands next (at the start, after a key, in an array); *raw (may be
 * NULL) gets its bytes without blanks around. Everything in it is checked as json_next would. Where
 * an array or object ends instead, ERR_INPUT.
 */
MUST struct err json_skip_value(struct json *j, struct span *raw);
/* After a JSON_OBJECT or JSON_ARRAY token: read up to its end; `open` is that token; its `end`
 * becomes the end of the whole container. */
MUST struct err json_skip_rest(struct json *j, struct json_token *open);

/* The token's raw bytes. */
static inline struct span json_raw(const struct json *j, const struct json_token *t)
{
    return span_cut(j->in, t->start, t->end - t->start);
}

/* A string or key without its quotes, still escaped. */
static inline struct span json_inner(const struct json *j, const struct json_token *t)
{
    return span_cut(j->in, t->start + 1, t->end - t->start - 2);
}

/* Is the string's or key's decoded text exactly `text`? Cheap when nothing is escaped. */
bool json_text_is(const struct json *j, const struct json_token *t, struct span text);

/* ---- strings ---- */

enum json_lone {
    JSON_LONE_REFUSE,  /* ERR_INPUT: for text that is interpreted */
    JSON_LONE_REPLACE, /* U+FFFD in the decoded text: for text that is searched, while the raw bytes
                          go on as they are */
    JSON_LONE_KEEP,    /* three bytes that no UTF-8 holds (0xed, 0xa0..0xbf, ..): for text that is
                          searched and goes back through json_escape_kept */
};

/* One escape of a raw string: where it stands in the raw bytes and in the decoded text. */
struct json_escape_at {
    uint32_t raw, text;
    uint8_t raw_n, text_n; /* bytes: raw 2, 6 or 12; text 1..4 */
};

/*
 * Offsets of decoded text back to raw bytes. Give memory for `cap` entries (raw.n / 2 is always
 * enough; json_escapes counts); json_unescape fills it. Lookups are binary searches.
 */
struct json_map {
    struct json_escape_at *v;
    size_t n, cap;
};

/* How many escapes the raw content holds (a pair of surrogates counts once or twice): the entries a
 * map for it may need at most. */
size_t json_escapes(struct span raw);
/*
 * Decode `raw` (a string's content without quotes, as a token gave it) into `out`; never longer
 * than raw.n bytes. `map` may be NULL. ERR_INPUT on a lone surrogate under JSON_LONE_REFUSE or on
 * bytes that no reader accepted; ERR_LIMIT when out or map is too small.
 */
MUST struct err json_unescape(struct span raw, enum json_lone lone, struct wr *out,
                              struct json_map *map);
/* The same, appended to a buffer. */
MUST struct err json_unescape_buf(struct span raw, enum json_lone lone, struct buf *out);
/*
 * The raw offset that belongs to an offset of the decoded text. An offset inside the bytes of one
 * escape goes to the escape's start (`_start`) or its end (`_end`): an edit never cuts an escape.
 */
size_t json_map_start(const struct json_map *m, size_t text);
size_t json_map_end(const struct json_map *m, size_t text);

/*
 * Append `text` as the content of a JSON string, without quotes. Minimal escapes, as RFC 8785
 * prescribes: quote, backslash and control characters; everything else as it is. `text` must be
 * UTF-8: bytes that are not become U+FFFD.
 */
MUST struct err json_escape(struct span text, struct buf *out);
/* The same for text of JSON_LONE_KEEP: its halves of surrogate pairs become their escapes again. */
MUST struct err json_escape_kept(struct span text, struct buf *out);
/* Code points of such text, and bytes of the one at `at` (< text.n): half a pair counts one. */
size_t json_kept_count(struct span text);
size_t json_kept_next(struct span text, size_t at);
/* The same for text inside JSON that itself stands in a JSON string (tool arguments). */
MUST struct err json_escape_twice(struct span text, struct buf *out);

/* ---- duplicate keys ---- */

/*
 * Tells when a key comes twice in one object, names compared after decoding. Opt-in and linear: the
 * first few keys of the objects that are open, and a hash set (SipHash-1-3) of the other ones, in
 * the caller's arena. `seed` must be unguessable where an attacker writes the keys. Show it every
 * object's begin token and every key of the objects that matter; end tokens save memory.
 */
struct json_keys_object {
    uint32_t scope;      /* where it begins */
    uint32_t first, end; /* its first few keys in `seen` */
};
struct json_keys {
    struct arena *arena;
    uint64_t seed[2];
    struct json_key_slot *slots;
    size_t n, cap;
    struct span *seen;
    size_t seen_n, seen_cap;
    struct json_keys_object object[JSON_DEPTH_MAX + 1];
};
struct json_keys json_keys_of(struct arena *arena, const uint64_t seed[2]);
/* ERR_INPUT (with j->fault set) for a key seen before in the same object; ERR_LIMIT, ERR_NOMEM from
 * the arena. Other tokens: always OK. */
MUST struct err json_keys_see(struct json_keys *k, struct json *j, const struct json_token *t);

/* ---- known shapes ---- */

/*
 * Look up a path of member names, ended by NULL: json_find(body, &v, "usage", "total", NULL). *out
 * gets the value's raw bytes, empty when there is none or something on the way is no object.
 * The whole input is checked. ERR_INPUT also when a name on the path comes twice.
 */
MUST struct err json_find(struct span in, struct span *out, ...) __attribute__((sentinel));
/*
 * Several members of one object in one pass: out[i] gets the raw bytes of the member names[i],
 * empty when there is none or `in` is no object. Checks as json_find does; on an error all are
 * empty.
 */
enum { JSON_MEMBERS_MAX = 16 };
MUST struct err json_members(struct span in, const struct span *names, size_t n, struct span *out);
/* Raw value bytes (as json_find gives them) to a value. ERR_INPUT when it is of another type. */
MUST struct err json_get_string(struct span raw, struct buf *out);
/* As it, with halves of surrogate pairs as JSON_LONE_KEEP has them. */
MUST struct err json_get_kept(struct span raw, struct buf *out);
MUST struct err json_get_u64(struct span raw, uint64_t max, uint64_t *out);
MUST struct err json_get_bool(struct span raw, bool *out);
/* Correctly rounded; ERR_LIMIT when it overflows a double. */
MUST struct err json_get_double(struct span raw, double *out);
/* As a table shows it, in out[size] with a zero at the end: a string's text, any other value as it
 * is written, "-" for none and for what has no room (size is 2 at least). */
void json_get_shown(struct span raw, char *out, size_t size);

/* ---- for tests and benchmarks ---- */

enum json_engine { JSON_ENGINE_BEST, JSON_ENGINE_PLAIN, JSON_ENGINE_SSE2, JSON_ENGINE_AVX2 };
/* Force how strings are scanned. False, and nothing changed, when this machine has it not. */
bool json_force_engine(enum json_engine e);

#endif
