/* SPDX-License-Identifier: Apache-2.0 */
/* Times as the log writes them: RFC 3339 in UTC with nanoseconds, "2026-11-21T10:04:02.000000000Z".
 */
#ifndef SANCTUM_AUDIT_TIME_H
#define SANCTUM_AUDIT_TIME_H

#include "span.h"
#include "wr.h"

enum { AUDIT_TIME_BYTES = 30 };

/* Append the 30 bytes for nanoseconds since 1970. Total: a u64 ends in the year 2554. */
void audit_time_put(struct wr *w, uint64_t ns);
/* Read a date "2026-11-21" (midnight UTC) or a time in the form above with 0 to 9 digits after the
 * second. ERR_INPUT for anything else, years before 1970 and after 2553 included. */
MUST struct err audit_time_read(struct span s, uint64_t *ns);

#endif
