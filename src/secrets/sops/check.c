/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document just made, read back: it opens with its key and says what it should say. Called before
 * anything is written, because the clear original may be gone afterwards. A difference is a fault
 * of this program, or a value that the format cannot hold.
 */
#include "sops_int.h"

static const struct sops_item *next_value(const struct sops_doc *d, uint32_t *at)
{
    while (*at < d->n_items) {
        const struct sops_item *it = &d->items[(*at)++];
        if (!d->nodes[it->node].meta && it->plain_type != SOPS_COMMENT)
            return it;
    }
    return NULL;
}

static bool same(const struct sops_doc *a, const struct sops_doc *b)
{
    uint32_t i = 0, k = 0;
    for (;;) {
        const struct sops_item *x = next_value(a, &i), *y = next_value(b, &k);
        if (!x || !y)
            return x == y;
        if (x->plain_type != y->plain_type || !span_eq(x->plain, y->plain) ||
            !span_eq(a->nodes[x->node].path, b->nodes[y->node].path))
            return false;
    }
}

struct err sops_check(const struct sops_doc *d, const uint8_t key[SOPS_KEY], struct span out,
                      struct fault *f)
{
    struct sops_doc back;
    struct fault inner = {0};
    struct err e = sops_read(&back, out, d->format, &inner);
    if (!failed(e))
        e = sops_open_with(&back, key, &inner);
    bool good = !failed(e) && same(d, &back);
    sops_drop(&back);
    if (err_cat(e) == ERR_NOMEM || err_cat(e) == ERR_LIMIT)
        return e;
    return good ? OK
                : sops_fail(f, SOPS_NO_CLASS, inner.at,
                            "the result would not read back as this document: nothing is written");
}
