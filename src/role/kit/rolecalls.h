/* SPDX-License-Identifier: Apache-2.0 */
/* The table of system calls of each role: calls_common.def and calls_ROLE.def. */
#ifndef SANCTUM_ROLE_KIT_ROLECALLS_H
#define SANCTUM_ROLE_KIT_ROLECALLS_H

#include "sandbox.h"
#include "wire.h"

/* A box with that role's calls and nothing else allowed: no path, no port. For parent, one that
 * starts others. */
struct sandbox role_box(enum wire_role role);

#endif
