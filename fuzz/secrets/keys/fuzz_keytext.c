/* SPDX-License-Identifier: Apache-2.0 */
/* What a client may send as a key, and the same bytes as a table's memory. */
#include "keytable.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint64_t memory[128 * 1024];
    struct key_table t;
    struct key_entry e;
    struct span id, in = span(data, size);
    const char *why;
    uint32_t scopes;
    bool shaped = !failed(key_text_id(in, &id));
    if (!failed(key_text_check(in, &why)) && !shaped)
        abort();
    if (shaped && (size != KEY_TEXT_CHARS || id.n != KEY_ID_CHARS))
        abort();
    (void)key_name_valid(in);
    if (!failed(key_scopes_read(in, &scopes)) && (scopes & ~KEY_SCOPES_ALL))
        abort();
    if (key_table_bytes() > sizeof memory)
        abort();
    memset(memory, 0, 4096);
    if (failed(key_table_attach(&t, memory, sizeof memory, true)))
        abort();
    memcpy(t.slots, data, size < 4000 ? size : 4000);
    if (!failed(key_table_find(&t, in, 1, &e)))
        abort(); /* no input holds the hash of a key that it also is */
    for (uint32_t i = 0; i < 32; i++)
        if (key_table_at(&t, i, &e) &&
            (strlen(e.id) > KEY_ID_CHARS || strlen(e.name) > KEY_NAME_MAX))
            abort();
    return 0;
}
