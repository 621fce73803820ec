/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shape of a body: which member holds what. Arrays are transparent: a list of messages has the
 * shape of a message, a list of strings the kind of a string. shapes.c holds the tables, read.c
 * walks with them.
 */
#ifndef SANCTUM_TRAFFIC_LLM_SHAPE_INT_H
#define SANCTUM_TRAFFIC_LLM_SHAPE_INT_H

#include "llm.h"

/* Members that the reader itself understands, beside enum llm_kind. */
enum shape_kind {
    AS_ROLE = 32,      /* whose message this is; also a NAME */
    AS_TYPE,           /* the kind of a part or event; also a NAME */
    AS_SIGNATURE,      /* its object is signed */
    AS_CITED,          /* text that positions beside it count into */
    AS_TOKENS,         /* text, but numbers are token ids */
    AS_IDS,            /* token ids only */
    AS_MODEL,          /* the model's name */
    AS_STREAM,         /* the stream switch */
    AS_STREAM_OPTIONS, /* OpenAI's stream_options object */
    AS_INCLUDE_USAGE,  /* a member of it */
    AS_STATE,          /* leans on state at the provider */
    AS_STORED,         /* asks the provider to keep the exchange */
    AS_MAX_OUTPUT,     /* output token ceiling */
    AS_CHOICES,        /* n */
    AS_REMOTE,         /* NAME of a file kept at the provider */
    AS_AT0,            /* index of the enclosing object, first level */
    AS_AT1,            /* second level */
    AS_DONE,           /* Ollama's end marker */
    AS_ID,             /* raw values of an event */
    AS_CREATED,
    AS_EVENT_MODEL,
    AS_ITEM,
    AS_FINGERPRINT,
    AS_USAGE, /* the counts of a whole answer: as LLM_SKIP, and kept */
};

/* What a member of a request may be, where the surface leaves no doubt: a body that breaks it is
 * refused before anything of it is masked. Sets of 1 << enum json_type. */
struct shape_form {
    uint16_t is, of;  /* the member itself; where it is an array, its elements */
    bool required;    /* without it there is nothing to send */
    const char *must; /* what the caller is told: "messages must be a list of objects" */
};

struct shape;
struct shape_field {
    const char *name;
    uint8_t n;               /* strlen(name) */
    uint8_t kind;            /* enum llm_kind or shape_kind: of strings (and numbers) here */
    uint8_t lane;            /* enum llm_lane */
    uint8_t phase;           /* enum llm_phase: top-level members of requests */
    const struct shape *sub; /* of objects here; NULL with LLM_SKIP: nothing below is read; NULL
                                otherwise: shape_any */
    const struct shape_form *form; /* NULL: anything may stand there */
};

struct shape {
    const struct shape_field *field;
    uint8_t n;
    uint8_t rest;                 /* kind of members not listed */
    bool message;                 /* each object is a unit of its own */
    bool args;                    /* keys and numbers are leaves too */
    const struct shape *rest_sub; /* shape of their objects; NULL as in a field */
    const char *lacks; /* what the caller is told when its required member is missing; NULL: none */
};

extern const struct shape shape_any;  /* text everywhere */
extern const struct shape shape_args; /* tool arguments */
/* NULL for a surface without such a body. */
const struct shape *shape_request(enum llm_surface s);
const struct shape *shape_answer(enum llm_surface s);
const struct shape *shape_event(enum llm_surface s);

/* Read `body` by a shape into `d`, whose facts the caller has set up; `kind` is that of a value
 * that is no object. `strict`: a request (read.c). */
MUST struct err llm_read_shape(struct llm_doc *d, const struct shape *shape, unsigned kind,
                               bool strict, struct span body, struct fault *fault);

/* ---- words.c */

enum llm_role shape_role(struct span role);
/* Is this what a provider signs with? */
bool shape_signature(struct span s);
/* Could this name of a member be more than a name? */
bool shape_key_may_name(struct span key);

#endif
