/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share: one request, its complaint, and reading its JSON. */
#ifndef SANCTUM_TRAFFIC_PRESIDIO_INT_H
#define SANCTUM_TRAFFIC_PRESIDIO_INT_H

#include "arena.h"
#include "detect.h"
#include "json.h"
#include "json_put.h"
#include "presidio.h"
#include "regex.h"

enum {
    REQUEST_ARENA = 128 << 20, /* memory one request may take besides its answer */
    TEXT_BYTES = 32 << 20,     /* one text */
    RECOGNISERS_MAX = 64,      /* ad-hoc recognisers of one request */
    PATTERNS_MAX = 64,         /* their expressions, deny lists counted */
    WORDS_MAX = 10000,         /* entries of any list of words */
    HITS_MAX = 1 << 20,        /* findings of one text */
    EXPLAINED_MAX = 4096, /* the first of them, whose reasons are told: about a millisecond each */
};

struct presidio {
    const struct ner *ner;
    struct mask_engine *engine; /* every type, threshold 0 */
    struct mask_work *work;
};

/* ---- request.c: one request ---- */

struct request {
    struct presidio *p;
    struct arena arena;
    unsigned status;   /* of the complaint; 0: none was made */
    struct buf why;    /* its sentence */
    uint64_t slice_ns; /* when this slice is over */
};

/* Is it? Asked after each piece of work. */
bool slice_over(const struct request *r);

