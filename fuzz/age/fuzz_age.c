/* SPDX-License-Identifier: Apache-2.0 */
/* Whole age files from outside: header, armor, stanzas and payload, opened with fixed keys. */
#include "age.h"

#include <stdlib.h>

/* covers: src/age/header.c src/age/armor.c src/age/payload.c src/age/input.c src/age/about.c */
/* planted: src/age/about.c | out->plain = sealed - out->overhead; | out->plain = sealed; */

static struct age_keys ids, to;

/* What is sealed here opens again, armored or not. */
static void round_trip(struct span plain, bool armor)
{
    BUF_AUTO sealed = buf_init(4 << 20);
    BUF_AUTO again = buf_init(1 << 20);
    if (failed(age_seal(&to, armor, plain, &sealed)) ||
        failed(age_open(&ids, buf_span(&sealed), &again)) || !span_eq(buf_span(&again), plain))
        abort();
}

static void describe(struct span file)
{
    struct age_span_source in = age_source_of(file);
    struct age_about about;
    BUF_AUTO types = buf_init(AGE_HEADER_MAX);
    struct fault f;
    if (!failed(age_describe(&in.source, &about, &types, &f)) &&
        about.header + about.armor + about.overhead + about.plain != file.n)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fault f;
    if (ids.n == 0 &&
        failed(age_identity_parse(
            SPAN_LIT("AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0"),
            &ids, &f)))
        abort();
    if (to.n == 0 && failed(age_recipients_of(&ids, &to)))
        abort();
    struct buf out = buf_init(1 << 20);
    struct err e = age_open(&ids, span(data, size), &out);
    if (failed(e) && out.n % AGE_CHUNK != 0 && err_cat(e) == ERR_INPUT && !age_failure_text(e))
        abort();
    if (size)
        round_trip(span(data, size), data[0] & 1);
    describe(span(data, size));
    buf_free(&out);
    return 0;
}
