/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names with numbers: fields, methods, and lists of tokens. Called for every field of every head;
 * most names are known.
 */
#include "head_int.h"
#include "header_table_int.h"

static const struct span header_name[HTTP_ID_COUNT] = {
    {(const uint8_t *)"", 0},
#define HEADER(id, name, once) {(const uint8_t *)"" name, sizeof name - 1},
#include "header_names.def"
#undef HEADER
};

static const struct span method_name[] = {
    [HTTP_OTHER_METHOD] = {(const uint8_t *)"", 0},
    [HTTP_GET] = {(const uint8_t *)"GET", 3},
    [HTTP_HEAD] = {(const uint8_t *)"HEAD", 4},
    [HTTP_POST] = {(const uint8_t *)"POST", 4},
    [HTTP_PUT] = {(const uint8_t *)"PUT", 3},
    [HTTP_DELETE] = {(const uint8_t *)"DELETE", 6},
    [HTTP_PATCH] = {(const uint8_t *)"PATCH", 5},
    [HTTP_OPTIONS] = {(const uint8_t *)"OPTIONS", 7},
};

/* `lower` is lower case already. */
static inline bool same_name(struct span name, struct span lower)
{
    if (name.n != lower.n)
        return false;
    unsigned diff = 0;
    for (size_t i = 0; i < name.n; i++)
        diff |= (unsigned)ascii_lower(name.p[i]) ^ lower.p[i];
    return diff == 0;
}

enum http_id http_id_find(struct span name)
{
    if (name.n == 0)
        return HTTP_HEADER_OTHER;
    size_t slot =
        (name.n * SLOT_LENGTH + (size_t)ascii_lower(name.p[0]) * SLOT_FIRST +
         (size_t)ascii_lower(name.p[name.n / 2]) * SLOT_MIDDLE + ascii_lower(name.p[name.n - 1])) %
        SLOTS;
    uint8_t id = slot_id[slot];
    return id && same_name(name, header_name[id]) ? (enum http_id)id : HTTP_HEADER_OTHER;
}

struct span http_id_name(enum http_id id)
{
    return (unsigned)id < HTTP_ID_COUNT ? header_name[id] : header_name[HTTP_HEADER_OTHER];
}

enum http_method http_method_find(struct span text)
{
    for (unsigned m = HTTP_GET; m <= HTTP_OPTIONS; m++)
        if (span_eq(text, method_name[m]))
            return (enum http_method)m;
    return HTTP_OTHER_METHOD;
}

struct span http_method_name(enum http_method m)
{
    return (unsigned)m <= HTTP_OPTIONS ? method_name[m] : method_name[HTTP_OTHER_METHOD];
}

struct span http_header_named(const struct http_head *h, struct span name)
{
    enum http_id id = http_id_find(name);
    if (id != HTTP_HEADER_OTHER)
        return http_header(h, id);
    for (size_t i = 0; i < h->fields; i++)
        if (span_eq_nocase(http_field_name(h, i), name))
            return http_field_value(h, i);
    return SPAN_NONE;
}

bool http_list_has(struct span list, struct span token)
{
    for (size_t at = 0; at <= list.n;) {
        size_t comma = span_find(list, at, ',');
        struct span member = span_trim(span_cut(list, at, comma - at));
        if (span_eq_nocase(member, token))
            return true;
        at = comma + 1;
    }
    return false;
}

struct span http_media_type(struct span content_type)
{
    return span_trim(span_cut(content_type, 0, span_find(content_type, 0, ';')));
}
