/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an ONNX tensor's bytes lie. Paths of external data have been the way to read other files of
 * the machine, and unknown keys the way to set attributes: both are checked by their text.
 */
#include "num.h"
#include "onnx_int.h"

/* Bits of one element by TensorProto.DataType; 0: strings or unknown. */
static const uint8_t bits[] = {0,  32, 8,   8,  16, 16, 32, 64, 0, 8, 16, 64, 32,
                               64, 64, 128, 16, 8,  8,  8,  8,  4, 4, 4,  8};
enum { TYPES = sizeof bits, TYPE_UNDEFINED = 0, TYPE_STRING = 8, PATH = 4096, LOOKS_MAX = 10000 };

/* The number of an offset or a length entry. */
static void take_place(struct onnx_tensor *t, uint64_t n)
{
    if (t->key.p[0] == 'o') {
        t->offset = n;
        return;
    }
    t->length = n;
    if (t->type < TYPES && bits[t->type] && !t->bad_dims && !t->has_raw)
        t->raw_bytes = n;
}

/* Look the tensor's file up, unless it is the one before's. False: nothing can be said of it. */
static bool find_file(struct look *k, struct span location, struct onnx_files *files)
{
    char folder[PATH], name[PATH];
    struct span dir = span_str(k->path);
    if (files->looks && span_eq(files->last, location))
        return files->known;
    while (dir.n && dir.p[dir.n - 1] != '/')
        dir.n--;
    if (dir.n == 0)
        dir = SPAN_LIT(".");
    files->known = false;
    files->last = location;
    if (dir.n >= PATH || location.n >= PATH || ++files->looks > LOOKS_MAX)
        return false;
    memcpy(folder, dir.p, dir.n);
    memcpy(name, location.p, location.n);
    folder[dir.n] = name[location.n] = 0;
    files->known = !failed(below_look(folder, name, &files->found));
    return files->known;
}

/* The file of external data where there is one: no link on the way, no second name, long enough.
 * It may be missing: whoever moves a model alone finds out soon enough. */
static void look_at_file(struct look *k, const struct onnx_tensor *t, struct onnx_files *files)
{
    const struct below *f = &files->found;
    if (!find_file(k, t->location, files) || f->kind == BELOW_MISSING)
        return;
    if (f->kind == BELOW_LINK)
        look_note(k, WEIGHTS_SUSPICIOUS, "onnx-external", t->at,
                  "external data behind a symbolic link: %s", look_text(k, t->location));
    else if (f->kind == BELOW_OTHER)
        look_note(k, WEIGHTS_SUSPICIOUS, "onnx-external", t->at,
                  "external data in what is no regular file: %s", look_text(k, t->location));
    else if (f->links > 1)
        look_note(k, WEIGHTS_SUSPICIOUS, "onnx-external", t->at,
                  "external data in a file with several names: %s", look_text(k, t->location));
    else if (t->offset > f->size || t->length > f->size - t->offset)
        look_note(k, WEIGHTS_MALFORMED, "onnx-external", t->at,
                  "external data beyond the end of its file: %s", look_text(k, t->location));
}

/* The report tells which files hold tensors; the next one's is often the same. */
static void name_file(struct look *k, struct span location)
{
    struct buf *b = &k->report->data;
    struct span names = buf_span(b), nul = SPAN_LIT("\0");
    struct span last = span_cut(names, names.n - location.n - 1, location.n);
    bool again = names.n > location.n && span_eq(last, location) &&
                 (names.n == location.n + 1 || names.p[names.n - location.n - 2] == 0);
    if (again || b->n + location.n + 1 > b->max)
        return;
    if (failed(buf_put(b, location)) || failed(buf_put(b, nul)))
        k->e = err(ERR_NOMEM);
}

/* What is no plain name to whoever expands addresses, homes or escapes. */
static bool is_address(struct span s)
{
    return s.p[0] == '~' || span_search(s, 0, SPAN_LIT(":/")) < s.n ||
           span_search(s, 0, SPAN_LIT("%2")) < s.n;
}

