/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The API dialects as tables: which paths there are, how each is framed, where its text lives, what
 * its errors look like. Nothing here knows a socket, a policy or a token; the gate routes and
 * answers with it, traffic/mask and the restorer walk bodies with it.
 *
 * Sources: the type definitions that the providers' official clients publish, and what those
 * clients accept and send against a stub server.
 */
#ifndef SANCTUM_TRAFFIC_LLM_H
#define SANCTUM_TRAFFIC_LLM_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "span.h"

/* ---- surfaces ---- */

enum llm_dialect { LLM_OPENAI, LLM_ANTHROPIC, LLM_OLLAMA, LLM_DIALECTS };

enum llm_surface {
    LLM_NONE, /* unknown path: refuse */
#define SURFACE(id, ...) LLM_##id,
#include "llm_surfaces.def"
#undef SURFACE
    LLM_SURFACES,
};

/* How a streamed answer is framed. */
enum llm_framing {
    LLM_WHOLE,     /* this surface never streams */
    LLM_SSE_DATA,  /* server-sent events without event: lines */
    LLM_SSE_NAMED, /* server-sent events, each with its event: line */
    LLM_NDJSON,    /* one JSON object a line */
};

struct llm_surface_info {
    const char *name;   /* "openai.chat": stable, for records and metrics */
    const char *method; /* "POST" */
    const char *path;   /* "/v1/chat/completions"; a last "*" stands for one path segment */
    enum llm_dialect dialect;
    enum llm_framing framing;
    bool streams_by_default; /* without a "stream" member the answer is a stream (Ollama) */
    bool has_text;           /* the body is walked; false: only a method and a path go upstream */
};

/*
 * The surface of a request. `target` may carry a query, which is ignored. *known (may be NULL):
 * the path exists under another method (405 rather than 404).
 * GET /v1/models is one surface for OpenAI and Anthropic: LLM_MODELS; the dialect of the caller is
 * llm_caller_dialect's.
 */
enum llm_surface llm_route(struct span method, struct span target, bool *known);
const struct llm_surface_info *llm_info(enum llm_surface s);
/* Append the model that such a path names, percent spelling read ("meta%2Fllama" is how some
 * clients write a slash). For a path that llm_route gave LLM_MODEL. */
MUST struct err llm_path_model(enum llm_surface s, struct span path, struct buf *out);
/* The dialect in which to answer: the surface's, but Anthropic where an anthropic-version header
 * came with a shared path. For LLM_NONE: by the path's looks, OpenAI when nothing tells. */
enum llm_dialect llm_caller_dialect(enum llm_surface s, struct span target, bool anthropic_version);

/* ---- headers and query parameters ---- */

/* May this request header (any case) go upstream in this dialect? Everything else stays here. */
bool llm_header_up(enum llm_dialect d, struct span name);
/* May this response header go to the caller? */
bool llm_header_down(enum llm_dialect d, struct span name);
/* May this query parameter go upstream? */
bool llm_query_up(enum llm_surface s, struct span name);

/* ---- errors in the caller's dialect ---- */

/*
 * Append the error body for HTTP status `status`. `code` is ours, stable and lower-case
 * ("budget_exceeded"); `message` one English sentence, which must not hold content of a request.
 * `request_id` may be empty. Anthropic's error.type follows the status, the code goes to
 * error.details.error_code; OpenAI has both in place; Ollama has only a text: "code: message".
 */
MUST struct err llm_error(enum llm_dialect d, unsigned status, const char *code,
                          const char *message, struct span request_id, struct buf *out);
/* Append one framed in-band error for a stream that has begun; close after it. The surface must be
 * one that streams. `seq` is the next sequence_number of a Responses stream, 0 elsewhere. */
MUST struct err llm_error_event(enum llm_surface s, const char *code, const char *message,
                                uint64_t seq, struct buf *out);

/* ---- usage ---- */

/* Disjoint input buckets; `reasoning` is part of `output`, cache_write_1h of cache_write. */
struct llm_usage {
    uint64_t input;       /* uncached */
    uint64_t cache_read;  /* read from the provider's cache */
    uint64_t cache_write; /* written to it, every lifetime */
    uint64_t cache_write_1h;
    uint64_t output;
    uint64_t reasoning;
    uint64_t cost_nano; /* what the provider says it charged, in 10^-9 of its currency */
    bool seen;          /* the provider reported counts */
    bool has_cost;
};

/* Take the usage out of a whole answer. An answer without is no error (u->seen stays false).
 * ERR_INPUT when the body is no JSON. */
MUST struct err llm_usage_whole(enum llm_surface s, struct span body, struct llm_usage *u);
struct llm_doc;
/* The same out of an answer that llm_read_answer has read: without reading it again. */
MUST struct err llm_usage_read(enum llm_surface s, const struct llm_doc *answer,
                               struct llm_usage *u);

