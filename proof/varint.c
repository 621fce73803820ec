/* SPDX-License-Identifier: Apache-2.0 */
/* files: src/machine/weights/onnx_wire.c src/base/num.c src/base/span.c
 * Protobuf's integers of variable length, and the fields made of them. */
#define EVA_BYTES 14
#include "eva.h"

#include "onnx_int.h"

int main(void)
{
    struct span s = eva_input();
    size_t n = s.n;
    /*@ split n; */
    struct rd r = {s.p, n, 0};
    uint64_t v;
    (void)onnx_varint(&r, n, &v);
    struct onnx_field f;
    r.at = 0;
    return onnx_field(&r, n, &f) != 0;
}
