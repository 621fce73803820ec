/* SPDX-License-Identifier: Apache-2.0 */
/* First byte: flags; up to the first NUL the expression; the rest is the text. Alone and as a set.
 */
#include "regex.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first match alone must be among the set's; those come in order and hold something. */
struct seen {
    size_t start, end, n;
    bool first;
};

static struct err keep(void *self, size_t which, size_t start, size_t end)
{
    struct seen *s = self;
    if (which || start >= end || end > s->n)
        abort();
    s->first |= start == s->start && end >= s->end;
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct span in = span(data + 1, size - 1);
    size_t cut = span_find(in, 0, 0);
    struct regex *re = NULL;
    struct fault f = {0};
    if (failed(regex_compile(span_cut(in, 0, cut), data[0] & 15, NULL, &re, &f))) {
        if (!f.why || f.at > cut)
            abort();
        return 0;
    }
    struct span text = span_cut(span_from(in, cut + 1), 0, 4096);
    bool any, found;
    size_t start = 0, end = 0;
    if (failed(regex_match(re, text, &any)) ||
        failed(regex_find(re, text, 0, &start, &end, &found)))
        abort();
    if (any != found || (found && (start > end || end > text.n)))
        abort();
    struct regex_set *set = NULL;
    struct seen seen = {start, end, text.n, !found};
    const struct regex *one[] = {re};
    if (failed(regex_set_new(one, 1, &set)) || failed(regex_set_scan(set, text, keep, &seen)) ||
        (found && end > start && !seen.first))
        abort();
    regex_set_free(set);
    regex_free(re);
    return 0;
}
