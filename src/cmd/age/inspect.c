/* SPDX-License-Identifier: Apache-2.0 */
/* `sanctum age inspect`: what can be said of a file without its key, as age-inspect says it. */
#define _GNU_SOURCE
#include "agecmd_int.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const quantum[] = {
    [AGE_CLASSICAL] = "no", [AGE_QUANTUM_UNKNOWN] = "unknown", [AGE_POST_QUANTUM] = "yes"};

static void print_json(const struct age_about *a, struct span types)
{
    printf("{\"version\":\"age-encryption.org/v1\",\"postquantum\":\"%s\",\"armor\":%s,"
           "\"stanza_types\":[",
           quantum[a->quantum], a->armored ? "true" : "false");
    for (size_t at = 0, end; at < types.n; at = end + 1) {
        end = span_find(types, at, '\n');
        if (at)
            putchar(',');
        cmd_json_string(stdout, span_cut(types, at, end - at));
    }
    printf("],\"sizes\":{\"header\":%" PRIu64 ",\"armor\":%" PRIu64 ",\"overhead\":%" PRIu64
           ",\"min_payload\":%" PRIu64 ",\"max_payload\":%" PRIu64
           ",\"min_padding\":0,\"max_padding\":0}}\n",
           a->header, a->armor, a->overhead, a->plain, a->plain);
}

static void print_text(const struct age_about *a, struct span types, const char *name)
{
    printf("%s: age v1%s\n", name, a->armored ? ", armored" : "");
    for (size_t at = 0, end; at < types.n; at = end + 1) {
        end = span_find(types, at, '\n');
        printf("recipient     %.*s\n", SPAN_ARG(span_cut(types, at, end - at)));
    }
    printf("post-quantum  %s\nheader        %" PRIu64 " bytes\n", quantum[a->quantum], a->header);
    if (a->armored)
        printf("armor         %" PRIu64 " bytes\n", a->armor);
    printf("encryption    %" PRIu64 " bytes\nplain text    %" PRIu64 " bytes, if it opens\n",
           a->overhead, a->plain);
}

int run_inspect(struct cmd_call *c)
{
    const char *path = cmd_operand(c, 0), *name = path ? path : "standard input";
    struct age_about about;
    struct fault f = {0};
    struct fd_source in;
    if (cmd_operands(c) > 1)
        return cmd_fail(c, EXIT_USAGE, "one file at a time");
    struct err e = input_open(path, &in);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s: %s", name, cmd_err_text(e));
    BUF_AUTO types = buf_init(AGE_HEADER_MAX);
    e = age_describe(&in.source, &about, &types, &f);
    input_close(&in);
    if (failed(e))
        return say_failure(c, e, &f, name);
    if (cmd_has(c, "json"))
        print_json(&about, buf_span(&types));
    else
        print_text(&about, buf_span(&types), name);
    return EXIT_CLEAN;
}