void onnx_external_entry(struct look *k, struct onnx_tensor *t, uint64_t at)
{
    uint64_t n;
    if (span_is(t->key, "location")) {
        t->has_location = true;
        if (!t->value.n)
            look_note(k, WEIGHTS_MALFORMED, "onnx-external", at,
                      "external data without a file name");
        else if (look_path_leaves(t->value))
            look_note(k, WEIGHTS_MALICIOUS, "onnx-external", at,
                      "external data outside the model's folder: %s", look_text(k, t->value));
        else if (is_address(t->value))
            look_note(k, WEIGHTS_SUSPICIOUS, "onnx-external", at,
                      "external data by an address, not by a file's name: %s",
                      look_text(k, t->value));
        else
            t->location = t->value;
    } else if (span_is(t->key, "offset") || span_is(t->key, "length")) {
        if (failed(num_u64(t->value, INT64_MAX, &n)))
            look_note(k, WEIGHTS_MALFORMED, "onnx-external", at, "an %s that is no number: %s",
                      t->key.p[0] == 'o' ? "offset" : "extent", look_text(k, t->value));
        else
            take_place(t, n);
    } else if (!span_is(t->key, "checksum") && !span_is(t->key, "basepath")) {
        look_note(k, WEIGHTS_SUSPICIOUS, "onnx-external", at, "an unknown key of external data: %s",
                  look_text(k, t->key));
    }
    t->key = t->value = SPAN_NONE;
}

/* Fields of values: float_data, int32_data, string_data, int64_data, double_data, uint64_data. */
enum { FLOATS = 4, INTS = 5, TEXTS = 6, LONGS = 7, DOUBLES = 10, UNSIGNED = 11 };

void onnx_typed_data(struct onnx_tensor *t, const struct onnx_field *f)
{
    uint64_t n = 1; /* not packed: one value */
    switch (f->number) {
    case FLOATS:
    case DOUBLES:
        if (f->wire == 2)
            n = f->bytes.n / (f->number == FLOATS ? 4 : 8);
        break;
    case INTS:
    case LONGS:
    case UNSIGNED:
        if (f->wire == 2) {
            n = 0;
            for (size_t i = 0; i < f->bytes.n; i++)
                n += f->bytes.p[i] < 0x80; /* a varint's last byte */
        }
        break;
    case TEXTS:
        break;
    default:
        return;
    }
    t->typed += n;
    t->typed_field = (unsigned)f->number;
}

/* Values in their field: as many as the dimensions say. */
static void check_typed(struct look *k, const struct onnx_tensor *t)
{
    enum { COMPLEX64 = 14, COMPLEX128 = 15, FIRST_PACKED = 21 };
    uint64_t n = t->elements;
    if (t->type == TYPE_UNDEFINED || t->type >= TYPES)
        return;
    if ((t->type == COMPLEX64 || t->type == COMPLEX128) && __builtin_mul_overflow(n, 2U, &n))
        n = UINT64_MAX;
    bool packed = t->type >= FIRST_PACKED && t->typed == n / 2 + n % 2; /* two in a value */
    if (t->typed == n || packed)
        return;
    look_note(k, WEIGHTS_MALFORMED, "onnx-tensor", t->at,
              t->typed ? "another number of values than the dimensions say"
                       : "dimensions and no data");
}

void onnx_tensor_end(struct look *k, const struct onnx_tensor *t, struct onnx_files *files)
{
    if (t->bad_dims) {
        look_note(k, WEIGHTS_MALFORMED, "onnx-tensor", t->at,
                  "dimensions that are negative or whose product overflows");
        return;
    }
    if (t->type == TYPE_UNDEFINED && (t->has_raw || t->typed))
        look_note(k, WEIGHTS_MALFORMED, "onnx-tensor", t->at, "data of no type");
    if (t->type >= TYPES)
        look_note(k, WEIGHTS_SUSPICIOUS, "onnx-tensor", t->at, "an unknown data type");
    if (t->external && !t->has_location)
        look_note(k, WEIGHTS_MALFORMED, "onnx-external", t->at, "external data without a location");
    if (t->external && t->has_raw)
        look_note(k, WEIGHTS_MALFORMED, "onnx-external", t->at,
                  "data both inside and outside the file");
    if (t->typed_field && (t->has_raw || t->external))
        look_note(k, WEIGHTS_MALFORMED, "onnx-tensor", t->at, "data in two places");
    else if (!t->has_raw && !t->external)
        check_typed(k, t);
    if (t->external && t->location.n && k->path && k->now->depth == 0) {
        name_file(k, t->location);
        look_at_file(k, t, files);
    }
    uint64_t want;
    bool sized = t->type < TYPES && bits[t->type] && (t->has_raw || (t->external && t->raw_bytes));
    if (t->has_raw && t->type == TYPE_STRING)
        look_note(k, WEIGHTS_MALFORMED, "onnx-tensor", t->at, "raw bytes in a tensor of strings");
    if (!sized)
        return;
    if (__builtin_mul_overflow(t->elements, (uint64_t)bits[t->type], &want) ||
        want > UINT64_MAX - 7 || (want + 7) / 8 != t->raw_bytes)
        look_note(k, WEIGHTS_MALFORMED, "onnx-tensor", t->at,
                  "the data has another length than dimensions times type");
}
