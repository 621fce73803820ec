/* SPDX-License-Identifier: Apache-2.0 */
/* Message, enum and extension types from JSON (the form is described in test/cel/data/DATA.md). */
#include "json.h"
#include "num.h"
#include "suite_int.h"

static struct err label(struct span s, enum cel_field_label *out)
{
    static const char *const names[] = {"implicit", "optional", "required", "repeated", "map"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (span_is(s, names[i])) {
            *out = (enum cel_field_label)i;
            return OK;
        }
    }
    return err(ERR_INPUT);
}

static const char *optional_text(const struct dom *d, const char *name, struct arena *a)
{
    const struct dom *member = dom_get(d, name);
    return member ? dom_str(member->text, a) : NULL;
}

static struct err field(const struct dom *d, struct arena *a, struct cel_field_decl *out)
{
    uint64_t number;
    TRY(num_u64(dom_text(d, "number"), 0x1fffffff, &number));
    *out = (struct cel_field_decl){.name = dom_str(d->key, a),
                                   .number = (uint32_t)number,
                                   .key = optional_text(d, "key", a),
                                   .oneof = optional_text(d, "oneof", a),
                                   .fallback = optional_text(d, "default", a),
                                   .group = dom_true(d, "group")};
    TRY(label(dom_text(d, "label"), &out->label));
    out->type = optional_text(d, out->key ? "value" : "type", a);
    return out->type ? OK : err(ERR_INPUT);
}

static const struct dom *members(const struct dom *d, const char *name)
{
    const struct dom *m = dom_get(d, name);
    return m ? m->first : NULL;
}

static struct err messages(struct cel_schema *s, const struct dom *root, struct arena *a)
{
    struct cel_field_decl f;
    for (const struct dom *m = members(root, "messages"); m; m = m->next) {
        if (span_starts(m->key, SPAN_LIT("google.protobuf.")))
            continue; /* built in */
        bool proto3 = span_is(dom_text(m, "syntax"), "proto3");
        TRY(cel_schema_message(s, dom_str(m->key, a), proto3));
        for (const struct dom *d = members(m, "fields"); d; d = d->next) {
            TRY(field(d, a, &f));
            TRY(cel_schema_field(s, &f));
        }
    }
    return OK;
}

static struct err enums(struct cel_schema *s, const struct dom *root, struct arena *a)
{
    for (const struct dom *e = members(root, "enums"); e; e = e->next) {
        if (span_starts(e->key, SPAN_LIT("google.protobuf.")))
            continue;
        TRY(cel_schema_enum(s, dom_str(e->key, a)));
        for (const struct dom *d = e->first; d; d = d->next) {
            uint64_t v;
            bool negative = d->text.n && d->text.p[0] == '-';
            TRY(num_u64(span_from(d->text, negative), INT32_MAX, &v));
            TRY(cel_schema_member(s, dom_str(d->key, a), negative ? -(int32_t)v : (int32_t)v));
        }
    }
    return OK;
}

struct err types_load(struct cel_schema *s, struct span json, struct arena *a)
{
    struct dom *root;
    struct cel_field_decl f;
    TRY(dom_parse(json, a, &root));
    TRY(messages(s, root, a));
    TRY(enums(s, root, a));
    for (const struct dom *d = members(root, "extensions"); d; d = d->next) {
        TRY(field(d, a, &f));
        TRY(cel_schema_extension(s, dom_str(dom_text(d, "extends"), a), &f));
    }
    return cel_schema_done(s);
}
