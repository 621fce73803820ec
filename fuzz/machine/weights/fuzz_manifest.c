/* SPDX-License-Identifier: Apache-2.0 */
/* A signature file: bundle, then its payload; and any bytes as a payload. What was read writes to
 * something that reads the same. */
#include "manifest.h"

#include <stdlib.h>

/* covers: src/machine/weights/manifest.c src/machine/weights/bundle.c */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void payload(struct span s)
{
    struct manifest m, again;
    struct fault f;
    if (!failed(manifest_read(s, &m, &f))) {
        struct buf out = buf_init(1 << 26);
        if (!failed(manifest_write(&m, &out))) {
            if (failed(manifest_read(buf_span(&out), &again, &f)) || again.n != m.n)
                abort();
            manifest_free(&again);
        }
        buf_free(&out);
    }
    manifest_free(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bundle b;
    struct fault f;
    if (!failed(bundle_read(span(data, size), &b, &f)))
        payload(buf_span(&b.payload));
    bundle_free(&b);
    payload(span(data, size));
    return 0;
}
