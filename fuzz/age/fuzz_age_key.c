/* SPDX-License-Identifier: Apache-2.0 */
/* Identity and recipients files from outside: Bech32, SSH lines, OpenSSH private keys with and
 * without passphrase. What is taken writes itself as text that is taken again. */
#include "age.h"

#include <stdlib.h>

/* covers: src/age/key.c src/age/sshkey.c src/age/sshlock.c */
/* planted: src/age/key.c | b64_encode(&w, k->wire, B64_STD); | b64_encode(&w, k->wire, B64_URL); */

static void write_again(const struct age_keys *keys)
{
    struct fault f;
    for (size_t i = 0; i < keys->n; i++) {
        BUF_AUTO text = buf_init(1 << 16);
        struct age_keys again = {0};
        if (failed(age_recipient_text(&keys->v[i], &text)) ||
            failed(age_recipient_parse(buf_span(&text), &again, &f)))
            abort();
        age_keys_free(&again);
        buf_clear(&text);
        if (!failed(age_identity_text(&keys->v[i], &text)) &&
            failed(age_identity_parse(buf_span(&text), &again, &f)))
            abort();
        age_keys_free(&again);
    }
}

/* A private key may belie itself (RSA's numbers are not checked against each other), so that it
 * need not open what was sealed to it; an X25519 identity must. */
static void use(const struct age_keys *ids, const struct age_keys *to, bool owned)
{
    BUF_AUTO sealed = buf_init(1 << 20);
    BUF_AUTO plain = buf_init(64);
    if (failed(age_seal(to, true, SPAN_LIT("text"), &sealed)))
        return;
    struct err e = age_open(ids, buf_span(&sealed), &plain);
    if (failed(e) && ids->n && ids->v[0].kind == AGE_X25519 && ids->n == to->n && owned)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span file = span(data, size);
    struct age_keys ids = {0}, to = {0}, of = {0};
    struct fault f = {0};
    if (failed(age_identities_file(file, &ids, &f)) && f.at > size)
        abort();
    if (age_identities_locked(file) &&
        failed(age_identities_unlock(file, SPAN_LIT("test words"), &ids, &f)) && ids.n)
        abort();
    if (failed(age_recipients_file(file, &to, &f)) && f.at > size)
        abort();
    if (!failed(age_recipients_of(&ids, &of)) && of.n != ids.n)
        abort();
    use(&ids, &of, true);
    use(&ids, &to, false);
    write_again(&ids);
    write_again(&to);
    write_again(&of);
    age_keys_free(&ids);
    age_keys_free(&to);
    age_keys_free(&of);
    return 0;
}
