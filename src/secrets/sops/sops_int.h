/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share. */
#ifndef SANCTUM_SECRETS_SOPS_SOPS_INT_H
#define SANCTUM_SECRETS_SOPS_SOPS_INT_H

#include "gcm.h"
#include "sops.h"
#include "wr.h"

enum { SOPS_NO_NODE = UINT32_MAX };

struct err sops_fail(struct fault *f, enum sops_failure class, size_t at, const char *why);

/* ---- doc.c: building the list; errors are limits, memory, or a duplicate key ---- */

MUST struct err sops_node_add(struct sops_doc *d, uint32_t parent, struct span name, uint32_t index,
                              uint32_t *out);
MUST struct err sops_item_add(struct sops_doc *d, struct sops_item item);
MUST struct err sops_cut_add(struct sops_doc *d, size_t start, size_t end);
MUST struct err sops_end_add(struct sops_doc *d, size_t at);
/* Forget what was read, for a second reading; the arena's texts stay. */
void sops_forget(struct sops_doc *d);
/* Append "age__list_0__map_enc" for a node below the sops section. */
MUST struct err sops_flat_name(const struct sops_doc *d, uint32_t node, struct buf *out);

/* One behind the last node at or below `node`: they stand together. */
uint32_t sops_node_last(const struct sops_doc *d, uint32_t node);
/* The items at or below a node: [lo, hi), other nodes' comments may stand between. Comments of its
 * own before its first value and behind its last one are among them. */
void sops_node_items(const struct sops_doc *d, uint32_t node, uint32_t *lo, uint32_t *hi);
/* Source position behind a node's value. */
uint32_t sops_node_end(const struct sops_doc *d, uint32_t node);
/* The node of `parent` with this name, or at this place when name.p is NULL; SOPS_NO_NODE. */
uint32_t sops_node_child(const struct sops_doc *d, uint32_t parent, struct span name,
                         uint64_t index);
/* Is it a list? An empty collection says by its item. */
bool sops_node_is_list(const struct sops_doc *d, uint32_t node);

/* ---- emit.c: values written afresh ---- */

struct sops_style {
    uint32_t column, indent; /* YAML: of the entries that come; of a level more */
    bool flow;               /* YAML: in brackets, on one line */
    bool source;             /* what the source says, not what was sealed: numbers as spelt */
};
/* Append, for YAML, what stands behind a node's colon or dash: " value", or lines of entries that
 * each start with their line end (a list element's mapping starts on its line). */
MUST struct err sops_emit_value(const struct sops_doc *d, uint32_t node,
                                const struct sops_style *style, struct buf *out);
/* Append a key, quoted where it must be. */
MUST struct err sops_emit_key(struct span name, bool flow, struct buf *out);
/* Append a node's value as JSON; with `unit` (a tab, blanks) on lines of their own, `depth` levels
 * deep already. ERR_INPUT: a number that JSON has not. */
MUST struct err sops_emit_json(const struct sops_doc *d, uint32_t node, struct span unit,
                               uint32_t depth, struct buf *out);
/* Columns that the document's mappings go in by; 4 where it does not say. */
uint32_t sops_indent_of(const struct sops_doc *d);

/* ---- readers ---- */

MUST struct err sops_read_yaml(struct sops_doc *d, struct fault *f);
MUST struct err sops_read_json(struct sops_doc *d, struct fault *f);
MUST struct err sops_read_dotenv(struct sops_doc *d, struct fault *f);
MUST struct err sops_read_ini(struct sops_doc *d, struct fault *f);
/* yaml_scalar.c: the type of a plain YAML scalar (as yaml 1.2 core with timestamps). */
enum sops_type sops_yaml_type(struct span text);

/* ---- number.c ---- */

/* SOPS_INT, SOPS_FLOAT or SOPS_STR: what the plain scalar is as a number. *fits is false for an
 * integer outside 64 signed bits, which is read as a float. */
enum sops_type sops_number_type(struct span text, bool *fits);
/* Its canonical bytes. ERR_INPUT: no number of this type, or one that is not finite. */
MUST struct err sops_number_canonical(enum sops_type type, struct span text, struct arena *arena,
                                      struct span *out);
/* Append canonical bytes as a document writes them, so that they read back as the same value.
 * ERR_INPUT: JSON has no such number. */
