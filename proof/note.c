/* SPDX-License-Identifier: Apache-2.0 */
/* files: src/base/num.c src/base/span.c src/base/utf8.c src/base/b64.c src/merkle/note_key.c
 * A signed note taken apart, line by line. */
#define EVA_BYTES 12
#include "eva.h"

#include "../../src/merkle/note.c"

int main(void)
{
    struct span s = eva_input();
    size_t n = s.n;
    /*@ split n; */
    s.n = n;
    struct note note;
    struct fault f;
    return failed(note_parse(s, &note, &f));
}
