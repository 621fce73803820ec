/* SPDX-License-Identifier: Apache-2.0 */
/* files: src/base/num.c src/base/span.c src/base/utf8.c
 * One tensor's entry of a GGUF file. */
#define EVA_BYTES 40
#include "eva.h"

#include "../../src/machine/weights/gguf.c"

void look_note(struct look *k, enum weights_verdict level, const char *rule, uint64_t at,
               const char *fmt, ...)
{
    (void)k, (void)level, (void)rule, (void)at, (void)fmt;
}

/* What a longer name adds is more turns of the same two loops over its bytes. */
enum { NAME_BYTES = 4 };

/* A tensor's entry whose name's length is `k`, or any of more than a byte: those never fit. */
static bool one_tensor(struct look *look, struct span s, unsigned k)
{
    for (unsigned i = 0; i < 8 && k <= NAME_BYTES; i++)
        eva_bytes[i] = (uint8_t)(i ? 0 : k);
    if (k > NAME_BYTES && s.n > 1)
        eva_bytes[1] |= 1;
    struct gguf g = {.look = look, .r = rd_of(s), .align = ALIGN_DEFAULT};
    return failed(tensor(&g));
}

int main(void)
{
    struct span s = eva_input();
    size_t n = s.n;
    /*@ split n; */
    s.n = n;
    struct look look = {0};
    unsigned k = (unsigned)Frama_C_interval(0, NAME_BYTES + 1);
    /*@ split k; */
    return one_tensor(&look, s, k);
}
