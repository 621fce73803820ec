/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pin: how long the log was when it was last looked after, and the hash of its last frame, in a
 * file outside the log's directory. It is how a log that lost its newest records, or all of them,
 * is told from a short one. Text: "sanctum ledger head 1\n<records>\n<hash, hexadecimal>\n".
 */
#ifndef SANCTUM_AUDIT_PIN_INT_H
#define SANCTUM_AUDIT_PIN_INT_H

#include "err.h"
#include "hash.h"

struct audit_pin {
    uint64_t next;
    uint8_t last[HASH_BYTES];
};

/* A missing file is zero records. ERR_CORRUPT when it is no pin. */
MUST struct err audit_pin_read(const char *path, struct audit_pin *p);
MUST struct err audit_pin_parse(struct span text, struct audit_pin *p);
/* Atomic, mode 0600. */
MUST struct err audit_pin_write(const char *path, const struct audit_pin *p);

/* Replace a small file: atomic, durable, mode 0600. A writer that is killed leaves at most one file
 * behind, PATH.new. */
MUST struct err audit_file_replace(const char *path, struct span bytes);

#endif
