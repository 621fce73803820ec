/* SPDX-License-Identifier: Apache-2.0 */
/* The key file: whatever it holds, only valid entries come out. */
#include "keyfile.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct err each(void *arg, const struct key_entry *e)
{
    (void)arg;
    if (!key_entry_valid(e))
        abort();
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fault f = {0};
    struct err e = key_file_parse(span(data, size), &f, each, NULL);
    if (failed(e) && (!f.why || f.at > size))
        abort();
    return 0;
}
