/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share; tests may look too, nobody else. */
#ifndef SANCTUM_AUDIT_INT_H
#define SANCTUM_AUDIT_INT_H

#include "audit_record.h"

/* AUDIT_PART_* of a kind, 0 for an unknown one. */
unsigned audit_kind_parts(enum audit_kind kind);

#endif
