/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to a model provider: from the pool or fresh, one request at a time.
 *
 *   upstream_send ─▶ CONNECT ─▶ SEND ─▶ AWAIT ─relay_head─▶ BODY ─relay_end─▶ pool, or closed
 *
 * A connection from the pool that turns out closed before its first byte of answer is replaced by a
 * fresh one, once: the request may be sent again because the provider never began to answer.
 * Addresses are tried in the order resolve gave, each for at most CONNECT_STEP before the next.
 */
#ifndef SANCTUM_ROLE_GATE_UPSTREAM_H
#define SANCTUM_ROLE_GATE_UPSTREAM_H

#include "exchange.h"

/* Send x->out to the provider; x->up is set. What comes back goes to relay_* and hop_failed, also
 * from within this call. */
void upstream_send(struct exchange *x, struct gate_provider *p);
/* The exchange wants nothing more: close. x->up becomes NULL. */
void upstream_cancel(struct upstream *u);
/* The client caught up: read on. */
void upstream_resume(struct upstream *u);
/* Close the provider's idle connections. */
void upstream_drop_idle(struct gate_provider *p);

#endif
