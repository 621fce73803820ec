/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sanctum's settings: typed, checked, complete. Parent reads them from the config file
 * (settings_load.h), hands them to each role as one message (settings_encode), and a role reads
 * that message before it sandboxes itself (settings_decode). A role that only decodes links no
 * YAML.
 *
 * Every setting is one line of settings.def: name, type, range, default, reload class, help; it
 * drives the config reader, the message, `sanctum config show` and docs/CONFIG.md. The structs
 * below are the same settings as C sees them: sizes in bytes, durations in milliseconds, money in
 * nano-dollars (1 USD = 10^9). Spans are borrowed from the settings' own arena and live until
 * settings_free.
 */
#ifndef SANCTUM_ROLE_SETTINGS_SETTINGS_H
#define SANCTUM_ROLE_SETTINGS_SETTINGS_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "finding.h"
#include "span.h"

/* Ceilings of lists: far above any household or office, low enough for one message. */
enum {
    SETTINGS_LISTENERS_MAX = 16,
    SETTINGS_PROVIDERS_MAX = 64,
    SETTINGS_MODELS_MAX = 256,
    SETTINGS_TARGETS_MAX = 8, /* targets of one model pattern: the hops of a request */
    SETTINGS_PRICES_MAX = 1024,
    SETTINGS_BUDGETS_MAX = 256,
    SETTINGS_RECOGNISERS_MAX = 64,
    SETTINGS_PATTERNS_MAX = 64,            /* of one recogniser */
    SETTINGS_TEXTS_MAX = 4096,             /* entries of an allow or deny list */
    SETTINGS_MESSAGE_MAX = 1024 * 1024,    /* encoded size */
    SETTINGS_MEMORY_MAX = 8 * 1024 * 1024, /* arena ceiling of one struct settings */
};

/* The order of each enum is the order of its words in settings.def. */
enum settings_kind { KIND_OPENAI, KIND_ANTHROPIC, KIND_OLLAMA, KIND_ECHO };
enum settings_trust { TRUST_MASKED, TRUST_TRUSTED, TRUST_LOCAL };
enum settings_key_source { KEY_NONE, KEY_VAULT, KEY_CREDENTIAL, KEY_FILE };
enum settings_system { SYSTEM_ALL, SYSTEM_STRUCTURED, SYSTEM_SECRETS, SYSTEM_NONE };
enum settings_window {
    WINDOW_REQUEST,
    WINDOW_SESSION,
    WINDOW_DAY,
    WINDOW_WEEK,
    WINDOW_MONTH,
    WINDOW_TOTAL
};
enum settings_at_limit { AT_LIMIT_BLOCK, AT_LIMIT_LOCAL, AT_LIMIT_WARN };
enum settings_audit_mode { AUDIT_DURABLE, AUDIT_BATCHED };
enum settings_on_failure { ON_FAILURE_REFUSE, ON_FAILURE_ALLOW };
enum settings_log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

struct settings_texts {
    struct span *v;
    size_t n;
};

/* One listening address. Beyond loopback it has TLS or says plain_http. */
struct settings_listener {
    struct span address;     /* as written: "127.0.0.1:4040", "[::1]:4040", "unix:/path" */
    struct span as;          /* principal of clients that send no key; empty: a key is needed */
    struct span certificate; /* path of the PEM chain; empty: plain HTTP */
    struct span private_key; /* path of its PEM key */
    bool plain_http;         /* the owner accepts plain HTTP beyond loopback */
    /* derived from address */
    bool is_unix;
    struct span host; /* numeric address without brackets; or the socket's path */
    uint64_t port;    /* 1..65535; 0 for a Unix socket */
};

struct settings_timeouts { /* milliseconds */
    uint64_t header, body, connect, first_byte, between_events, total, drain, idle;
};

struct settings_masking {
    unsigned __int128
        entities;            /* bit (1 << enum entity): mask this type. SECRET follows `secrets` */
    bool secrets;            /* mask keys, passwords and tokens too */
    double threshold;        /* findings below this score are left */
    uint32_t system_prompts; /* enum settings_system: what is masked in system text */
    struct settings_texts allow;      /* exact values never masked */
    struct settings_texts deny;       /* exact values always masked */
    struct settings_texts thresholds; /* "TYPE=0.5", checked: settings_threshold reads one */
    struct settings_texts operators;  /* "TYPE=operator": settings_operator */
};

/* A recogniser of the owner's. */
struct settings_recogniser {
    struct span name, entity;
    struct settings_texts patterns; /* "0.8 expression": settings_pattern reads one */
    struct settings_texts words, context;
    double words_score;
};

/* What a value becomes. */
enum settings_operator_kind {
    OPERATOR_TOKEN,
    OPERATOR_SURROGATE,
    OPERATOR_ENCRYPT,
    OPERATOR_MASK,
    OPERATOR_HASH,
    OPERATOR_REDACT,
    OPERATOR_REPLACE,
    OPERATOR_KEEP,
};
struct settings_operator {
    struct span type; /* an entity's name, or DEFAULT */
    enum settings_operator_kind kind;
    struct span text; /* REPLACE: with this; empty: <TYPE> */
    uint64_t keep;    /* MASK: characters at the end that stay */
};

