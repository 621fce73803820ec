/* SPDX-License-Identifier: Apache-2.0 */
/* The sealed store's file. Its inner parts are behind authentication, so a second pass gives the
 * parser a store of ours with the input spliced into its body. */
#include "store.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t key[STORE_KEY_BYTES] = {1, 2, 3};

static void parse(struct span bytes)
{
    struct store *s;
    enum store_unlock how;
    if (failed(store_unlock_of(bytes, &how)) || how != STORE_BY_KEY_FILE)
        return; /* a passphrase would be stretched for half a second */
    if (!failed(store_parse(bytes, span(key, sizeof key), &s)))
        store_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct store *s, *back;
    BUF_AUTO bytes = buf_init(STORE_FILE_MAX);
    BUF_AUTO value = buf_init(STORE_VALUE_MAX);
    parse(span(data, size));
    if (size > STORE_VALUE_MAX || failed(store_new(STORE_BY_KEY_FILE, span(key, sizeof key), &s)))
        return 0;
    struct err e = store_set(s, SPAN_LIT("name"), span(data, size), 1);
    if (failed(e) || failed(store_format(s, &bytes)))
        abort();
    store_free(s);
    if (failed(store_parse(buf_span(&bytes), span(key, sizeof key), &back)) ||
        failed(store_get(back, SPAN_LIT("name"), &value)) ||
        !span_eq(buf_span(&value), span(data, size)))
        abort();
    store_free(back);
    size_t at = size ? data[0] % bytes.n : 0, n = size < bytes.n - at ? size : bytes.n - at;
    if (n)
        memcpy(bytes.p + at, data, n);
    parse(buf_span(&bytes));
    return 0;
}
