/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of the ladder that have files of their own. */
#ifndef SANCTUM_SYS_SANDBOX_INT_H
#define SANCTUM_SYS_SANDBOX_INT_H

#include "sandbox.h"

/* Step 4 (landlock.c). Never an error where the kernel has none; adds what holds to *out. */
MUST struct err landlock_enter(const struct sandbox *box, struct sandbox_report *out);
/* Step 7 (calls.c). */
MUST struct err calls_enter(const struct sandbox *box);

#endif
