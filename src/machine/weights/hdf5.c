/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HDF5, and what Keras writes into it. Two things make such a file dangerous: the model's
 * configuration, a JSON text in an attribute, and the ways in which a file names others: external
 * links, external storage of a dataset's bytes, virtual datasets (reading one reads the file it
 * names: CVE-2026-1669). The file's own structure (B-trees, heaps) is not followed: texts and
 * messages are found by their form wherever they lie, so that a reader's and an attacker's idea of
 * the structure do not matter. A message counts only when every part of it fits, down to the heap
 * it points at; numbers do not look like that.
 * Source: HDF5 File Format Specification 3.0, IV.A.2.g (link), .h (external files), .i (layout).
 */
#include "json.h"
#include "utf8.h"
#include "weights_look_int.h"

enum {
    SUPERBLOCK_MIN = 48,
    CONFIG_MAX = 16 << 20,
    WINDOW = 1 << 20,
    FOUND_MAX = 64,
    LINK_EXTERNAL = 64,
    NAME_BYTES_MAX = 4096,
    SLOTS_MAX = 64,
    SLOT = 24
};

/* ---- configuration ---- */

/* The JSON object at `at`, as far as the reader gets. */
static struct span object_at(struct span s, size_t at)
{
    struct span rest = span_cut(s, at, CONFIG_MAX);
    size_t depth = 0;
    bool text = false;
    for (size_t i = 0; i < rest.n; i++) {
        uint8_t c = rest.p[i];
        if (text && c == '\\')
            i++;
        else if (c == '"')
            text = !text;
        else if (!text && c == '{')
            depth++;
        else if (!text && c == '}' && --depth == 0)
            return span_cut(rest, 0, i + 1);
        else if (c == 0)
            break;
    }
    return SPAN_NONE;
}

/* Where the text around `at` has its first brace; `at` when it has none. Not before `low`. */
static size_t first_brace(struct span s, size_t low, size_t at)
{
    size_t begin = at;
    while (begin > low && (s.p[begin - 1] >= ' ' || (uint8_t)(s.p[begin - 1] - '\t') < 5))
        begin--;
    size_t brace = span_find(s, begin, '{');
    return brace < at ? brace : at;
}

/* As span_search, in windows: what was searched is let go, however large the file is. */
static size_t search(struct look *k, struct span s, size_t at, struct span mark)
{
    while (at < s.n) {
        struct span window = span_cut(s, 0, s.n - at > WINDOW ? at + WINDOW + mark.n - 1 : s.n);
        size_t found = span_search(window, at, mark);
        if (found < window.n)
            return found;
        at = s.n - at > WINDOW ? at + WINDOW : s.n;
        look_passed(k, s.p + at);
    }
    return s.n;
}

/* Every JSON text that holds `mark`. */
static void look_for(struct look *k, struct span s, struct span mark, bool certain)
{
    size_t found = 0, low = 0;
    look_passed(k, s.p);
    for (size_t at = search(k, s, 0, mark); at < s.n && found < FOUND_MAX; found++) {
        size_t begin = first_brace(s, low, at);
        struct span config = s.p[begin] == '{' ? object_at(s, begin) : SPAN_NONE;
        if (config.n) {
            json_look(k, config, true);
            at = begin + config.n > at ? begin + config.n : at + mark.n;
        } else {
            if (certain)
                look_note(k, WEIGHTS_SUSPICIOUS, "hdf5", at,
                          "a configuration that cannot be read whole");
            at += mark.n;
        }
        low = at;
        at = search(k, s, at, mark);
    }
}

/* ---- other files ---- */

static uint64_t le(struct span s, size_t at, unsigned width)
{
    uint64_t v = 0;
    for (unsigned i = width; i-- > 0;)
        v = v << 8 | (at + i < s.n ? s.p[at + i] : 0);
    return v;
}

/* The text at `at` that ends with a zero byte. False: none that could be a name. */
static bool name_at(struct span s, size_t at, struct span *out)
{
    struct span rest = span_cut(s, at, NAME_BYTES_MAX);
    size_t n = span_find(rest, 0, 0);
    *out = span_cut(rest, 0, n);
    if (n == 0 || n == rest.n || !utf8_valid(*out))
        return false;
    for (size_t i = 0; i < n; i++)
        if (out->p[i] < ' ' || out->p[i] == 0x7f)
            return false;
    return true;
}

static void note_file(struct look *k, size_t at, struct span name, const char *what)
{
    bool out = look_path_leaves(name) || span_search(name, 0, SPAN_LIT("://")) < name.n;
    look_note(k, out ? WEIGHTS_MALICIOUS : WEIGHTS_SUSPICIOUS, "hdf5-external", at,
              "%s in %s file: %s", what, out ? "a foreign" : "another", look_text(k, name));
}

/* A link message: version 1, flags, type 64, …, length of the name, name, length of what follows,
 * a zero byte, file, object. */
static bool external_link(struct span s, size_t at, struct span *file)
{
    uint8_t flags = s.p[at + 1];
    size_t width = (size_t)1 << (flags & 3),
           i = at + 3 + (flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0);
    uint64_t n = le(s, i, (unsigned)width);
    struct span name, object;
    i += width;
    if (n == 0 || n > NAME_BYTES_MAX || i + n + 4 > s.n)
        return false;
    name = span_cut(s, i, (size_t)n);
    i += (size_t)n;
    uint64_t value = le(s, i, 2);
    return span_find(name, 0, 0) == name.n && utf8_valid(name) && s.p[i + 2] == 0 &&
           name_at(s, i + 3, file) && name_at(s, i + 3 + file->n + 1, &object) &&
           value == file->n + object.n + 3;
}

