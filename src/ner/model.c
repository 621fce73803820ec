/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens a weights file: checks all of it once, then the tagger reads it without further checks. The
 * file comes from the package, but it is treated as any outside bytes: a gate must not fall over a
 * damaged one.
 */
#include "model_int.h"

#include "hash.h"
#include "rd.h"

#include <stdlib.h>

struct head {
    uint64_t format, rows, gaz_log2, units;
    struct span digest;
};

static struct err head_read(struct rd *r, struct head *h, struct fault *f)
{
    struct span magic, language;
    if (failed(rd_take(r, 8, &magic)) || !span_is(magic, MODEL_MAGIC))
        return fault_at(f, ERR_CORRUPT, 0, "not a weights file");
    if (failed(rd_le(r, 4, &h->format)) || h->format == 0)
        return fault_at(f, ERR_CORRUPT, 8, "no format number");
    if (h->format < NER_FORMAT)
        return fault_at(f, ERR_CORRUPT, 8, "the weights file is older than this program");
    if (h->format > NER_FORMAT)
        return fault_at(f, ERR_LIMIT, 8, "the weights file is newer than this program");
    if (failed(rd_le(r, 4, &h->rows)) || h->rows < ROWS_MIN || h->rows > ROWS_MAX ||
        h->rows % ROWS_A_LINE)
        return fault_at(f, ERR_CORRUPT, 12, "row count out of range");
    if (failed(rd_le(r, 4, &h->gaz_log2)) || h->gaz_log2 < GAZ_LOG2_MIN ||
        h->gaz_log2 > GAZ_LOG2_MAX)
        return fault_at(f, ERR_CORRUPT, 16, "word list size out of range");
    if (failed(rd_le(r, 4, &h->units)) || h->units != UNITS)
        return fault_at(f, ERR_CORRUPT, 20, "unknown unit of the weights");
    if (failed(rd_take(r, 8, &language)) || language.p[7] != 0)
        return fault_at(f, ERR_CORRUPT, 24, "language is not terminated");
    if (failed(rd_take(r, HASH_BYTES, &h->digest)))
        return fault_at(f, ERR_CORRUPT, 32, "file ends in its head");
    return OK;
}

static struct err digest_check(struct span w, const struct head *h, struct ner *n, struct fault *f)
{
    uint8_t is[HASH_BYTES];
    const struct span parts[] = {span_cut(w, 8, 24), span_from(w, MODEL_TRANS_AT)};
    hash_sha256_parts(parts, 2, is);
    if (!span_eq(span(is, sizeof is), h->digest))
        return fault_at(f, ERR_CORRUPT, 32, "digest does not match the content");
    for (unsigned i = 0; i < 8; i++) {
        n->version[2 * i] = "0123456789abcdef"[is[i] >> 4];
        n->version[2 * i + 1] = "0123456789abcdef"[is[i] & 15];
    }
    return OK;
}

static int16_t i16_at(struct span w, size_t at)
{
    return (int16_t)(w.p[at] | w.p[at + 1] << 8);
}

static struct err params_read(struct span w, struct ner *n, struct fault *f)
{
    enum { TRANS_MAX = 16 * UNITS /* e^16 leaves room in a float */ };
    for (unsigned x = 0; x < LABELS; x++)
        for (unsigned y = 0; y < LABELS; y++) {
            size_t at = MODEL_TRANS_AT + 2 * (x * LABELS + y);
            n->trans[x][y] = i16_at(w, at);
            if (n->trans[x][y] > TRANS_MAX || n->trans[x][y] < -TRANS_MAX)
                return fault_at(f, ERR_CORRUPT, at, "transition out of range");
        }
    for (unsigned k = 0; k < KINDS; k++) {
        int16_t bias = i16_at(w, MODEL_BIAS_AT + 2 * k);
        n->label_bias[2 * k] = n->label_bias[2 * k + 1] = bias;
        if (bias > TRANS_MAX || bias < -TRANS_MAX)
            return fault_at(f, ERR_CORRUPT, MODEL_BIAS_AT + 2 * k, "bias out of range");
        size_t at = MODEL_CALIBRATION_AT + CALIBRATION * k;
        memcpy(n->calibration[k], w.p + at, CALIBRATION);
        for (unsigned i = 1; i < CALIBRATION; i++)
            if (n->calibration[k][i] < n->calibration[k][i - 1])
                return fault_at(f, ERR_CORRUPT, at + i, "calibration falls");
    }
    return OK;
}

