/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formats by their content. A mark that stands at a fixed place decides; what has none (pickle of
 * protocol 0, ONNX, text) is tried in turn. The name is asked last, and only for what it promises:
 * a file named .safetensors that is something else is malformed whatever else it is.
 */
#include "sniff_int.h"

#include "utf8.h"

/* What a name's ending promises: the formats that keep the promise, space-separated. */
static const struct promise {
    const char *ending, *formats;
} promises[] = {
    {".safetensors", "safetensors"},
    {".gguf", "gguf"},
    {".onnx", "onnx"},
    {".npy", "npy"},
    {".npz", "zip"},
    {".keras", "zip hdf5"},
    {".h5", "hdf5"},
    {".hdf5", "hdf5"},
    {".pkl", "pickle zip gzip bz2 xz lzma zlib zstd"},
    {".pickle", "pickle zip gzip bz2 xz lzma zlib zstd"},
    {".joblib", "pickle zip gzip bz2 xz lzma zlib zstd lz4"},
    {".pt", "pickle zip tar"},
    {".pth", "pickle zip tar"},
    {".ckpt", "pickle zip tar"},
};

static bool ends_nocase(struct span s, const char *tail)
{
    struct span t = span_str(tail);
    return s.n >= t.n && span_eq_nocase(span_from(s, s.n - t.n), t);
}

static const struct promise *promise_of(const struct look *k)
{
    struct span name = look_name(k);
    for (size_t i = 0; i < sizeof promises / sizeof promises[0]; i++)
        if (ends_nocase(name, promises[i].ending))
            return &promises[i];
    return NULL;
}

/* Is `word` one of the space-separated words of `list`? */
static bool listed(const char *list, const char *word)
{
    struct span l = span_str(list);
    for (size_t at = 0; at <= l.n;) {
        size_t end = span_find(l, at, ' ');
        if (span_is(span_cut(l, at, end - at), word))
            return true;
        at = end + 1;
    }
    return false;
}

static void note_promise(struct look *k, const char *format)
{
    const struct promise *p = promise_of(k);
    if (p && !listed(p->formats, format))
        look_note(k, WEIGHTS_MALFORMED, "name-promise", 0, "named %s but the content is %s",
                  p->ending, format);
}

struct mark {
    const char *format;
    size_t at;
    const char *bytes;
    size_t n;
    enum weights_verdict level;
    const char *why; /* NULL: fine as such */
};
#define MARK(format, at, bytes, level, why)                                                        \
    {                                                                                              \
        format, at, bytes, sizeof(bytes) - 1, level, why                                           \
    }

/* Formats that are recognised and not read. */
static const struct mark unread[] = {
    MARK("7z", 0, "7z\xbc\xaf\x27\x1c", WEIGHTS_SUSPICIOUS, "a 7z archive is not opened"),
    MARK("rar", 0, "Rar!\x1a\x07", WEIGHTS_SUSPICIOUS, "a RAR archive is not opened"),
    MARK("ar", 0, "!<arch>\n", WEIGHTS_SUSPICIOUS, "an ar archive is not opened"),
    MARK("lz4", 0, "\x04\x22\x4d\x18", WEIGHTS_SUSPICIOUS, "an LZ4 stream is not opened"),
    MARK("ggml", 0, "GGML", WEIGHTS_MALFORMED, "a GGML file, whose format was retired"),
    MARK("ggml", 0, "lmgg", WEIGHTS_MALFORMED, "a GGML file, whose format was retired"),
    MARK("ggml", 0, "tjgg", WEIGHTS_MALFORMED, "a GGJT file, whose format was retired"),
    MARK("ggml", 0, "fmgg", WEIGHTS_MALFORMED, "a GGMF file, whose format was retired"),
    MARK("executable", 0,
         "\x7f"
         "ELF",
         WEIGHTS_SUSPICIOUS, "a program or shared library"),
    MARK("executable", 0, "MZ\x90", WEIGHTS_SUSPICIOUS, "a Windows program or library"),
    MARK("executable", 0, "\xcf\xfa\xed\xfe", WEIGHTS_SUSPICIOUS, "a macOS program or library"),
    MARK("bytecode", 2, "\r\n", WEIGHTS_SUSPICIOUS, "looks like compiled Python"),
};

static bool mark_is(const struct mark *m, struct span s)
{
    return span_eq(span_cut(s, m->at, m->n), span(m->bytes, m->n));
}

static const char *look_unread(struct look *k, struct span s)
{
    for (size_t i = 0; i < sizeof unread / sizeof unread[0]; i++) {
        const struct mark *m = &unread[i];
        if (!mark_is(m, s) || (m->at && utf8_valid(span_cut(s, 0, 16))))
            continue;
        look_note(k, m->level, "unread-format", 0, "%s", m->why);
        if (span_is(span_str(m->format), "7z") && s.n >= 32) {
            uint64_t at = 0, n = 0;
            for (unsigned b = 8; b-- > 0;) {
                at = at << 8 | s.p[12 + b];
                n = n << 8 | s.p[20 + b];
            }
            if (n == 0 || at > s.n - 32 || n > s.n - 32 - at)
                look_note(k, WEIGHTS_MALFORMED, "7z-header", 12,
                          "the 7z header lies outside the file");
        }
        return m->format;
    }
    return NULL;
}

