/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Masking: find personal data and secrets in a request, decide, replace each by a token that means
 * the same thing every time, and remember what stood there so that the answer can be restored
 * (restore.h). The gate calls mask_request once for every hop that is not trusted, on the caller's
 * untouched bytes.
 *
 * Invariants (docs/ARCHITECTURE.md gives the reasons):
 *   M1 Every string and number leaf and every object key of tool arguments and results is read.
 *      Nothing is masked by halves.
 *   M2 A value masked once is masked at every later occurrence of the request, whoever says it,
 *      also inside a longer string. Occurrences are whole words (a name inside a longer word and
 *      digits inside a longer number are other values); secrets are found anywhere.
 *   M3 Knowledge flows forward only: system prompt, tools, messages in order, the rest; so the
 *      masked bytes of message k depend on messages <= k.
 *   M4 Restoring the masked text gives the text, byte for byte, for every text. A text that already
 *      holds something the restorer would take for a token of this request has that masked too.
 *   M5 Only tokens in this request's map are restored.
 *   M6 What cannot be masked is not sent: every failure is an error, `out` is then unchanged.
 *
 * A token: "<" TYPE "_" 8 characters of lower-case Crockford base32 of HMAC(K, type, normal form)
 * ">". A spelling that differs from the normal form, and a number leaf, add "." and 2 characters of
 * a keyed digest of that spelling. On a clash within a request, also with a look-alike that the
 * text holds, the later value takes 12 characters. A number in tool arguments becomes a JSON string
 * that holds such a token alone; where the model hands that string back as a whole value it is a
 * number again, digit for digit.
 */
#ifndef SANCTUM_TRAFFIC_MASK_H
#define SANCTUM_TRAFFIC_MASK_H

#include "buf.h"
#include "finding.h"
#include "ghash.h"
#include "hash.h"
#include "llm.h"
#include "ner.h"
#include "scan.h"

/* ---- rules: immutable, one per distinct policy ---- */

enum mask_system {
    MASK_SYSTEM_ALL,        /* system prompts are treated as everything else */
    MASK_SYSTEM_STRUCTURED, /* what has a shape; names are left */
    MASK_SYSTEM_SECRETS,    /* secrets only */
    MASK_SYSTEM_NONE,       /* left alone */
};

/* Parts that cannot be masked: images, audio, documents as base64. */
enum mask_data {
    MASK_DATA_TEXT, /* what decodes to text is read and the request refused when something is found
                       in it; the rest passes and is counted (llm_facts.data) */
    MASK_DATA_PASS,
    MASK_DATA_REFUSE,
};

/* What a value becomes (docs/guides/operators.md). Where a place takes no free text (a member's
 * name, a number, base64) and where an operator cannot do it, it becomes a token. */
enum mask_operator_kind {
    MASK_TOKEN,
    MASK_SURROGATE, /* another value of the same kind; restored in answers */
    MASK_ENCRYPT,   /* authenticated, under the principal's key; restored in answers */
    MASK_STARS,     /* every letter and digit a star, but for the last `keep` characters */
    MASK_HASH,      /* 32 hexadecimal digits, keyed */
    MASK_REDACT,    /* nothing */
    MASK_REPLACE,   /* `text`, or <TYPE> when that is empty */
    MASK_KEEP,      /* itself */
};
struct mask_operator {
    enum mask_operator_kind kind;
    unsigned keep;
    struct span text; /* without quotes, backslashes and control characters */
};

struct mask_rules {
    struct scan_set entities; /* what is masked */
    float threshold;          /* 0..1, for every type */
    const float *thresholds;  /* ENTITY_ALL of them, 0 = `threshold`; or NULL */
    /* All borrowed while made. */
    const struct scan_custom *custom; /* the owner's recognisers */
    size_t custom_n;
    const struct span *own; /* names of the owner's types: ENTITY_OWN + i */
    size_t own_n;
    const struct mask_operator *operators; /* ENTITY_ALL of them; NULL: tokens */
    enum mask_system system;
    enum mask_data data;
    const struct scan_term *allow, *deny; /* as scan.h has them; borrowed while made */
    size_t allow_n, deny_n;
    bool allow_token_ids; /* token-id input and Ollama's context pass unread; else refused */
};

/* The default: PERSON, EMAIL_ADDRESS, PHONE_NUMBER, CREDIT_CARD, US_SSN, US_BANK_NUMBER, IBAN_CODE
 * and every secret, from 0.7, system prompts like everything else. */
struct mask_rules mask_rules_default(void);

/* Does one of the types come from the tagger or its lists? An engine for them is given weights. */
bool mask_wants_tagger(const struct scan_set *entities);

struct mask_engine;
/* `ner` may be NULL: then names are not found; ERR_INPUT if the rules ask for people and the deny
 * list names none. Borrowed.
 * Names of AI assistants are always on the allow list. ERR_INPUT, ERR_LIMIT, ERR_NOMEM as
 * scanner_new. */
MUST struct err mask_engine_new(const struct mask_rules *rules, const struct ner *ner,
                                struct mask_engine **out);
void mask_engine_free(struct mask_engine *e);
/* 16 hexadecimal digits that change whenever rules or weights would change a result. */
const char *mask_engine_version(const struct mask_engine *e);
/* A type's public name, also for one of the owner's. */
struct span mask_type_name(const struct mask_engine *e, unsigned entity);

