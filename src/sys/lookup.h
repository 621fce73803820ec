/* SPDX-License-Identifier: Apache-2.0 */
/* Names to addresses, by the C library's own resolver. Blocks: for the resolve role only. */
#ifndef SANCTUM_SYS_LOOKUP_H
#define SANCTUM_SYS_LOOKUP_H

#include "net.h"

/* Addresses of `host` (at most 253 bytes, no NUL) in the resolver's order, both families, each
 * once, with `port`. ERR_INPUT: there is no such host, or it has no address. ERR_AGAIN: no name
 * server answered. */
MUST struct err lookup_host(struct span host, uint16_t port, struct net_addr *out, size_t max,
                            size_t *n);

#endif
