/* SPDX-License-Identifier: Apache-2.0 */
/* Names of members, one after the other. Frequent: JSON whose every member's name is one word,
 * which costs a look at each colon. */
#include "label_int.h"

#include "utf8.h"

#include <string.h>

static bool in_names(uint8_t c, uint8_t quote)
{
    return utf8_letter_byte(c) || (c != quote && c && strchr(" .,-'", c));
}

bool label_has_two_words(struct span s)
{
    unsigned words = 0;
    for (size_t i = 0; i < s.n; i++)
        words += utf8_letter_byte(s.p[i]) && (i == 0 || s.p[i - 1] == ' ');
    return words > 1;
}

/* What stands in quotes directly before the colon at `end`; empty when nothing does. */
static struct span quoted_before(struct span text, size_t end)
{
    if (end && text.p[end - 1] == ' ')
        end--;
    if (end == 0 || (text.p[end - 1] != '"' && text.p[end - 1] != '\''))
        return SPAN_NONE;
    uint8_t quote = text.p[--end];
    size_t start = end;
    while (start && end - start < LABEL_MAX && in_names(text.p[start - 1], quote))
        start--;
    bool opened = start && text.p[start - 1] == quote;
    return opened ? span_cut(text, start, end - start) : SPAN_NONE;
}

bool label_next(struct span text, size_t *at, struct span *label)
{
    while ((*at = span_find(text, *at, ':')) < text.n) {
        *label = quoted_before(text, (*at)++);
        if (label_has_two_words(*label))
            return true;
    }
    return false;
}
