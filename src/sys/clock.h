/* SPDX-License-Identifier: Apache-2.0 */
/* Time: monotonic for limits, wall time for records. */
#ifndef SANCTUM_SYS_CLOCK_H
#define SANCTUM_SYS_CLOCK_H

#include <stdint.h>

/* Nanoseconds of a clock that never goes back. */
uint64_t clock_mono_ns(void);
/* Nanoseconds since 1970-01-01T00:00:00Z. */
uint64_t clock_wall_ns(void);

#endif
