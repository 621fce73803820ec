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

/* A bundle that was read writes to one with the same payload and signature. */
static void write_bundle(const struct bundle *b)
{
    BUF_AUTO out = buf_init(1 << 26);
    BUF_AUTO text = buf_init(1 << 26);
    struct bundle again;
    struct fault f;
    if (failed(bundle_signed_text(buf_span(&b->payload), &text)))
        abort();
    if (failed(bundle_write(b, &out)))
        return;
    if (failed(bundle_read(buf_span(&out), &again, &f)) ||
        !span_eq(buf_span(&again.payload), buf_span(&b->payload)) ||
        !span_eq(buf_span(&again.signature), buf_span(&b->signature)) || again.cert_n != b->cert_n)
        abort();
    bundle_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bundle b;
    struct fault f;
    if (!failed(bundle_read(span(data, size), &b, &f))) {
        payload(buf_span(&b.payload));
        write_bundle(&b);
    }
    bundle_free(&b);
    payload(span(data, size));
    return 0;
}