/* Some providers answer 200 and mean an error: the status that the body means, 502 where it names
 * none, 0 when it is an answer. A response of the Responses API holds its error beside its state.
 */
unsigned llm_error_inside(enum llm_surface s, struct span body);

/* What one event of a stream means. */
enum llm_event {
    LLM_EVENT_OPENING, /* roles, empty deltas, pings: nothing of the answer yet */
    LLM_EVENT_OUTPUT,  /* text, reasoning or a tool call */
    LLM_EVENT_FINISH,  /* a finish reason or usage: the end is near */
    LLM_EVENT_END,     /* the normal end marker */
    LLM_EVENT_ERROR,   /* in-band error */
};

/* A stream as seen so far: usage is kept up to date (running totals overwrite). Zero it to begin.
 */
struct llm_stream {
    struct llm_usage usage;
    bool output;   /* something of the answer has come: no fallback any more */
    bool ended;    /* the end marker has come */
    bool finished; /* a finish reason came last: some servers send no end marker */
    bool failed;   /* an in-band error has come */
};
/* Look at one event as the framing reader gave it. ERR_INPUT when its data is no JSON (and no
 * "[DONE]"): the stream cannot be trusted any more. */
MUST struct err llm_stream_see(struct llm_stream *st, enum llm_surface s, struct span name,
                               struct span data, enum llm_event *kind);

/* ---- bodies ---- */

/* How one position of a body is to be treated. */
enum llm_kind {
    LLM_SKIP,   /* kept byte-identical, not read: what only answers hold */
    LLM_TEXT,   /* a string of text */
    LLM_NAME,   /* an identifier or enumeration: kept unless it holds a value with a check or a
                   certain shape (mail address, card, IBAN, SSN, secret) */
    LLM_JSON,   /* a string that holds JSON (tool arguments); plain text when it does not parse */
    LLM_LABEL,  /* a short text where providers allow no brackets (messages[].name) */
    LLM_RESULT, /* a tool's result: text that is often JSON */
    LLM_ARG,    /* a string inside tool arguments or results; its key is context */
    LLM_NUMBER, /* a number there, or where text is expected */
    LLM_FIXED,  /* a number that the provider interprets: it cannot become a token */
    LLM_KEY,    /* an object key there, or one that no table knows and that may name somebody */
    LLM_OPAQUE, /* what a provider gave out and checks: signatures, encrypted content */
    LLM_SIGNED, /* reasoning text under a signature: kept byte-identical */
    LLM_DATA,   /* base64 or a data: link */
    LLM_NULLED, /* a whole value that masking makes wrong (logprobs) */
    LLM_END_OF, /* a finish reason: lanes of the same first index end here */
    LLM_SEQ,    /* sequence_number */
    LLM_AT,     /* in answers: a position in the text that leaf `key` - 1 is, or the lane's */
    LLM_AT_END, /* the same, exclusive */
    LLM_DOC_AT, /* in answers: a position in document at[1] of the request */
    LLM_DOC_AT_END,
};

/* Streamed text that belongs together. */
enum llm_lane {
    LLM_LANE_NONE, /* a whole value */
    LLM_LANE_TEXT,
    LLM_LANE_REFUSAL,
    LLM_LANE_REASONING,
    LLM_LANE_SUMMARY,
    LLM_LANE_ARGS,  /* fragments of JSON */
    LLM_LANE_CALL,  /* the same in OpenAI's older function_call */
    LLM_LANE_INPUT, /* fragments of a custom tool's plain input */
    LLM_LANE_CODE,
    LLM_LANE_AUDIO,
};

struct llm_leaf {
    uint32_t start, end; /* bytes of the body: strings with their quotes */
    uint32_t key;        /* LLM_ARG, LLM_NUMBER: where the raw key token starts; 0 = none */
    uint32_t unit;       /* index into doc.unit */
    uint32_t at[2];      /* streams: choice, block or output index; tool or content index.
                            Requests: at[0] is the number of the document it is the text of, from 1 */
    uint8_t kind;        /* enum llm_kind */
    uint8_t lane;        /* enum llm_lane */
    bool escaped;        /* the string holds backslashes */
    bool lone;           /* it holds half a surrogate pair */
    bool cited;          /* citations give positions in it */
    uint8_t depth;       /* containers around it */
};

/* Whose words a unit holds. */
enum llm_role { LLM_ROLE_OTHER, LLM_ROLE_SYSTEM, LLM_ROLE_USER, LLM_ROLE_ASSISTANT, LLM_ROLE_TOOL };

/* The order in which knowledge flows (M3), whatever the order of keys in the JSON. */
enum llm_phase { LLM_PHASE_SYSTEM, LLM_PHASE_TOOLS, LLM_PHASE_MESSAGES, LLM_PHASE_REST };

