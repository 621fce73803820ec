/* SPDX-License-Identifier: Apache-2.0 */
/* files: src/base/num.c src/base/span.c src/base/utf8.c src/base/b64.c src/merkle/note_key.c
 * A signature line of a note up to its key's name: the dash is there, what follows is any bytes.
 * explained: src/base/b64.c: out of bounds read. assert \valid_read(in.p + (size_t)(n - 1))
 *   n is the length of the span handed in, of which b64.c proves every one; here EVA has joined
 *   the lines that end at different places, and with them what n says about in.n
 */
#define EVA_BYTES 9
#include "eva.h"

#include "../../src/merkle/note.c"

int main(void)
{
    static const char dash[] = "\xe2\x80\x94 ";
    struct span s = eva_input();
    memcpy(eva_bytes, dash, 4);
    size_t n = s.n;
    /*@ split n; */
    s.n = n;
    struct note_signature one;
    struct fault f;
    size_t at = 0;
    return failed(parse_line(s, &at, &one, &f));
}