/* A format with a mark at its beginning may still carry a zip behind it. */
static void note_polyglot(struct look *k, struct span s, const char *format)
{
    size_t at;
    if (!zip_tail_is(s, &at) || (span_is(span_str(format), "tar") && tar_covers(s, at)))
        return; /* a zip within a tar is one of its members */
    look_note(k, WEIGHTS_MALFORMED, "polyglot", at, "a %s file that is a zip archive as well",
              format);
}

static const struct reader {
    const char *format;
    const char *mark;
    size_t mark_n;
    void (*look)(struct look *, struct span);
} readers[] = {
    {"gguf", "GGUF", 4, gguf_look},
    {"npy", "\x93NUMPY", 6, npy_look},
    {"hdf5", "\x89HDF\r\n\x1a\n", 8, hdf5_look},
};

static bool looks_text(struct span s)
{
    size_t head = s.n < 65536 ? s.n : 65536;
    struct span h = span_cut(s, 0, head);
    if (span_find(h, 0, 0) != h.n || (!utf8_valid(h) && h.n - utf8_valid_prefix(h) >= 4))
        return false;
    size_t controls =
        0; /* a text may hold a few; a small message of another format is full of them */
    for (size_t i = 0; i < h.n; i++)
        controls += h.p[i] < ' ' && !((uint8_t)(h.p[i] - '\t') < 5 || h.p[i] == 0x1b);
    return controls <= h.n / 64;
}

/* Nothing marks it: ONNX, pickle, text, or unknown. */
static const char *look_unmarked(struct look *k, struct span s)
{
    const struct promise *p = promise_of(k);
    bool says_pickle = p && listed(p->formats, "pickle");
    if ((p && span_is(span_str(p->formats), "onnx") && !says_pickle && s.n && s.p[0] != 0x80) ||
        onnx_is(s)) {
        struct look_point before = look_point(k);
        onnx_look(k, s);
        if (onnx_is(s))
            return "onnx";
        enum weights_verdict level = k->report->verdict;
        struct look_point as_onnx = look_point(k);
        enum pickle_end end = pickle_look(k, s);
        if (end == PICKLE_WHOLE || k->report->verdict == WEIGHTS_MALICIOUS)
            return "pickle";
        look_rewind(k, level > before.verdict ? as_onnx : before);
        return "onnx";
    }
    struct look_point before = look_point(k);
    enum pickle_end end = pickle_look(k, s);
    bool caught = k->report->verdict == WEIGHTS_MALICIOUS && before.verdict != WEIGHTS_MALICIOUS;
    if (end == PICKLE_WHOLE || caught || says_pickle || (s.n > 1 && s.p[0] == 0x80 && s.p[1] < 8))
        return "pickle";
    look_rewind(k, before);
    if (looks_text(s)) {
        text_look(k, s);
        return "text";
    }
    if (k->now->setting != IN_TORCH_STORAGE)
        look_note(k, WEIGHTS_SUSPICIOUS, "unknown-format", 0, "no known format");
    return "unknown";
}

/* An HDF5 file may begin behind a block of its user's (512 bytes or that times a power of two; H5F
 * specification II.A). One with something in it is two files in one, and stays unknown. */
static bool hdf5_behind_user(struct span s, size_t *at)
{
    for (*at = 512; *at < s.n && *at <= (1 << 20); *at *= 2)
        if (span_starts(span_from(s, *at), SPAN_LIT("\x89HDF\r\n\x1a\n"))) {
            size_t i = 0;
            while (i < *at && !s.p[i])
                i++;
            return i == *at;
        }
    return false;
}

const char *sniff_and_look(struct look *k, struct span s)
{
    const char *format = NULL;
    if (s.n == 0) {
        const struct promise *p = promise_of(k);
        if (p || !look_name(k).n)
            look_note(k, WEIGHTS_MALFORMED, "empty", 0, "the file is empty");
        return "empty";
    }
    if (zip_is(s)) {
        zip_look(k, s);
        note_promise(k, "zip");
        return "zip";
    }
    for (size_t i = 0; i < sizeof readers / sizeof readers[0] && !format; i++)
        if (span_starts(s, span(readers[i].mark, readers[i].mark_n))) {
            format = readers[i].format;
            readers[i].look(k, s);
        }
    size_t behind;
    if (!format && hdf5_behind_user(s, &behind)) {
        format = "hdf5";
        look_note(k, WEIGHTS_OK, "hdf5", behind,
                  "begins behind %zu empty bytes; positions count from there", behind);
        hdf5_look(k, span_from(s, behind));
    }
    if (!format && packed_is(s)) {
        format = packed_is(s);
        packed_look(k, s);
    }
    if (!format && tar_is(s)) {
        format = "tar";
        tar_look(k, s);
    }
    if (!format && safetensors_is(s)) {
        format = "safetensors";
        safetensors_look(k, s);
    }
    if (!format)
        format = look_unread(k, s);
    if (!format)
        format = look_unmarked(k, s);
    note_polyglot(k, s, format);
    note_promise(k, format);
    return format;
}
