/* SPDX-License-Identifier: Apache-2.0 */
/* A signature file: bundle, then its payload; and any bytes as a payload. What was read names files
 * inside the model, each once, and writes to something that reads the same. */
#include "manifest.h"

#include <stdlib.h>

/* covers: src/machine/weights/manifest.c src/machine/weights/bundle.c */
/* planted: src/machine/weights/manifest.c | span_is(part, ".") || span_is(part, "..") |
 * span_is(part, ".") */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* "/" around, so that a component is a text between two of them. */
static void check_inside(struct span path)
{
    BUF_AUTO whole = buf_init(path.n + 2);
    if (failed(buf_put_u8(&whole, '/')) || failed(buf_put(&whole, path)) ||
        failed(buf_put_u8(&whole, '/')))
        abort();
    struct span s = buf_span(&whole);
    bool leaves = span_search(s, 0, SPAN_LIT("/../")) != s.n ||
                  span_search(s, 0, SPAN_LIT("//")) != s.n || memchr(s.p, 0, s.n);
    if (leaves || (path.n != 1 && span_search(s, 0, SPAN_LIT("/./")) != s.n))
        abort();
}

static void check_parts(const struct manifest *m)
{
    for (size_t i = 0; i < m->ignore_n; i++)
        check_inside(m->ignore[i]);
    for (size_t i = 0; i < m->n; i++) {
        check_inside(m->v[i].path);
        if (m->v[i].start >= m->v[i].end ||
            (i && manifest_path_cmp(m->v[i - 1].path, m->v[i].path) > 0))
            abort();
    }
}

static void payload(struct span s)
{
    struct manifest m, again;
    struct fault f;
    if (!failed(manifest_read(s, &m, &f))) {
        struct buf out = buf_init(1 << 26);
        check_parts(&m);
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
