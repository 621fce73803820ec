/* SPDX-License-Identifier: Apache-2.0 */
/* Key text and key files; what decodes encodes to the same text. */
#include "age.h"
#include "bech32.h"

#include <stdlib.h>

/* covers: src/age/bech32.c */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t bytes[4096];
    struct wr w = wr_of(bytes, sizeof bytes);
    struct span text = span(data, size), hrp;
    struct fault f;
    if (!failed(bech32_decode(text, &hrp, &w, &f))) {
        bool letters = false;
        for (size_t i = 0; i < hrp.n; i++)
            letters |= ascii_lower(hrp.p[i]) >= 'a' && ascii_lower(hrp.p[i]) <= 'z';
        struct buf out = buf_init(16384);
        bool upper = hrp.n && hrp.p[0] >= 'A' && hrp.p[0] <= 'Z';
        bool plain = hrp.n && ((hrp.p[0] >= 'a' && hrp.p[0] <= 'z') || upper);
        if (letters && plain &&
            (failed(bech32_encode(hrp, wr_span(&w), &out)) || !span_eq(buf_span(&out), text)))
            abort();
        buf_free(&out);
    }
    struct age_keys keys = {0};
    (void)!failed(age_recipients_file(text, &keys, &f));
    age_keys_free(&keys);
    (void)!failed(age_identities_file(text, &keys, &f));
    age_keys_free(&keys);
    return 0;
}
