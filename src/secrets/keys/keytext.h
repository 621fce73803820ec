/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of an access key:
 *
 *     sk-sanctum-<id>-<secret><crc>
 *                8    26      7      characters of lower-case Crockford base32
 *
 * The id is public: it names the key in records and lists. The secret is 130 random bits. The check
 * digits are the CRC-32 (IEEE 802.3) of everything before them, so that a typing mistake, or a
 * string that only looks like a key, can be told without asking anybody. 53 bytes: one SHA-256
 * compression.
 */
#ifndef SANCTUM_SECRETS_KEYS_KEYTEXT_H
#define SANCTUM_SECRETS_KEYS_KEYTEXT_H

#include "err.h"
#include "span.h"

#define KEY_TEXT_PREFIX "sk-sanctum-"
enum { KEY_ID_CHARS = 8, KEY_SECRET_CHARS = 26, KEY_CRC_CHARS = 7, KEY_TEXT_CHARS = 53 };
enum { KEY_NAME_MAX = 64, KEY_HASH_BYTES = 32 };

/* Make a key from fresh random bytes. NUL-terminated; the caller wipes it. */
void key_text_make(char out[KEY_TEXT_CHARS + 1]);
/* The id in a text of the right shape (length, prefix, alphabet; the check digits are not looked
 * at). ERR_INPUT otherwise. Time does not depend on the secret. */
MUST struct err key_text_id(struct span text, struct span *id);
/* The same and the check digits too: ERR_INPUT with a sentence in *why. */
MUST struct err key_text_check(struct span text, const char **why);
/* What is stored of a key: SHA-256 of its whole text. */
void key_text_hash(struct span text, uint8_t out[KEY_HASH_BYTES]);

/* A principal's name: 1 to KEY_NAME_MAX of [A-Za-z0-9._-], a letter or digit first. */
bool key_name_valid(struct span name);

/* Scopes are a set of bits (keyscope.def): one each, what a key has by default, and all. */
enum key_scope {
#define KEY_SCOPE(name, bit, by_default, help) KEY_SCOPE_##name = 1 << (bit),
#include "keyscope.def"
#undef KEY_SCOPE
};
#define KEY_SCOPE(name, bit, by_default, help) | (by_default) << (bit)
enum {
    KEY_SCOPES_DEFAULT = 0
#include "keyscope.def"
};
#undef KEY_SCOPE
#define KEY_SCOPE(name, bit, by_default, help) | 1 << (bit)
enum {
    KEY_SCOPES_ALL = 0
#include "keyscope.def"
};
#undef KEY_SCOPE
enum { KEY_SCOPES_TEXT_MAX = 128 };
/* "models,usage" to bits. ERR_INPUT for an unknown or empty name. */
MUST struct err key_scopes_read(struct span text, uint32_t *scopes);
/* The inverse, NUL-terminated, "-" for none; returns out. Unknown bits are left out. */
const char *key_scopes_format(uint32_t scopes, char out[KEY_SCOPES_TEXT_MAX]);

#endif
