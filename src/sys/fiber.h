/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A long computation that takes turns with the event loop: it runs on a stack of its own, and goes
 * back to whoever started it when its slice is over, at the next pace_turn (base/pace.h). The gate
 * masks long requests so: the libraries stay plain functions, and nobody waits longer than a slice.
 *
 * One thread; a fiber is resumed only by fiber_run and never from within itself. What the libraries
 * keep for a whole process is never half done at a pace_turn; what belongs to one call (a scratch,
 * a session) must not be used by others while the fiber has not ended.
 */
#ifndef SANCTUM_SYS_FIBER_H
#define SANCTUM_SYS_FIBER_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct fiber;
typedef void fiber_fn(void *arg);

enum { FIBER_STACK = 256 * 1024 };

/* `stack`: bytes, rounded up to pages; a page below it is never mapped. ERR_NOMEM, ERR_IO. */
MUST struct err fiber_new(size_t stack, struct fiber **out);
/* It has ended, or was never begun. */
void fiber_free(struct fiber *f);

/* fn(arg) is what the next fiber_run begins. The one before has ended. */
void fiber_begin(struct fiber *f, fiber_fn *fn, void *arg);
/* Go on for about slice_ns. True: fn has returned. */
bool fiber_run(struct fiber *f, uint64_t slice_ns);
/* Its result is not wanted: every pace_turn answers ERR_CLOSED until fn has returned, which is when
 * this returns. */
void fiber_cancel(struct fiber *f);

#endif
