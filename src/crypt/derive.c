/* SPDX-License-Identifier: Apache-2.0 */
/* HKDF-Expand. Rare: once a secret, once a principal. */
#define _DEFAULT_SOURCE
#include "derive.h"
#include "wr.h"

#include <string.h>

struct err derive_key(struct span key, const char *label, struct span context, void *out, size_t n)
{
    struct hash_mac_key mac;
    uint8_t sizes[8], block[HASH_BYTES], counter = 0;
    struct wr w = wr_of(sizes, sizeof sizes);
    if (n > DERIVE_MAX || context.n > UINT32_MAX)
        return err(ERR_LIMIT);
    wr_be(&w, 4, strlen(label));
    wr_be(&w, 4, context.n);
    TRY(hash_mac_key_init(&mac, key));
    for (size_t at = 0; at < n; at += HASH_BYTES) {
        struct span parts[] = {span(block, at ? HASH_BYTES : 0),
                               span(sizes, 4),
                               span_str(label),
                               span(sizes + 4, 4),
                               context,
                               span(&counter, 1)};
        size_t some = n - at < HASH_BYTES ? n - at : HASH_BYTES;
        counter++;
        hash_mac_parts(&mac, parts, 6, block);
        memcpy((uint8_t *)out + at, block, some);
    }
    hash_mac_key_free(&mac);
    explicit_bzero(block, sizeof block);
    return OK;
}
