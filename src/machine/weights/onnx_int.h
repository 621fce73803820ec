/* SPDX-License-Identifier: Apache-2.0 */
/* One tensor of an ONNX model, gathered by the walk (onnx.c) and judged at its end (onnx_data.c).
 */
#ifndef SANCTUM_MACHINE_WEIGHTS_ONNX_INT_H
#define SANCTUM_MACHINE_WEIGHTS_ONNX_INT_H

#include "weights_look_int.h"

struct onnx_tensor {
    size_t at;
    uint64_t elements; /* product of the dimensions */
    bool bad_dims;     /* negative, or the product overflows */
    uint64_t type;
    bool has_raw, external, has_location;
    uint64_t raw_bytes;
    struct span key, value; /* of the external entry in hand */
};

/* An entry of external_data is complete: t->key and t->value. */
void onnx_external_entry(struct look *k, struct onnx_tensor *t, uint64_t at);
/* The tensor is complete. */
void onnx_tensor_end(struct look *k, const struct onnx_tensor *t);

#endif
