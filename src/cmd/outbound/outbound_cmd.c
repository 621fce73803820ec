/* SPDX-License-Identifier: Apache-2.0 */
/* `sanctum outbound`: a message on its way to a person, without what must not leave. A filter:
 * whatever fails, nothing is written and the status is 2. */
#include "cmdkit.h"
#include "outbound.h"

enum { MESSAGE_MAX = 32 << 20 };

static struct err clean(const struct cmd_call *c, struct span in, struct buf *out, struct fault *f)
{
    struct outbound *o;
    struct outbound_counts counts;
    TRY(outbound_new(&o));
    bool json = cmd_has(c, "json");
    struct err e =
        json ? outbound_json(o, in, out, &counts, f) : outbound_clean(o, in, out, &counts);
    if (json && !failed(e))
        e = buf_put_u8(out, '\n');
    outbound_free(o);
    return e;
}

static int run(struct cmd_call *c)
{
    struct cmd_text in;
    struct buf out = buf_init(4 * (size_t)MESSAGE_MAX);
    struct fault f = {0, "the message holds more than can be looked at"};
    int status = cmd_input(c);
    if (status != EXIT_CLEAN)
        return status;
    status = cmd_read_text(c, MESSAGE_MAX, NULL, &in);
    if (status == EXIT_CLEAN && cmd_has(c, "json") && in.charset != CHARSET_UTF8)
        status = cmd_fail(c, EXIT_ERROR, "the JSON is not UTF-8");
    if (status == EXIT_CLEAN && failed(clean(c, buf_span(&in.utf8), &out, &f)))
        status = cmd_fail(c, EXIT_ERROR, "%s", f.why);
    if (status == EXIT_CLEAN)
        status = cmd_write_text(c, &in, buf_span(&out));
    cmd_text_free(&in);
    buf_wipe(&out);
    return status;
}

static const struct cmd_opt opts[] = {
    {"json", 0, NULL, "read {\"text\"}, write {\"text\",\"counts\"}"}, {0}};

static const struct cmd_sub subs[] = {{"", "[FILE]", "clean a message to a person", opts, run},
                                      {0}};

static const struct cmd_spec spec = {
    "outbound", "clean a message to a person", subs,
    "Reads a message from FILE or standard input and writes it without what must not leave in "
    "one:\n"
    "social security numbers become [SSN], card numbers [CARD_NUMBER], account numbers stars and\n"
    "their last four characters, secrets [SECRET]. Names, addresses and phone numbers stay.\n"
    "On any failure nothing is written and the exit status is 2: do not send the message then."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