/* ---- scratch: one per thread ---- */

struct mask_work;
/* About 1.5 MiB with a tagger. Holds text of the last request until the next one or the end. */
MUST struct err mask_work_new(const struct ner *ner, struct mask_work **out);
/* The same, and both know what either saw a moment ago; this one goes first. */
MUST struct err mask_work_beside(const struct mask_work *other, const struct ner *ner,
                                 struct mask_work **out);
void mask_work_free(struct mask_work *w);
/* Wipe what it holds of the last request's texts, and give that memory back. Words that the tagger
 * saw stay with it until mask_work_free. */
void mask_work_wipe(struct mask_work *w);
/* Look at every text again, also at those seen a moment ago. The result is the same. */
void mask_work_no_cache(struct mask_work *w);
/* A text that stands alone may hold as much as there is memory for, not only what one request may:
 * for files of whoever runs the program. */
void mask_work_large(struct mask_work *w);

/* ---- the key of one principal ---- */

struct mask_key {
    struct hash_mac_key mac;
    uint8_t findings[GHASH_BYTES]; /* derived: what findings of texts are kept under */
};
enum { MASK_ROOT_BYTES = 32 };
/* K = HMAC(root, purpose, principal). The same principal has the same K for ever, whatever access
 * key it uses. ERR_INPUT when root has another length; ERR_NOMEM. */
MUST struct err mask_key_init(struct mask_key *k, struct span root, struct span principal);
void mask_key_free(struct mask_key *k);

/* ---- one request ---- */

/* The token map of one request and what was counted: what restoring needs, and nothing else. */
struct mask_session;
/* `max`: bytes the map may hold (values and tokens; MASK_SESSION_MAX is plenty). */
MUST struct err mask_session_new(size_t max, struct mask_session **out);
/* Wipe and forget; memory of small maps is kept. */
void mask_session_reset(struct mask_session *s);
void mask_session_free(struct mask_session *s);
enum { MASK_SESSION_MAX = 16 << 20 };

/* Values masked: occurrences of one type (CUSTOM: those of all the owner's types, too), of all.
 * Different values. */
uint64_t mask_count(const struct mask_session *s, enum entity e);
uint64_t mask_total(const struct mask_session *s);
size_t mask_values(const struct mask_session *s);
/* The map, in the order of issue: 0 <= i < mask_values. `token` is what stands in the text instead
 * of the value; empty where that cannot be undone. */
void mask_value(const struct mask_session *s, size_t i, enum entity *type, struct span *token,
                struct span *value);

/* Put one entry of a map that was kept elsewhere into a session: `token` with its brackets. For
 * restoring only. What does not begin with `<` is a stand-in or encrypted value. ERR_INPUT when it
 * is no token, or there already; ERR_LIMIT, ERR_NOMEM. */
MUST struct err mask_session_add(struct mask_session *s, struct span token, struct span value);

/* Append the value of one that was encrypted (MASK_ENCRYPT): `text` is "enc_" and what follows it,
 * nothing around. ERR_INPUT: it is none, another key's, or was changed. ERR_NOMEM, ERR_LIMIT. */
MUST struct err mask_decrypt(const struct mask_key *k, struct span text, struct buf *out);

/* Changes that the gate wants in the same pass over the body. */
struct mask_changes {
    struct span model; /* put this name in the model member; empty: leave it */
    bool add_usage; /* ask for a usage chunk where the caller did not (LLM_CHAT, LLM_COMPLETIONS) */
};

/*
 * Append to `out` the body of `doc` (llm_read_request's) with every value masked: the original
 * bytes, only the masked ranges and the changes replaced. The session is reset first, `doc` stays
 * valid. ERR_INPUT: `doc` holds what may not be sent (token ids, data parts, provider state
 * together with masked values): `why` is the sentence for the caller. ERR_LIMIT, ERR_NOMEM: the
 * detector or the map is at a ceiling. On failure `out` is as it was and nothing may be sent (M6).
 * Cost: the detectors', plus about 0.5 us a value. Takes turns (pace.h): while it does, `doc`, `w`
 * and `s` are its own; ERR_CLOSED as there.
 */
MUST struct err mask_request(const struct mask_engine *e, struct mask_work *w,
                             const struct mask_key *k, struct mask_session *s,
                             const struct llm_doc *doc, const struct mask_changes *changes,
                             struct buf *out, struct fault *f);
/* The same without detection, for trusted and local hops: only the changes. */
MUST struct err mask_pass(struct mask_work *w, const struct llm_doc *doc,
                          const struct mask_changes *changes, struct buf *out);

/* ---- one text ---- */

/* A masked range of one text: bytes of the original. */
struct mask_span {
    struct finding found;
    struct span token; /* in the session */
};
/*
 * Mask a text that stands alone (header values, the mask command, the Presidio surface). The
 * session is not reset: values known in it are found again. `out` gets the masked text. *spans (may
 * be NULL) is borrowed from `w` until its next use.
 */
MUST struct err mask_text(const struct mask_engine *e, struct mask_work *w,
                          const struct mask_key *k, struct mask_session *s, struct span text,
                          struct buf *out, const struct mask_span **spans, size_t *n);

#endif
