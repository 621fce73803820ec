/* SPDX-License-Identifier: Apache-2.0 */
/* A file or standard input as one text, and one to standard output: commands that are filters. */
#include "cmdkit.h"
#include "file.h"
#include "utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *named(const struct cmd_call *c)
{
    const char *file = cmd_operand(c, 0);
    return file && strcmp(file, "-") != 0 ? file : NULL;
}

const char *cmd_input_name(const struct cmd_call *c)
{
    const char *file = named(c);
    return file ? file : "standard input";
}

int cmd_input(const struct cmd_call *c)
{
    if (cmd_operands(c) > 1)
        return cmd_fail(c, EXIT_USAGE, "one file at a time");
    if (named(c) && !freopen(named(c), "rb", stdin))
        return cmd_fail(c, EXIT_ERROR, "%s: %s", named(c), strerror(errno));
    return EXIT_CLEAN;
}

/* A zero byte in four: UTF-16 that does not say so, UTF-32, or no text. What such a text holds
 * would not be seen. */
static bool looks_wide(struct span s)
{
    enum { LOOK = 8192, SHARE = 4 };
    struct span head = span_cut(s, 0, LOOK);
    size_t zeros = 0;
    for (size_t at = 0; (at = span_find(head, at, 0)) < head.n; at++)
        zeros++;
    return zeros > 0 && zeros * SHARE >= head.n;
}

/* Bytes that no text has, some and one in SHARE: a compressed file, a picture, a program. Whatever
 * it holds would pass unseen. ESC, tabs and line ends of all kinds are a text's. */
static bool looks_binary(struct span s)
{
    enum { SOME = 3, SHARE = 64 };
    static const uint32_t of_text = 0x0800FF80; /* 7 to 15 and ESC, a bit each */
    size_t controls = 0;
    for (size_t i = 0; i < s.n; i++)
        controls += s.p[i] < ' ' && !(of_text >> s.p[i] & 1);
    return controls >= SOME && controls * SHARE >= s.n;
}

/* A mark says it. Else it is what it was, but for an answer in UTF-8 to a text that was not. */
static enum charset charset_now(struct span in, const enum charset *was)
{
    bool answered = was && *was != CHARSET_UTF8 && utf8_valid(in) && utf8_count(in) < in.n;
    return charset_marked(in) == CHARSET_UTF8 && was && !answered ? *was : charset_of(in);
}

static int decode(const struct cmd_call *c, const enum charset *was, struct cmd_text *t)
{
    struct span in = buf_span(&t->utf8);
    struct buf utf8 = buf_init(3 * in.n);
    t->charset = charset_now(in, was);
    if (!charset_whole(in, t->charset))
        return cmd_fail(c, EXIT_ERROR, "%s is no whole text of UTF-16", cmd_input_name(c));
    if (t->charset != CHARSET_UTF8) {
        struct err e = charset_to_utf8(in, t->charset, &utf8);
        buf_wipe(&t->utf8);
        t->utf8 = utf8;
        if (failed(e))
            return cmd_fail(c, EXIT_ERROR, "%s: %s", cmd_input_name(c), cmd_err_text(e));
    }
    if (looks_wide(buf_span(&t->utf8)))
        return cmd_fail(
            c, EXIT_ERROR,
            "%s is no UTF-8: it holds many zero bytes, as UTF-16 without its mark does, "
            "or UTF-32",
            cmd_input_name(c));
    /* What is restored was read once, and its tokens may be shorter than its values were. */
    if (!was && t->charset == CHARSET_WINDOWS_1252 && looks_binary(buf_span(&t->utf8)))
        return cmd_fail(c, EXIT_ERROR,
                        "%s is no text: it holds many control characters, as compressed files, "
                        "pictures and programs do",
                        cmd_input_name(c));
    return EXIT_CLEAN;
}

int cmd_read_text(const struct cmd_call *c, size_t max, const enum charset *was, struct cmd_text *t)
{
    *t = (struct cmd_text){.utf8 = buf_init(max + 1)};
    struct err e = file_read_fd(0, &t->utf8);
    if (err_cat(e) == ERR_LIMIT || t->utf8.n > max)
        return cmd_fail(c, EXIT_ERROR, "%s is over %zu MiB", cmd_input_name(c), max >> 20);
    return failed(e) ? cmd_fail(c, EXIT_ERROR, "%s: %s", cmd_input_name(c), cmd_err_text(e))
                     : decode(c, was, t);
}

int cmd_write_text(const struct cmd_call *c, const struct cmd_text *in, struct span text)
{
    struct buf coded = buf_init(SIZE_MAX);
    bool same = in->charset == CHARSET_UTF8;
    struct err e = same ? OK : charset_from_utf8(text, in->charset, &coded);
    if (!same)
        text = buf_span(&coded);
    if (!failed(e))
        (void)fwrite(text.p, 1, text.n, stdout); /* whether it went out, cmd_main says */
    buf_wipe(&coded);
    if (err_cat(e) == ERR_INPUT)
        return cmd_fail(c, EXIT_ERROR,
                        "%s is windows-1252, which has not every character of the answer: give it "
                        "as UTF-8",
                        cmd_input_name(c));
    return failed(e) ? cmd_fail(c, EXIT_ERROR, "%s", cmd_err_text(e)) : EXIT_CLEAN;
}

void cmd_text_free(struct cmd_text *t)
{
    buf_wipe(&t->utf8);
}
