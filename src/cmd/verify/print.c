/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts for people (one line a finding, then the sum) and as one JSON object. */
#include "verify_int.h"

#include "b64.h"

#include <inttypes.h>
#include <stdio.h>

static void json_text(const char *name, struct span s)
{
    printf("\"%s\":", name);
    cmd_json_string(stdout, s);
}

static void json_finding(const struct log_finding *f)
{
    printf("{");
    json_text("verdict", span_str(log_check_word(f->verdict)));
    if (f->has_index)
        printf(",\"index\":%" PRIu64, f->index);
    if (f->count)
        printf(",\"count\":%" PRIu64, f->count);
    printf(",");
    json_text("why", span_str(f->why));
    printf("}");
}

static void json_head(const struct job *j, const struct log_report *r)
{
    char root[2 * MERKLE_BYTES];
    struct wr w = wr_of(root, sizeof root);
    hex_encode(&w, span(r->head.root.b, MERKLE_BYTES));
    json_text("origin", r->head.origin);
    printf(",\"size\":%" PRIu64 ",", r->head.size);
    json_text("root", wr_span(&w));
    printf(",\"cosigned\":[");
    for (size_t k = 1, n = 0; k < j->key_count; k++) {
        if (!r->seen[k].good)
            continue;
        printf("%s{", n++ ? "," : "");
        json_text("name", span_str(j->keys[k].name));
        printf(",\"time\":%" PRIu64 "}", r->seen[k].time);
    }
    printf("],");
}

static void print_json(const struct job *j, const struct log_report *r)
{
    printf("{");
    json_text("path", span_str(j->path));
    printf(",\"verdict\":\"%s\",", r->findings ? log_check_word(r->finding[0].verdict) : "intact");
    if (r->has_head)
        json_head(j, r);
    printf("\"checked\":%" PRIu64 ",\"tail\":%" PRIu64 ",\"findings\":[", r->checked, r->tail);
    for (size_t i = 0; i < r->findings; i++) {
        printf("%s", i ? "," : "");
        json_finding(&r->finding[i]);
    }
    printf("]}\n");
}

static void print_finding(const struct job *j, const struct log_finding *f)
{
    printf("%s: %s", j->path, log_check_word(f->verdict));
    if (f->has_index)
        printf(" at entry %" PRIu64, f->index);
    if (f->count)
        printf(", %" PRIu64 " gone", f->count);
    printf(": %s\n", f->why);
}

int print_report(const struct job *j, const struct log_report *r)
{
    int status = r->findings ? EXIT_FINDING : EXIT_CLEAN;
    if (j->json) {
        print_json(j, r);
        return status;
    }
    for (size_t i = 0; i < r->findings; i++)
        print_finding(j, &r->finding[i]);
    for (size_t k = 1; r->has_head && k < j->key_count; k++)
        if (r->seen[k].good)
            printf("%s: cosigned by %s at %" PRIu64 "\n", j->path, j->keys[k].name,
                   r->seen[k].time);
    if (r->tail)
        printf("%s: %" PRIu64 " entries after the checkpoint are not covered yet\n", j->path,
               r->tail);
    if (!r->findings)
        printf("%s: intact, %" PRIu64 " of %" PRIu64 " entries checked\n", j->path, r->checked,
               r->head.size);
    return status;
}

int print_trouble(const struct job *j, const char *what, struct err e, const struct fault *f)
{
    const char *why = f && f->why ? f->why : cmd_err_text(e);
    if (!j->json)
        return cmd_fail(j->call, EXIT_ERROR, "%s: %s", what, why);
    printf("{");
    json_text("path", span_str(j->path ? j->path : ""));
    printf(",\"verdict\":\"could not check\",");
    json_text("what", span_str(what));
    printf(",");
    json_text("why", span_str(why));
    printf("}\n");
    return EXIT_ERROR;
}