/* Note what is wrong with the request; returns the error to hand up. The first complaint stays. */
MUST struct err complain(struct request *r, unsigned status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The body's one value, all of it accepted by the reader; complains when it is no JSON. */
MUST struct err read_root(struct request *r, struct span body, struct span *root);

/* A JSON value's type by its first byte. `raw` may be empty: a member that is not there. */
enum raw_type {
    RAW_ABSENT,
    RAW_NULL,
    RAW_BOOL,
    RAW_INTEGER,
    RAW_FLOAT,
    RAW_STRING,
    RAW_ARRAY,
    RAW_OBJECT
};
enum raw_type raw_type(struct span raw);
/* As Python sees it: absent, null, false, 0, "", [] and {} are not. */
bool raw_truthy(struct span raw);
/* Absent or null. */
bool raw_nothing(struct span raw);

/* Walk over the members of an object or the items of an array, given as raw bytes that a reader
 * has accepted. *more is false at the end. */
struct walk {
    struct json j;
};
MUST struct err walk_open(struct walk *w, struct span raw);
MUST struct err walk_member(struct walk *w, struct request *r, struct span *name,
                            struct span *value, bool *more);
MUST struct err walk_item(struct walk *w, struct span *value, bool *more);

/* How many items an array has, and whether all are strings. */
MUST struct err raw_count(struct span raw, size_t *n, bool *strings);

/* The decoded text of a raw string, in the request's arena; half a surrogate pair stays as
 * JSON_LONE_KEEP has it: it counts one (json_kept_count), and is told as it came. */
MUST struct err raw_text(struct request *r, struct span raw, struct span *out);

/* The list of strings that `raw` holds; an absent or null one is empty. */
struct words {
    struct span *v;
    size_t n;
};
MUST struct err raw_words(struct request *r, struct span raw, struct words *out, bool *bad);

/* Put members that a table names into fields of one struct: offsets of struct span. A member that
 * the table has not goes to *unknown (may be NULL). The last of two wins. */
struct member_to {
    const char *name;
    size_t at;
};
MUST struct err read_members(struct request *r, struct span raw, const struct member_to *table,
                             void *into, struct span *unknown);

/* ---- names.c ---- */

/* What Presidio calls the recogniser of a type. */
MUST struct err put_recogniser(enum entity e, struct buf *out);
void put_entities(struct json_put *p);
MUST struct err put_recognisers(struct json_put *p);
bool is_name_entity(enum entity e);

/* ---- hits.c: what was found ---- */

/* One recogniser's expression or deny list. */
struct pattern {
    struct regex *re;
    struct span name, source;
    double score;
    bool words;     /* must stand between word borders */
    unsigned flags; /* Python's */
    size_t window;  /* bytes of text that one search looks at for a beginning */
    const struct recogniser *of;
};

struct recogniser {
    struct span name, entity;
    struct words context;
};

struct hit {
    uint32_t start, end;  /* bytes */
    uint32_t first, last; /* code points, end exclusive */
    double score, base;   /* base: before context */
    struct span type;
    enum entity entity;       /* ENTITY_COUNT: an ad-hoc one */
    bool sure;                /* its check digits or form leave no doubt */
    const struct pattern *by; /* ad-hoc; NULL: sanctum's own */
    struct span supporting;   /* the context word that raised the score */
};

/* From which score a value of a type with check digits or a certain form is beyond doubt. */
#define SURE 0.9F
/* As clients expect scores: a value whose check digits or form leave no doubt (*sure) has 1, as
 * where Presidio's validation succeeds, and no score has more than three decimals. */
double api_score(const struct finding *f, bool *sure);

struct hits {
    struct hit *v;
    size_t n, cap;
};

MUST struct err hits_add(struct hits *h, struct hit one);
/* Drop a hit that lies inside one of the same type with at least its score; fill first and last;
 * order by falling score, then start, then falling length. */
void hits_settle(struct hits *h, struct span text);
/* Write them as the analyzer does. */
MUST struct err hits_put(struct json_put *p, const struct hits *h, bool explain);

/* ---- adhoc.c: the caller's own recognisers ---- */

struct adhoc {
    struct recogniser of[RECOGNISERS_MAX];
    struct pattern v[PATTERNS_MAX];
    size_t n_of, n;
    uint64_t spent_ns;
};
/* Python's flags as regex.h has them. */
unsigned python_flags(unsigned flags);
enum { PYTHON_FLAGS = 26 /* DOTALL, MULTILINE, IGNORECASE */, PYTHON_FLAGS_MAX = 511 };
/* Read `ad_hoc_recognizers`. Complains as Presidio does. */
MUST struct err adhoc_read(struct request *r, struct span raw, struct adhoc *a);
void adhoc_free(struct adhoc *a);
/* Append what pattern `i` finds from *at on, up to the end of the slice: the end of the text is
 * reached when *at is text.n. `context`: words of the request. */
MUST struct err adhoc_find(struct request *r, struct adhoc *a, size_t i, struct span text,
                           const struct words *context, size_t *at, struct hits *out);

/* ---- explain.c ---- */

/* Fill the base and the supporting word of a hit that `engine` found in `text`, `name` being its
 * field's name. Both stay where nothing near explains the score. The word is the request's. */
MUST struct err explain_hit(struct request *r, const struct mask_engine *engine, struct span name,
                            struct span text, struct hit *x);

/* ---- operator.c ---- */

/* An operator as the request configured it. */
struct operator_call {
    struct span entity; /* what it is for, or DEFAULT */
    struct span type;   /* its name */
    struct span raw;    /* the whole object, raw */
};

/* Carry it out on `text`, which is of `entity`; append the replacement. Complains when parameters
 * are not what the operator takes. `undo`: deanonymise. */
MUST struct err operator_run(struct request *r, const struct operator_call *o, bool undo,
                             struct span entity, struct span text, struct buf *out);
void put_operators(struct json_put *p, bool undo);

/* ---- analyze.c, anonymize.c ---- */

/* Memory is the request's; analysis_free when it is over, whatever it came to. */
struct analysis;
MUST struct err analysis_new(struct request *r, struct analysis **out);
void analysis_free(struct analysis *a);
/* Understand the body; then look at its texts until the slice or they are over. */
MUST struct err analysis_begin(struct analysis *a, struct span body, struct json_put *out);
MUST struct err analysis_step(struct analysis *a, struct json_put *out, bool *done);

MUST struct err anonymize(struct request *r, struct span body, bool undo, struct json_put *out);

#endif
