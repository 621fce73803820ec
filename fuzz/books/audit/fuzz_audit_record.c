/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes from a hostile gate's ring: what decodes is clean, encodes to the same bytes and becomes
 * JSON. */
#include "audit_record.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct audit_record r;
    uint8_t again[AUDIT_RECORD_MAX], json[AUDIT_JSON_MAX];
    size_t n;
    if (failed(audit_record_decode(span(data, size), &r)))
        return 0;
    if (failed(audit_record_encode(&r, again, &n)) || n != size || memcmp(again, data, n) != 0)
        abort();
    struct wr w = wr_of(json, sizeof json);
    if (failed(audit_record_json(&r, UINT64_MAX, SPAN_LIT("b00t"), &w)))
        abort();
    for (size_t i = 0; i < w.n; i++)
        if (json[i] < 0x20 || json[i] > 0x7e || json[i] == '\\')
            abort();
    return 0;
}
