/* SPDX-License-Identifier: Apache-2.0 */
/* `sanctum age keygen`: fresh identities, and the recipients of existing ones (-y). */
#define _GNU_SOURCE
#include "agecmd_int.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { TEXT = 16384 };

/* Never over a file that was there before: it may be a key. A secret is for its owner alone. */
static int write_out(struct cmd_call *c, struct span text, unsigned mode)
{
    struct output o;
    const char *path = cmd_value(c, "output");
    if (path && file_exists(path))
        return cmd_fail(c, EXIT_ERROR, "%s exists already", path);
    output_init(&o, path, mode);
    o.fresh = true;
    struct err e = o.sink.write(&o.sink, text);
    if (!failed(e))
        e = output_finish(&o);
    output_drop(&o);
    return failed(e) ? cmd_fail(c, EXIT_ERROR, "cannot write: %s", cmd_err_text(e)) : EXIT_CLEAN;
}

static struct err put_json(struct buf *out, const char *key, struct span value)
{
    TRY(buf_puts(out, key));
    TRY(buf_put(out, value)); /* Bech32, base64 and digits: nothing to escape */
    return buf_puts(out, "\"");
}

static struct err fresh_json(struct span when, struct span recipient, const struct age_key *k,
                             struct buf *out)
{
    TRY(put_json(out, "{\"created\":\"", when));
    TRY(put_json(out, ",\"recipient\":\"", recipient));
    TRY(buf_puts(out, ",\"identity\":\""));
    TRY(age_identity_text(k, out));
    return buf_puts(out, "\"}\n");
}

static struct err fresh_text(struct span when, struct span recipient, const struct age_key *k,
                             struct buf *out)
{
    TRY(buf_puts(out, "# created: "));
    TRY(buf_put(out, when));
    TRY(buf_puts(out, "\n# public key: "));
    TRY(buf_put(out, recipient));
    TRY(buf_puts(out, "\n"));
    TRY(age_identity_text(k, out));
    return buf_puts(out, "\n");
}

static struct err describe(const struct age_key *k, bool json, struct buf *out,
                           struct buf *recipient)
{
    char when[40];
    struct tm tm;
    time_t now = time(NULL);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    TRY(age_recipient_text(k, recipient));
    return (json ? fresh_json : fresh_text)(span_str(when), buf_span(recipient), k, out);
}

static int fresh(struct cmd_call *c)
{
    struct age_keys keys = {0}, public = {0};
    struct buf text = buf_init(TEXT), recipient = buf_init(TEXT);
    struct err e = age_generate(cmd_has(c, "pq") ? AGE_HYBRID : AGE_X25519, &keys);
    if (!failed(e))
        e = describe(&keys.v[0], cmd_has(c, "json"), &text, &recipient);
    int status = failed(e) ? cmd_fail(c, EXIT_ERROR, "%s", cmd_err_text(e))
                           : write_out(c, buf_span(&text), 0600);
    if (status == EXIT_CLEAN && (cmd_value(c, "output") || !isatty(STDOUT_FILENO)))
        fprintf(stderr, "Public key: %.*s\n", SPAN_ARG(buf_span(&recipient)));
    buf_wipe(&text);
    buf_free(&recipient);
    age_keys_free(&keys);
    age_keys_free(&public);
    return status;
}

static struct err list_recipients(const struct age_keys *ids, bool json, struct buf *out)
{
    TRY(buf_puts(out, json ? "{\"recipients\":[" : ""));
    for (size_t i = 0; i < ids->n; i++) {
        TRY(buf_puts(out, json ? i ? ",\"" : "\"" : ""));
        TRY(age_recipient_text(&ids->v[i], out));
        TRY(buf_puts(out, json ? "\"" : "\n"));
    }
    return buf_puts(out, json ? "]}\n" : "");
}

static int convert(struct cmd_call *c)
{
    const char *path = cmd_operand(c, 0);
    struct age_keys ids = {0};
    struct fault f = {0};
    struct buf text = buf_init(AGE_KEY_FILE_MAX);
    BUF_AUTO out = buf_init(AGE_KEY_FILE_MAX);
    struct err e = path && path[0] != '-' ? file_read(path, &text) : file_read_fd(0, &text);
    if (!failed(e))
        e = age_identities_file(buf_span(&text), &ids, &f);
    if (!failed(e))
        e = list_recipients(&ids, cmd_has(c, "json"), &out);
    buf_wipe(&text);
    age_keys_free(&ids);
    if (failed(e))
        return say_failure(c, e, &f, path ? path : "standard input");
    return write_out(c, buf_span(&out), 0666);
}

int run_keygen(struct cmd_call *c)
{
    if (cmd_operands(c) > (cmd_has(c, "recipients") ? 1 : 0))
        return cmd_fail(c, EXIT_USAGE, "too many arguments");
    if (cmd_has(c, "pq") && cmd_has(c, "recipients"))
        return cmd_fail(c, EXIT_USAGE, "--pq makes an identity, -y reads one: not both");
    return cmd_has(c, "recipients") ? convert(c) : fresh(c);
}