/* e^(-k/UNITS) by repeated multiplication: exact enough, and the same on every machine. */
static void exp_fill(struct ner *n)
{
    const double step = 0.96923323447634413; /* e^(-1/32) */
    double v = 1;
    for (unsigned k = 0; k < EXP_POINTS; k++, v *= step)
        n->exp[k] = (float)v;
}

static float odds(const struct ner *n, unsigned x, unsigned y)
{
    int32_t t = n->trans[x][y];
    return t > 0 ? 1.0F / model_exp(n, -t) : model_exp(n, t);
}

/* For the best sequence: all that counts is how much better or worse than from O to O. */
static void step_fill(struct ner *n)
{
    int o_o = n->trans[LABEL_O][LABEL_O];
    for (unsigned x = 0; x < LABELS; x++)
        for (unsigned y = 0; y < LABELS; y++) {
            int by = n->trans[x][y] - o_o;
            int16_t step = (int16_t)(label_follows(x, y) ? by : FORBIDDEN);
            if (y)
                n->step[x][y - 1] = step;
            if (x)
                n->step_to[y][x - 1] = step;
            else
                n->from_o[y] = step;
        }
}

static void odds_fill(struct ner *n)
{
    struct trans_exp *e = &n->odds;
    e->o_o = odds(n, LABEL_O, LABEL_O);
    for (unsigned j = 0; j < KINDS; j++) {
        unsigned b = LABEL_B_PER + 2 * j, i = b + 1;
        e->o_b[j] = odds(n, LABEL_O, b);
        e->to_i[j] = odds(n, b, i);
        e->to_i[KINDS + j] = odds(n, i, i);
        e->to_o[j] = odds(n, b, LABEL_O);
        e->to_o[KINDS + j] = odds(n, i, LABEL_O);
        for (unsigned k = 0; k < KINDS; k++) {
            e->to_b[j][k] = e->from_b[k][j] = odds(n, b, LABEL_B_PER + 2 * k);
            e->to_b[j][KINDS + k] = e->from_b[k][KINDS + j] = odds(n, i, LABEL_B_PER + 2 * k);
        }
    }
}

static void few_fill(struct ner *n)
{
    for (unsigned k = 0; k < FEAT_FEW; k++) {
        size_t row = model_row(feature_few(k), n->row_count);
        memcpy(n->few[k], n->rows + row * WIDTH, sizeof n->few[k]);
    }
}

static struct err fill(struct span w, struct ner *n, struct fault *f)
{
    struct rd r = rd_of(w);
    struct head h;
    TRY(head_read(&r, &h, f));
    size_t gaz = (size_t)4 << h.gaz_log2, rows = (size_t)WIDTH * h.rows;
    if (w.n != MODEL_HEAD + gaz + rows)
        return fault_at(f, ERR_CORRUPT, w.n, "size differs from what the head says");
    if ((uintptr_t)w.p % sizeof(uint32_t))
        return fault_at(f, ERR_BUG, 0, "weights are not aligned");
    TRY(digest_check(w, &h, n, f));
    TRY(params_read(w, n, f));
    n->gaz = (struct gaz_table){(const uint32_t *)(const void *)(w.p + MODEL_HEAD),
                                (unsigned)h.gaz_log2};
    n->rows = (const int8_t *)(w.p + MODEL_HEAD + gaz);
    n->row_count = (uint32_t)h.rows;
    n->avx2 = cpu_has_avx2();
    exp_fill(n);
    step_fill(n);
    odds_fill(n);
    few_fill(n);
    return OK;
}

struct err ner_open(struct span weights, struct ner **out, struct fault *fault)
{
    struct ner *n = calloc(1, sizeof *n);
    if (!n)
        return err(ERR_NOMEM);
    struct err e = fill(weights, n, fault);
    if (failed(e)) {
        free(n);
        return e;
    }
    *out = n;
    return OK;
}

void ner_close(struct ner *n)
{
    free(n);
}

const char *ner_version(const struct ner *n)
{
    return n->version;
}
