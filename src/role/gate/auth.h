/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks. Identity comes from the access key alone, or from a listener that names a principal.
 * The key may stand in Authorization (Bearer, or Basic with the key as password), x-api-key,
 * x-goog-api-key, api-key or the query parameter `key`; two that differ are refused, and none of
 * them ever goes upstream. All failures look the same to the caller.
 */
#ifndef SANCTUM_ROLE_GATE_AUTH_H
#define SANCTUM_ROLE_GATE_AUTH_H

#include "gate_int.h"
#include "http.h"

/* Fill *who with a copy of the key's entry. ERR_DENIED. */
MUST struct err auth_check(struct gate *g, const struct http_request *r, uint32_t listener,
                           struct key_entry *who);

#endif
