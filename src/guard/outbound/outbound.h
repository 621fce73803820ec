/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages to people (mail, chat): what must never leave in one is taken out before it is sent.
 *
 *   social security numbers (ITINs too)   [SSN]
 *   card numbers                          [CARD_NUMBER]
 *   bank account numbers and IBANs        **** and the last four characters
 *   secrets                               [SECRET]
 *
 * Everything else stays: a message to a person holds names, addresses and phone numbers for a
 * reason. Nothing is restored later. A message that cannot be looked at whole is not to be sent:
 * every failure leaves no text.
 */
#ifndef SANCTUM_GUARD_OUTBOUND_H
#define SANCTUM_GUARD_OUTBOUND_H

#include "buf.h"
#include "finding.h"

struct outbound;
/* About 100 KiB. ERR_NOMEM. */
MUST struct err outbound_new(struct outbound **out);
void outbound_free(struct outbound *o);

/* What was taken out, by type. */
struct outbound_counts {
    uint32_t of[ENTITY_COUNT];
};

/*
 * Append `text` to `out` with those values replaced. ERR_LIMIT (a ceiling of `out` or of the
 * detector), ERR_NOMEM: then `out` is as it was. About 1 ns a byte.
 */
MUST struct err outbound_clean(struct outbound *o, struct span text, struct buf *out,
                               struct outbound_counts *counts);

/*
 * The same for programs: {"text": "..."} becomes
 *   {"text":"...","counts":{"ACCOUNT_NUMBER":0,"CARD_NUMBER":1,"SECRET":0,"SSN":1}}
 * Other members are ignored. ERR_INPUT with `f` for a body that is no such object, "text" twice
 * among it; else as outbound_clean.
 */
MUST struct err outbound_json(struct outbound *o, struct span body, struct buf *out,
                              struct outbound_counts *counts, struct fault *f);

#endif
