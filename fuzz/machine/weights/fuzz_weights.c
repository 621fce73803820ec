/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a model file: every reader is reached through its mark. The verdict is that of the
 * worst finding kept. */
#include "weights.h"

#include <stdlib.h>

/* covers: src/machine/weights/safetensors.c src/machine/weights/gguf.c src/machine/weights/npy.c */
/* covers: src/machine/weights/onnx.c src/machine/weights/pickle_op.c src/machine/weights/pickle.c
 */
/* covers: src/machine/weights/zip.c src/machine/weights/tar.c src/machine/weights/template.c */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {NULL, "x.onnx", "x.pkl", "x.jinja", "x.json"};
    struct weights_report r;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (failed(weights_inspect(span(data, size), names[i], &r)))
            abort();
        enum weights_verdict worst = WEIGHTS_OK;
        for (size_t f = 0; f < r.n; f++)
            worst = r.v[f].level > worst ? r.v[f].level : worst;
        if (worst != r.verdict && !r.more)
            abort();
        weights_report_free(&r);
    }
    return 0;
}
