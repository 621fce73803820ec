/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HDF5 as Keras writes it: the model's configuration is a JSON text in an attribute. The file's own
 * structure (B-trees, heaps) is not followed: the configuration is found by its text wherever it
 * lies, so that a reader's and an attacker's idea of the structure do not matter.
 */
#include "json.h"
#include "weights_look_int.h"

enum { SUPERBLOCK_MIN = 48, CONFIG_MAX = 16 << 20, FOUND_MAX = 64 };

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

void hdf5_look(struct look *k, struct span s)
{
    if (s.n < SUPERBLOCK_MIN || s.p[8] > 3) {
        look_note(k, WEIGHTS_MALFORMED, "hdf5", 8, "no known superblock");
        return;
    }
    struct span mark = SPAN_LIT("{\"class_name\"");
    size_t found = 0;
    for (size_t at = span_search(s, 0, mark); at < s.n && found < FOUND_MAX; found++) {
        struct span config = object_at(s, at);
        if (!config.n) {
            look_note(k, WEIGHTS_SUSPICIOUS, "hdf5", at,
                      "a configuration that cannot be read whole");
            config = span_cut(s, at, mark.n);
        } else {
            json_look(k, config, true);
        }
        at = span_search(s, at + config.n, mark);
    }
}
