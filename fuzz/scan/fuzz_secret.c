/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets in any bytes: no crash, findings inside the text, disjoint and sorted. */
#include "secret_scan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct findings f = {.max = 10000};
    struct err e = secret_scan(span(data, size), &f);
    if (failed(e) && err_cat(e) != ERR_LIMIT)
        abort();
    for (size_t i = 0; !failed(e) && i < f.n; i++) {
        if (f.v[i].start >= f.v[i].end || f.v[i].end > size || f.v[i].rule >= SECRET_RULE_COUNT)
            abort();
        if (i && f.v[i].start < f.v[i - 1].end)
            abort();
    }
    findings_free(&f);
    return 0;
}
