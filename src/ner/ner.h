/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tagger of person, place and organisation names: a linear-chain conditional random field over
 * tokens, with hashed int8 weights and word lists read from one weights file (models/ner-en.bin,
 * models/MODEL_CARD.md says what it was trained on). What belongs to a language lies in that file;
 * this code knows letters, not words, but for the scripts that set no blanks (wide.c, its lists).
 *
 * traffic/mask calls ner_tag for every text of a request, in order. Frequent: short texts with few
 * names. Never happens: an allocation per text once the scratch is there, a system call, a result
 * that depends on anything but weights, memory and text.
 *
 * Invariants:
 *   N1 total: any bytes are accepted, invalid UTF-8 included; findings lie on token borders (in
 *      Korean between syllables), which are character borders wherever the text is valid UTF-8.
 *   N2 time grows linearly with the text; memory is that of the scratch, whatever the text.
 *   N3 findings of one call come in order and do not overlap; each but a postcode (ZIP_CODE) and a
 *      line of a street holds a run of two letters, or a letter of a script that writes no letter
 *      case.
 *   N4 the memory only looks back: what ner_tag adds for a text depends on texts tagged before it
 *      with the same memory, never on later ones.
 *   N5 nothing is found inside code identifiers, JSON keys, base64, links and mail addresses.
 */
#ifndef SANCTUM_NER_H
#define SANCTUM_NER_H

#include "finding.h"

struct ner;        /* the weights, immutable: any number of scratches may use one */
struct ner_work;   /* scratch of one thread */
struct ner_memory; /* names of one conversation */

/* struct finding.rule of what the tagger adds. */
enum ner_rule {
    NER_RULE_MODEL = 1,  /* found by the model */
    NER_RULE_STREET = 2, /* LOCATION: a street line, house number included where there is one */
    NER_RULE_MEMORY = 3, /* a part of a name, or a name, seen earlier in the conversation */
    NER_RULE_WIDE = 4,   /* a name in a script without blanks between words (wide.c) */
    NER_RULE_LIST = 5,   /* word lists: ner_lists, or two names side by side without letter case */
};

enum {
    NER_FORMAT = 3,               /* of the weights file */
    NER_WEIGHTS_MAX = 64 << 20,   /* bytes of a weights file */
    NER_TEXT_MAX = 1 << 30,       /* bytes of one text */
    NER_MEMORY_DIGEST_BYTES = 32, /* of ner_memory_digest */
};

/*
 * Check `weights` whole (format number, sizes, SHA-256, value ranges) and make a tagger over them.
 * The bytes are borrowed and never written: they must outlive the tagger, and may be a read-only
 * map that processes share. ERR_CORRUPT with position and reason when they are not a weights file;
 * ERR_LIMIT when the format is newer than NER_FORMAT; ERR_NOMEM. Cost: one SHA-256 of the bytes.
 */
MUST struct err ner_open(struct span weights, struct ner **out, struct fault *fault);
void ner_close(struct ner *n);
/* The first 16 hexadecimal digits of the weights' digest: a name for "the same results". */
const char *ner_version(const struct ner *n);

/* Scratch for one thread, about 2.6 MiB, all of it allocated here. Holds words of the texts it was
 * used for until freed (ner_work_free wipes it): it belongs to the process that may see the text.
 */
MUST struct err ner_work_new(const struct ner *n, struct ner_work **out);
void ner_work_free(struct ner_work *w);

/*
 * A memory of names for one conversation; at most `max_words` words of names are kept, later ones
 * are not learnt (the result is then that of a shorter memory, never an error). ERR_NOMEM.
 */
MUST struct err ner_memory_new(size_t max_words, struct ner_memory **out);
/* Forget everything; keep the allocation. */
void ner_memory_reset(struct ner_memory *m);
/* Wipes, then frees. */
void ner_memory_free(struct ner_memory *m);
/*
 * What the memory knows, as a digest: two memories with equal digests make ner_tag answer alike.
 * A cache of findings that is keyed by the text and by this digest changes no result. 32 bytes,
 * valid until the memory changes; 32 zero bytes when nothing was learnt yet. Cost: one SHA-256 for
 * each word learnt since it was asked last.
 */
struct span ner_memory_digest(struct ner_memory *m);
/* Learn from findings of an earlier ner_tag of `text` without tagging it again (for such a cache):
 * afterwards the memory is what it was after that call. `found` may hold other entities too. */
void ner_memory_learn(const struct ner *n, struct ner_memory *m, struct span text,
                      const struct finding *found, size_t count);

/*
 * Add the PERSON, LOCATION and ORGANIZATION findings of `text` to `out`, whatever their score: 0.7
 * is the calibrated operating point (near the best F2 for PERSON), higher is more precise. Scores
 * below 0.05 are not reported. Titles (Dr., Frau), possessive 's and quotes are outside a finding,
 * suffixes (Jr., III) inside. Names of AI assistants, months, weekdays are never PERSON.
 *
 * `memory` may be NULL. With it, words of PERSON names at or above 0.7 are remembered and mark
 * later occurrences of the same words; names of this text help its own later parts.
 *
 * ERR_LIMIT: text longer than NER_TEXT_MAX, or `out` at its ceiling (then `out` is incomplete and
 * the text must be treated as not tagged). ERR_NOMEM from `out` only. Takes turns (pace.h) every
 * few hundred microseconds; ERR_CLOSED as there.
 */
MUST struct err ner_tag(const struct ner *n, struct ner_work *w, struct ner_memory *memory,
                        struct span text, struct findings *out);

/*
 * Add what people are called besides their names: NRP (members of a nation, religion, people or
 * party), TITLE (forms of address, without their point) and USERNAME (after an @, or after a key
 * such as `login:`). out->v[first..] are ner_tag's findings of the same text, which tell what a
 * word is part of. Word lists and places, English and the usual forms of ten languages; about 2 ns
 * a byte. Errors and turns as ner_tag.
 */
MUST struct err ner_lists(struct span text, struct findings *out, size_t first);

#endif