/* A message, the system prompt, the tool list, or the other members together. */
struct llm_unit {
    uint32_t start, end;  /* bytes of the body */
    uint32_t first, last; /* its leaves: [first, last) */
    uint8_t phase;        /* enum llm_phase */
    uint8_t role;         /* enum llm_role */
};

struct llm_facts {
    struct span model;                   /* decoded name, in the doc's arena or the body */
    uint32_t model_start, model_end;     /* raw bytes of the member's value; both 0 without one */
    bool stream;                         /* the answer will be a stream */
    bool include_usage;                  /* the caller asked for a usage chunk */
    uint32_t options_start, options_end; /* raw bytes of stream_options' value, or 0 */
    uint32_t usage_start, usage_end;     /* raw bytes of its include_usage' value, or 0 */
    bool tools;                          /* tools are offered */
    bool provider_state; /* previous_response_id, conversation: text kept elsewhere */
    bool stored;         /* store or background is on */
    bool token_ids;      /* input that cannot be read: token-id arrays, Ollama's context */
    bool thinking;       /* signed reasoning in the history */
    uint32_t data;       /* base64 parts */
    uint32_t remote;     /* links the provider would fetch, file ids */
    uint32_t documents;  /* document parts, counted as citations count them */
    uint64_t max_output; /* max_tokens and its relatives; 0 = not given */
    uint64_t choices;    /* n, at least 1 */
    uint32_t messages;
};

/* What an event of a stream is, beside its leaves. */
enum llm_event_type {
    LLM_TYPE_OTHER,
    LLM_TYPE_LANE_END, /* a lane's own end: content_block_stop, response.*.done */
    LLM_TYPE_FINISH,   /* everything ends: message_delta, message_stop, response.completed, done */
};

/*
 * A body that was read: facts and positions. Reuse one doc for many bodies; its lists keep their
 * memory. Borrow of the body.
 */
struct llm_doc {
    struct span body;
    struct arena arena;
    struct llm_facts facts;
    struct llm_leaf *leaf;
    size_t leaves, leaf_cap;
    struct llm_unit *unit;
    size_t units, unit_cap;
    uint32_t top_open;         /* offset of the outermost '{' */
    enum llm_event_type event; /* events only */
    struct span type;          /* raw type member of an event, without quotes */
    struct span id, created, model, item, fingerprint; /* raw values of an event, or empty */
    struct span usage;                                 /* raw usage object of a whole answer */
    uint32_t at[2];                                    /* top-level indexes of an event */
    uint64_t seed[2];                                  /* private: of the duplicate check */
};

enum {
    LLM_BODY_MAX = 32 << 20,  /* bytes of a request */
    LLM_LEAVES_MAX = 4 << 20, /* positions of one body */
    LLM_MESSAGES_MAX = 100000,
};

/* An empty doc. `seed`: 16 unguessable bytes, against keys chosen to collide. */
struct llm_doc llm_doc_of(const uint8_t seed[16]);
void llm_doc_free(struct llm_doc *d);

/*
 * Read a request body of a surface that has text: every string becomes a leaf, its kind by the
 * surface's table; numbers of five characters and more likewise (M1). Keys are leaves inside tool
 * arguments, results and metadata, and elsewhere where the table does not know them and they hold
 * more than lower-case letters. Fields and roles the table does not know are walked as text, never
 * dropped.
 * ERR_INPUT: no JSON, not an object, the same key twice in an object that is walked, a member of
 * the wrong type where it decides something (model, stream) or carries the conversation (messages,
 * their roles and contents, input, prompt, system, tools), no conversation where there must be one.
 * ERR_LIMIT: too large, too deep, too many leaves. *f (may be NULL) says where and why. Cost: one
 * pass, about 1 ns a byte.
 */
MUST struct err llm_read_request(struct llm_doc *d, enum llm_surface s, struct span body,
                                 struct fault *f);
/* The same for a whole answer. Duplicate keys are let through: they are the provider's. */
MUST struct err llm_read_answer(struct llm_doc *d, enum llm_surface s, struct span body,
                                struct fault *f);
/* The same for one event's data, with lanes. */
MUST struct err llm_read_event(struct llm_doc *d, enum llm_surface s, struct span data,
                               struct fault *f);
/* The same for tool arguments by themselves: any JSON value. */
MUST struct err llm_read_args(struct llm_doc *d, struct span json, struct fault *f);

/* Raw bytes of a leaf; a string's content without quotes. */
static inline struct span llm_leaf_raw(const struct llm_doc *d, const struct llm_leaf *l)
{
    return span_cut(d->body, l->start, l->end - l->start);
}
static inline struct span llm_leaf_inner(const struct llm_doc *d, const struct llm_leaf *l)
{
    return span_cut(d->body, l->start + 1, l->end - l->start - 2);
}

#endif
