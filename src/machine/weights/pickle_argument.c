/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arguments of allowed calls that matter: a codec's name leads to an import of encodings.NAME, and
 * a bytearray of a number takes that much memory. Called for each of these calls; what Python's own
 * pickles hold (latin1, and bytes) passes.
 */
#include "num.h"
#include "pickle_int.h"

enum { BYTES_MAX = 16 << 20 };

static bool codec_is_plain(struct span name)
{
    static const char *const plain[] = {"latin1", "latin-1", "iso-8859-1", "iso8859-1",
                                        "utf-8",  "utf8",    "ascii",      "us-ascii",
                                        "utf_8",  "latin_1", "cp1252",     "utf-16"};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (span_eq_nocase(name, span_str(plain[i])))
            return true;
    return false;
}

void pickle_arguments(struct machine *m, enum name_use use, struct value args)
{
    const struct value *v;
    size_t n, text_n;
    char text[PICKLE_NAME_MAX];
    int64_t count;
    if (!pickle_members(m, args, &v, &n))
        return;
    if (use == USE_CODEC && n > 1 && value_kind(v[1]) == K_TEXT &&
        (!pickle_text(m->in, value_extra(v[1]), text, &text_n) ||
         !codec_is_plain(span(text, text_n))))
        machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-call",
                     "encodes by a codec that no pickle needs");
    if (use == USE_BYTES && n && value_kind(v[0]) == K_INT &&
        (!pickle_int_of(m, v[0], &count) || count < 0 || count > BYTES_MAX))
        machine_note(m, WEIGHTS_MALFORMED, "pickle-call", "asks for very many bytes at once");
}
