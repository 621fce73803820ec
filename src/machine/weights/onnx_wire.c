/* SPDX-License-Identifier: Apache-2.0 */
/* Protobuf's wire format as ONNX uses it: integers of variable length and the fields made of them.
 * Called for every field of a model. */
#include "onnx_int.h"

enum { VARINT_MAX = 10 };

const char *onnx_varint(struct rd *r, size_t end, uint64_t *out)
{
    *out = 0;
    for (unsigned i = 0; i < VARINT_MAX; i++) {
        if (r->at >= end)
            return "a number that is cut off";
        uint8_t c = r->p[r->at++];
        if (i == VARINT_MAX - 1 && c > 1)
            return "a number of more than 64 bits";
        *out |= (uint64_t)(c & 0x7f) << (7 * i);
        if (c < 0x80)
            return NULL;
    }
    return "a number of more than 64 bits";
}

/* The next field, within `end`. NULL, or why it is none. */
const char *onnx_field(struct rd *r, size_t end, struct onnx_field *f)
{
    uint64_t tag, n;
    f->at = r->at;
    const char *why = onnx_varint(r, end, &tag);
    if (why)
        return why;
    f->number = tag >> 3;
    f->wire = tag & 7;
    if (f->number == 0 || f->number >> 29)
        return "a field number that cannot be";
    if (f->wire == 0)
        return onnx_varint(r, end, &f->value);
    if (f->wire == 2) {
        why = onnx_varint(r, end, &n);
        if (why)
            return why;
    } else if (f->wire == 1 || f->wire == 5) {
        n = f->wire == 1 ? 8 : 4;
    } else {
        return "a wire type that is not used";
    }
    if (n > end - r->at)
        return "a field that reaches beyond its message";
    f->bytes = span(r->p + r->at, (size_t)n);
    r->at += (size_t)n;
    return NULL;
}