/* A message of external files: version 1, three zeros, slots there and used, a local heap that
 * holds the names, slots of name, offset and size. */
static bool external_files(struct span s, size_t at, struct span *file)
{
    uint64_t there = le(s, at + 4, 2), used = le(s, at + 6, 2), heap = le(s, at + 8, 8);
    if (!used || used > there || used > SLOTS_MAX || heap > s.n - 32 ||
        at + 16 + SLOT * used > s.n ||
        !span_eq(span_cut(s, (size_t)heap, 8), SPAN_LIT("HEAP\0\0\0\0")))
        return false;
    uint64_t room = le(s, (size_t)heap + 8, 8), data = le(s, (size_t)heap + 24, 8);
    uint64_t name = le(s, at + 16, 8);
    return room <= s.n && data <= s.n - room && name < room &&
           name_at(s, (size_t)(data + name), file);
}

/* The object `index` of the collection at `heap`; empty: there is none. */
static struct span heap_object(struct span s, uint64_t heap, uint64_t index)
{
    if (heap > s.n - 16 || !span_eq(span_cut(s, (size_t)heap, 8), SPAN_LIT("GCOL\1\0\0\0")))
        return SPAN_NONE;
    uint64_t size = le(s, (size_t)heap + 8, 8), at = heap + 16;
    uint64_t end = size < s.n - heap ? heap + size : s.n;
    while (end - at >= 16 && at < end) {
        uint64_t n = le(s, (size_t)at + 8, 8);
        if (n > end - at - 16)
            return SPAN_NONE;
        if (le(s, (size_t)at, 2) == index)
            return span_cut(s, (size_t)at + 16, (size_t)n);
        if (le(s, (size_t)at, 2) == 0)
            return SPAN_NONE;
        at += 16 + ((n + 7) & ~(uint64_t)7);
    }
    return SPAN_NONE;
}

/* A virtual layout: version 4, class 3, a heap's object that lists file and dataset of each part.
 * "." is the file itself. */
static bool virtual_dataset(struct span s, size_t at, struct span *file)
{
    struct span list = heap_object(s, le(s, at + 2, 8), le(s, at + 10, 4));
    uint64_t parts = le(list, 1, 8);
    return list.n > 9 && list.p[0] <= 1 && parts && parts < list.n && name_at(list, 9, file) &&
           !span_is(*file, ".");
}

static void look_for_files(struct look *k, struct span s)
{
    struct span file;
    unsigned found = 0;
    look_passed(k, s.p);
    for (size_t at = 0; s.n >= SUPERBLOCK_MIN && at < s.n - 16 && found < FOUND_MAX; at++) {
        const uint8_t *p = s.p + at;
        const char *what = NULL;
        if (at % WINDOW == 0)
            look_passed(k, p);
        if (p[0] == 1) {
            if (p[2] == LINK_EXTERNAL && (p[1] & 0xe8) == 8 && external_link(s, at, &file))
                what = "a link to an object";
            else if (!p[1] && !p[2] && !p[3] && external_files(s, at, &file))
                what = "a dataset whose bytes lie";
        } else if (p[0] == 4 && p[1] == 3 && virtual_dataset(s, at, &file)) {
            what = "a dataset put together from parts";
        }
        if (!what)
            continue;
        found++;
        note_file(k, at, file, what);
    }
}

/* The superblock says where the file ends: whatever lies behind is another's, and a file that ends
 * before was cut. Nothing is said of addresses that do not begin at the superblock. */
static void look_at_end(struct look *k, struct span s)
{
    size_t base = s.p[8] == 0 ? 24 : s.p[8] == 1 ? 28 : 12;
    uint64_t end = le(s, base + 16, 8);
    if (le(s, base, 8) != 0 || end < SUPERBLOCK_MIN || end == UINT64_MAX)
        return;
    if (end > s.n)
        look_note(k, WEIGHTS_MALFORMED, "hdf5", base + 16, "the file ends before its data does");
    for (size_t i = (size_t)end; end < s.n && i < s.n; i++)
        if (s.p[i]) {
            look_note(k, WEIGHTS_MALFORMED, "polyglot", i, "bytes behind the file's end");
            return;
        }
}

void hdf5_look(struct look *k, struct span s)
{
    if (s.n < SUPERBLOCK_MIN || s.p[8] > 3) {
        look_note(k, WEIGHTS_MALFORMED, "hdf5", 8, "no known superblock");
        return;
    }
    size_t sizes = s.p[8] < 2 ? 13 : 9; /* of offsets and lengths */
    if (s.p[sizes] != 8 || s.p[sizes + 1] != 8)
        look_note(k, WEIGHTS_SUSPICIOUS, "hdf5", sizes, "offsets or lengths of other than 8 bytes");
    else
        look_at_end(k, s);
    look_for(k, s, SPAN_LIT("\"class_name\""), true);
    /* the same name with its letters escaped */
    if (k->report->verdict == WEIGHTS_OK)
        look_for(k, s, SPAN_LIT("\\u00"), false);
    look_for_files(k, s);
}