struct settings_provider {
    struct span name;
    uint32_t kind;                     /* enum settings_kind */
    uint32_t trust;                    /* enum settings_trust */
    struct span base_url;              /* without a trailing slash; empty for echo */
    struct span key;                   /* reference as written, "vault:openrouter"; empty: none */
    uint64_t pool;                     /* idle connections kept for each gate */
    bool private_network;              /* its host may resolve to a private address */
    struct settings_timeouts timeouts; /* complete: the general ones where it sets none */
    struct settings_masking masking;   /* complete, likewise */
    /* derived from base_url and key */
    bool tls;
    struct span host; /* without brackets */
    struct span path; /* "" or "/api/v1": goes before the dialect's own path */
    uint64_t port;
    uint32_t key_source;  /* enum settings_key_source */
    struct span key_name; /* what stands behind the colon */
};

struct settings_target {
    uint32_t provider; /* index into settings.providers */
    struct span model; /* "*": the name the client asked for */
};

/* What a client asks for → ordered targets. */
struct settings_model {
    struct span pattern; /* `*` stands for any text, "" too */
    struct settings_target *targets;
    size_t n_targets;
};

struct settings_price {  /* nano-dollars per million tokens */
    struct span pattern; /* "provider/model", `*` as in models */
    uint64_t input, cached_input, cache_write, output;
};

struct settings_budget {
    struct span key;   /* name of an access key; empty: all together */
    uint32_t window;   /* enum settings_window */
    uint64_t limit;    /* nano-dollars */
    uint32_t at_limit; /* enum settings_at_limit */
};

struct settings_audit {
    uint32_t mode;       /* enum settings_audit_mode */
    uint32_t on_failure; /* enum settings_on_failure */
};

struct settings_limits { /* bytes, except where the name says otherwise */
    uint64_t request_body, header, event, connections, buffered_total;
};

struct settings {
    struct arena arena; /* owns everything below */
    struct settings_listener *listeners;
    size_t n_listeners;
    struct settings_provider *providers;
    size_t n_providers;
    struct settings_model *models; /* in the order they are tried: see settings_route */
    size_t n_models;
    struct settings_price *prices;
    size_t n_prices;
    struct settings_budget *budgets;
    size_t n_budgets;
    struct settings_recogniser *recognisers;
    size_t n_recognisers;
    struct settings_masking masking;
    struct settings_audit audit;
    struct settings_limits limits;
    struct settings_timeouts timeouts;
    uint64_t gates;        /* processes that serve; 0: one a core */
    uint32_t log_level;    /* enum settings_log_level */
    struct span ca_file;   /* PEM bundle that upstream certificates are checked against */
    struct span time_zone; /* calendar of budgets, a name of the zone database */
};

/* Free everything and leave an empty value. Safe on a zeroed struct. */
void settings_free(struct settings *s);

/* ---- the hand-over ---- */

/* Append the message: magic, format number, every setting. At most SETTINGS_MESSAGE_MAX bytes. */
MUST struct err settings_encode(const struct settings *s, struct buf *out);
/*
 * Read the message back. Strict: every length, enum word, range and index is checked as the config
 * reader would, and no byte may remain. ERR_INPUT with `f` (may be NULL) filled; ERR_LIMIT,
 * ERR_NOMEM. On failure *out is empty. The message may be freed afterwards.
 */
MUST struct err settings_decode(struct span message, struct settings *out, struct fault *f);

enum { SETTINGS_DIGEST = 32 };
/* SHA-256 of the message: equal for equal settings, whatever the file's comments, order of sections
 * and spelling. Recorded as the rule version under which a request went out. */
MUST struct err settings_digest(const struct settings *s, uint8_t out[SETTINGS_DIGEST]);

/* ---- look-ups ---- */

/* Index of the provider called `name`, or n_providers. */
size_t settings_provider_find(const struct settings *s, struct span name);

/* The type called `name`: built-in, or ENTITY_OWN + i, i being its place among the recognisers'
 * types that are not; ENTITY_COUNT when there is none. */
enum entity settings_entity(const struct settings *s, struct span name);
/* The name of a type of the owner's; empty when there are not so many. */
struct span settings_own_type(const struct settings *s, size_t i);
/* Entries of lists, taken apart; ERR_INPUT with *expected (may be NULL) saying what was. */
MUST struct err settings_pattern(struct span entry, double *score, struct span *regex,
                                 const char **expected);
MUST struct err settings_threshold(struct span entry, struct span *type, double *threshold,
                                   const char **expected);
MUST struct err settings_operator(struct span entry, struct settings_operator *out,
                                  const char **expected);

struct settings_hop {
    uint32_t provider;
    struct span model; /* upstream name; borrowed from `asked` or the settings */
};
/*
 * The ordered targets for a model name that a client asks for; returns how many (0: no such model),
 * at most SETTINGS_TARGETS_MAX.
 * 1. "provider/model" with the name of a provider before the first slash goes there and nowhere
 *    else, unless a pattern without `*` is spelt exactly so.
 * 2. Else the first pattern that matches: patterns without `*` first, then by the number of their
 *    other characters, more first; ties in alphabetical order. So "claude-*" wins over "*",
 * whatever their order in the file.
 * 3. A target whose model is `*` carries the asked name over; any other name is used as written.
 */
size_t settings_route(const struct settings *s, struct span asked,
                      struct settings_hop out[SETTINGS_TARGETS_MAX]);
/* Does `pattern` match all of `text`? `*` stands for any run of bytes. O(pattern * text). */
bool settings_match(struct span pattern, struct span text);

#endif
