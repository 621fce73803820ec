/* SPDX-License-Identifier: Apache-2.0 */
/* Whole age files from outside: header, armor, stanzas and payload, opened with fixed keys. */
#include "age.h"

#include <stdlib.h>

static struct age_keys ids;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fault f;
    if (ids.n == 0 &&
        failed(age_identity_parse(
            SPAN_LIT("AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0"),
            &ids, &f)))
        abort();
    struct buf out = buf_init(1 << 20);
    struct err e = age_open(&ids, span(data, size), &out);
    if (failed(e) && out.n % AGE_CHUNK != 0 && err_cat(e) == ERR_INPUT && !age_failure_text(e))
        abort();
    buf_free(&out);
    return 0;
}
