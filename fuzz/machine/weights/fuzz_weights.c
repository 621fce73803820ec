/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a model file, with a name and without: every reader is reached through its mark.
 * What holds: the verdict is that of the worst finding kept, and a second look finds the same; what
 * is told can be printed: no control characters, whatever the file's names hold; what is malicious
 * stays so inside an archive, unless it lies too deep there.
 */
#include "weights.h"

#include <stdio.h>
#include <stdlib.h>

/* covers: src/machine/weights/safetensors.c src/machine/weights/gguf.c src/machine/weights/npy.c */
/* covers: src/machine/weights/onnx.c src/machine/weights/onnx_data.c */
/* covers: src/machine/weights/onnx_function.c src/machine/weights/onnx_wire.c */
/* covers: src/machine/weights/pickle.c src/machine/weights/pickle_fast.c */
/* covers: src/machine/weights/pickle_items.c src/machine/weights/pickle_memo.c */
/* covers: src/machine/weights/pickle_name.c src/machine/weights/pickle_op.c */
/* covers: src/machine/weights/pickle_torch.c src/machine/weights/zip.c */
/* covers: src/machine/weights/pickle_stack.c src/machine/weights/pickle_joblib.c */
/* covers: src/machine/weights/pickle_argument.c src/machine/weights/pickle_unfold.c */
/* covers: src/machine/weights/text_mark.c */
/* covers: src/machine/weights/zip_member.c src/machine/weights/tar.c */
/* covers: src/machine/weights/hdf5.c src/machine/weights/json_text.c */
/* covers: src/machine/weights/template.c src/machine/weights/template_code.c */
/* covers: src/machine/weights/sniff.c src/machine/weights/packed.c */
/* covers: src/machine/weights/inspect.c src/machine/weights/report.c */
/* planted: src/machine/weights/tar.c | type == 0 || | type == '7' || */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void printable(const char *text)
{
    for (; *text; text++)
        must(*text >= 0x20 && *text < 0x7f);
}

static void look(struct span bytes, const char *name, struct weights_report *r)
{
    must(!failed(weights_inspect(bytes, name, r)));
    enum weights_verdict worst = WEIGHTS_OK;
    for (size_t f = 0; f < r->n; f++) {
        worst = r->v[f].level > worst ? r->v[f].level : worst;
        printable(r->v[f].reason);
        printable(r->v[f].member);
        must(r->v[f].member[0] || r->v[f].offset <= bytes.n);
    }
    must(worst == r->verdict || r->more);
}

static void same(const struct weights_report *a, const struct weights_report *b)
{
    must(a->format == b->format && a->verdict == b->verdict && a->n == b->n && a->more == b->more);
    for (size_t i = 0; i < a->n; i++)
        must(a->v[i].offset == b->v[i].offset && a->v[i].rule == b->v[i].rule &&
             !strcmp(a->v[i].reason, b->v[i].reason));
    must(span_eq(buf_span(&a->data), buf_span(&b->data)));
}

/* Not looked at whole, and said so. */
static bool cut_short(const struct weights_report *r)
{
    bool said = r->more;
    for (size_t i = 0; i < r->n; i++)
        said |= !strcmp(r->v[i].rule, "depth") || !strcmp(r->v[i].rule, "limit") ||
                !strcmp(r->v[i].rule, "bomb");
    return said;
}

/* A tar with the bytes as its only member. */
static void archived(struct span bytes, struct span name)
{
    enum { BLOCK = 512, SUM_AT = 148, TYPE_AT = 156 };
    struct buf tar = buf_init(1 << 22);
    struct weights_report r;
    uint8_t head[2 * BLOCK] = {0};
    memcpy(head, name.p, name.n);
    snprintf((char *)head + 100, 48, "0000644%c0000000%c0000000%c%011zo%c00000000000", 0, 0, 0,
             bytes.n, 0);
    memset(head + SUM_AT, ' ', 8);
    head[TYPE_AT] = bytes.n % 2 ? '0' : 0; /* old archives say nothing */
    memcpy(head + 257, "ustar\00000", 8);
    unsigned sum = 0;
    for (size_t i = 0; i < BLOCK; i++)
        sum += head[i];
    snprintf((char *)head + SUM_AT, 7, "%06o", sum);
    must(!failed(buf_put(&tar, span(head, BLOCK))) && !failed(buf_put(&tar, bytes)));
    memset(head, 0, sizeof head);
    must(!failed(buf_put(&tar, span(head, (BLOCK - bytes.n % BLOCK) % BLOCK))));
    must(!failed(buf_put(&tar, span(head, sizeof head))));
    look(buf_span(&tar), NULL, &r);
    must(r.verdict == WEIGHTS_MALICIOUS || cut_short(&r));
    weights_report_free(&r);
    buf_free(&tar);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"x.onnx", "x.pkl", "x.jinja", "x.json", "x.h5", "x.pt"};
    struct span bytes = span(data, size);
    const char *name = names[size ? (data[size - 1] + size) % (sizeof names / sizeof *names) : 0];
    struct weights_report r, again, named;
    look(bytes, NULL, &r);
    look(bytes, NULL, &again);
    look(bytes, name, &named);
    same(&r, &again);
    if (r.verdict == WEIGHTS_MALICIOUS)
        archived(bytes, SPAN_LIT("member"));
    weights_report_free(&r);
    weights_report_free(&again);
    weights_report_free(&named);
    return 0;
}
