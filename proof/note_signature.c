/* SPDX-License-Identifier: Apache-2.0 */
/* files: src/base/num.c src/base/span.c src/base/utf8.c src/base/b64.c src/merkle/note_key.c
 * A signature line of a note behind its key's name: base64 of any bytes, the newline anywhere.
 */
#define EVA_BYTES 15
#include "eva.h"

#include "../../src/merkle/note.c"

int main(void)
{
    static const char head[] = "\xe2\x80\x94 n ";
    struct span s = eva_input();
    memcpy(eva_bytes, head, 6);
    size_t n = s.n;
    /*@ split n; */
    s.n = n;
    struct note_signature one;
    struct fault f;
    size_t at = 0;
    return failed(parse_line(s, &at, &one, &f));
}
