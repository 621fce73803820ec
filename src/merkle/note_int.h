/* SPDX-License-Identifier: Apache-2.0 */
/* What notes and their keys share: names. */
#ifndef SANCTUM_MERKLE_NOTE_INT_H
#define SANCTUM_MERKLE_NOTE_INT_H

#include "note.h"

/* May this be a key name? */
bool note_name_good(struct span name);

#endif