MUST struct err sops_number_spell(enum sops_type type, struct span text, bool json,
                                  struct buf *out);
/* Is it a timestamp? Then put it in as RFC 3339 (a day alone is its midnight, no zone is UTC). */
enum { SOPS_TIME_MAX = 48 };
bool sops_time(struct span text, struct wr *w);

/* ---- value.c ---- */

struct sops_sealed {
    uint8_t iv[GCM_NONCE], tag[GCM_TAG];
    struct span data; /* in the arena */
    enum sops_type type;
};
bool sops_is_sealed(struct span text);
/* Parse an ENC text. ERR_INPUT. */
MUST struct err sops_sealed_parse(struct span text, struct arena *arena, struct sops_sealed *out);
/* Open `text` under `about`; *plain lies in the arena. ERR_CORRUPT. */
MUST struct err sops_value_open(struct gcm *g, struct span text, struct span about,
                                struct arena *arena, struct span *plain, enum sops_type *type);
MUST struct err sops_value_seal(struct gcm *g, struct span plain, enum sops_type type,
                                struct span about, struct arena *arena, struct span *out);
/* The bytes that are sealed and hashed, of a clear value. */
MUST struct err sops_canonical(enum sops_type type, struct span text, struct arena *arena,
                               struct span *out);

/* Is a canonical float one that has no digits: NaN, +Inf or -Inf? JSON has none of these. */
bool sops_is_no_number(struct span plain);

/* Fill in `plain` of every item of a clear document. */
MUST struct err sops_take_plain(struct sops_doc *d, struct fault *f);

/* ---- spell.c ---- */

/* The column of an item of the sops section that is being written, in the formats of lines. */
enum { SOPS_IN_SECTION = 1 << 30 };
/* Append a value as the format writes it where `item` stands. */
MUST struct err sops_spell(const struct sops_doc *d, const struct sops_item *item,
                           enum sops_type type, struct span text, struct buf *out);

/* Would the reader of SOPS take less or more of an INI value, spelt as `s`, than stands there? It
 * ends any value that is not in back quotes at the first "#" or ";", in quotes or not, and joins
 * the next line to one that ends in "\". */
bool sops_ini_misread(struct span s);

/* ---- meta.c, keys.c ---- */

MUST struct err sops_meta_read(struct sops_doc *d, struct fault *f);
/* Append the sops section of a document whose meta is `m`. */
MUST struct err sops_meta_write(const struct sops_doc *d, const struct sops_meta *m,
                                struct buf *out);
MUST struct err sops_key_find(const struct sops_meta *m, const struct age_keys *identities,
                              uint8_t key[SOPS_KEY], struct fault *f);
/* Wrap `key` for the policy: fills m's recipients. */
MUST struct err sops_key_wrap(const struct sops_policy *p, const uint8_t key[SOPS_KEY],
                              struct arena *arena, struct sops_meta *m, struct fault *f);
/* shamir.c: shares are `SOPS_KEY + 1` bytes: y then x. */
void sops_shamir_split(const uint8_t key[SOPS_KEY], uint32_t n, uint32_t k,
                       uint8_t shares[][SOPS_KEY + 1]);
MUST struct err sops_shamir_join(const uint8_t shares[][SOPS_KEY + 1], uint32_t n,
                                 uint8_t key[SOPS_KEY]);

/* ---- open.c ---- */

/* The MAC's text over all values of `d` (their `plain`): 128 upper-case digits. */
MUST struct err sops_digest(const struct sops_doc *d, const bool *wanted, bool only_encrypted,
                            uint8_t hex[128]);

/* check.c: read `out` back with `key`; ERR_BUG unless it opens and holds exactly `d`'s values. */
MUST struct err sops_check(const struct sops_doc *d, const uint8_t key[SOPS_KEY], struct span out,
                           struct fault *f);
/* Open with the data key itself. */
MUST struct err sops_open_with(struct sops_doc *d, const uint8_t key[SOPS_KEY], struct fault *f);

/* ---- select.c ---- */

/* Mark every item that the rule says is encrypted: wanted[i]. The rule's own comments stay clear.
 */
MUST struct err sops_select(struct sops_doc *d, const struct sops_rule *rule, bool *wanted,
                            struct fault *f);

#endif
