/* SPDX-License-Identifier: Apache-2.0 */
/* files: src/base/num.c src/base/span.c src/base/utf8.c
 * GGUF's fixed header. */
#define EVA_BYTES 40
#include "eva.h"

#include "../../src/machine/weights/gguf.c"

void look_note(struct look *k, enum weights_verdict level, const char *rule, uint64_t at,
               const char *fmt, ...)
{
    (void)k, (void)level, (void)rule, (void)at, (void)fmt;
}

int main(void)
{
    struct span s = eva_input();
    struct look look = {0};
    struct gguf g = {.look = &look, .r = rd_of(s), .align = ALIGN_DEFAULT};
    return failed(begin(&g));
}
