/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a provider's machine take connections? Asked by /ready alone, so nothing is contacted before
 * somebody wants to know. A probe connects to each address in turn and sends nothing.
 */
#ifndef SANCTUM_GATE_PROBE_H
#define SANCTUM_GATE_PROBE_H

#include "gate_int.h"

/* Is what the last probe found less than a second old? */
bool probe_fresh(const struct gate_provider *p);
/* Begin, unless one runs. The provider's address must be known. Its end, after two seconds at the
 * latest, wakes the exchanges that wait. */
void probe_start(struct gate_provider *p);
void probe_stop(struct gate_provider *p);

#endif
