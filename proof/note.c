/* SPDX-License-Identifier: Apache-2.0 */
/* files: src/base/num.c src/base/span.c src/base/utf8.c src/base/b64.c
 * A signed note's text: its bytes, and where its signatures begin. */
#define EVA_BYTES 8
#include "eva.h"

#include "../../src/merkle/note.c"

int main(void)
{
    struct span s = eva_input();
    size_t n = s.n;
    /*@ split n; */
    s.n = n;
    struct fault f;
    if (failed(check_text(s, &f)))
        return 1;
    return last_empty_line(s) == s.n;
}
