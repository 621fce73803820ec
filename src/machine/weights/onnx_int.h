/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the ONNX reader share: fields, the tensor that the walk (onnx.c) has gathered
 * and onnx_data.c judges, and the operators that a model defines itself. */
#ifndef SANCTUM_MACHINE_WEIGHTS_ONNX_INT_H
#define SANCTUM_MACHINE_WEIGHTS_ONNX_INT_H

#include "below.h"
#include "rd.h"
#include "weights_look_int.h"

/* ---- onnx_wire.c: each returns NULL, or why there is none ---- */

struct onnx_field {
    size_t at;
    uint64_t number;
    unsigned wire;
    uint64_t value;    /* wire type 0 */
    struct span bytes; /* wire type 2 */
};
const char *onnx_varint(struct rd *r, size_t end, uint64_t *out);
/* The next field, within `end`. */
const char *onnx_field(struct rd *r, size_t end, struct onnx_field *f);

/* ---- onnx_function.c ---- */

struct onnx_functions {
    struct onnx_function {
        struct span domain, name;
    } * v; /* sorted; in the report's arena */
    size_t n;
};
/* The functions that the model defines. Those past the first ten thousand count as unknown. */
void onnx_functions_find(struct look *k, struct span model, struct onnx_functions *out);
bool onnx_functions_have(const struct onnx_functions *f, struct span domain, struct span name);

/* ---- onnx_data.c ---- */

struct onnx_tensor {
    size_t at;
    uint64_t elements; /* product of the dimensions */
    bool bad_dims;     /* negative, or the product overflows */
    uint64_t type;
    bool has_raw, external, has_location;
    uint64_t raw_bytes;
    uint64_t typed;       /* elements in the fields of a type */
    unsigned typed_field; /* the last of these fields; 0: none */
    struct span location; /* of external data; empty where it must not be opened */
    uint64_t offset, length;
    struct span key, value; /* of the external entry in hand */
};

/* The files of external data; what is known of the last one. */
struct onnx_files {
    struct span last;
    struct below found;
    bool known;
    unsigned looks;
};

/* Count the elements of float_data and its like; other fields are passed over. */
void onnx_typed_data(struct onnx_tensor *t, const struct onnx_field *f);
/* An entry of external_data is complete: t->key and t->value. */
void onnx_external_entry(struct look *k, struct onnx_tensor *t, uint64_t at);
/* The tensor is complete. */
void onnx_tensor_end(struct look *k, const struct onnx_tensor *t, struct onnx_files *files);

#endif
