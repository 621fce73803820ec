/* SPDX-License-Identifier: Apache-2.0 */
/* Keys named on the command line and in files. */
#define _GNU_SOURCE
#include "agecmd_int.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int say_json(int status, const char *result, const char *file, const char *reason)
{
    fprintf(stderr, "{\"result\":\"%s\",\"file\":", result);
    cmd_json_string(stderr, span_str(file));
    if (reason) {
        fputs(",\"reason\":", stderr);
        cmd_json_string(stderr, span_str(reason));
    }
    fputs("}\n", stderr);
    return status;
}

int say_failure(struct cmd_call *c, struct err e, const struct fault *f, const char *what)
{
    const char *class = age_failure_text(e);
    const char *why = f && f->why ? f->why : cmd_err_text(e);
    bool spoken = class || err_cat(e) == ERR_INPUT || err_cat(e) == ERR_DENIED;
    const char *reason = spoken ? why : cmd_err_text(e);
    /* a file in armor: of what it holds, but for the armor's own failures */
    char placed[160];
    if (class && f && f->why && f->at)
        snprintf(placed, sizeof placed, "%s, at byte %zu", reason, f->at);
    else
        snprintf(placed, sizeof placed, "%s", reason);
    if (cmd_has(c, "json"))
        return say_json(class ? EXIT_FINDING : EXIT_ERROR, class ? class : "error", what, placed);
    if (class)
        return cmd_fail(c, EXIT_FINDING, "%s: %s: %s", class, what, placed);
    return cmd_fail(c, EXIT_ERROR, "%s: %s", what, reason);
}

static struct err read_whole(const char *path, struct buf *out)
{
    return strcmp(path, "-") == 0 ? file_read_fd(0, out) : file_read(path, out);
}

static unsigned line_of(struct span text, size_t at)
{
    unsigned line = 1;
    for (size_t i = 0; i < at && i < text.n; i++)
        line += text.p[i] == '\n';
    return line;
}

static int bad_file(struct cmd_call *c, const char *path, struct span text, const struct fault *f,
                    struct err e)
{
    bool spoken = f->why && (err_cat(e) == ERR_INPUT || err_cat(e) == ERR_DENIED);
    return cmd_fail(c, EXIT_ERROR, "%s:%u: %s", path, line_of(text, f->at),
                    spoken ? f->why : cmd_err_text(e));
}

/* An identity file that is itself an age file under a passphrase. */
static int open_identity_file(struct cmd_call *c, const char *path, struct buf *text)
{
    struct buf pass = buf_init(4096), plain = buf_init(AGE_KEY_FILE_MAX);
    struct age_keys key = {0};
    int status = ask_passphrase(c, false, &pass);
    struct err e = status == EXIT_CLEAN ? age_passphrase(buf_span(&pass), AGE_WORK, &key) : OK;
    if (status == EXIT_CLEAN && !failed(e))
        e = age_open(&key, buf_span(text), &plain);
    if (failed(e))
        status = say_failure(c, e, NULL, path);
    buf_wipe(&pass);
    age_keys_free(&key);
    buf_wipe(text);
    *text = plain;
    return status;
}

/* Identities as they stand, or an OpenSSH private key that `pass` opens. */
static struct err read_identities(struct span text, struct span pass, struct age_keys *out,
                                  struct fault *f)
{
    return pass.n ? age_identities_unlock(text, pass, out, f) : age_identities_file(text, out, f);
}

static int identity_file(struct cmd_call *c, const char *path, struct age_keys *out)
{
    struct buf text = buf_init(AGE_KEY_FILE_MAX), pass = buf_init(4096);
    struct fault f = {0};
    int status = EXIT_CLEAN;
    struct err e = read_whole(path, &text);
    if (failed(e)) {
        buf_wipe(&text);
        return cmd_fail(c, EXIT_ERROR, "%s: %s", path, cmd_err_text(e));
    }
    if (span_starts(buf_span(&text), SPAN_LIT("age-encryption.org/")) ||
        span_starts(buf_span(&text), SPAN_LIT("-----BEGIN AGE")))
        status = open_identity_file(c, path, &text);
    else if (age_identities_locked(buf_span(&text)))
        status = ask_passphrase(c, false, &pass);
    if (status == EXIT_CLEAN) {
        e = read_identities(buf_span(&text), buf_span(&pass), out, &f);
        if (failed(e))
            status = bad_file(c, path, buf_span(&text), &f, e);
    }
    buf_wipe(&pass);
    buf_wipe(&text);
    return status;
}

int take_identities(struct cmd_call *c, struct age_keys *out)
{
    size_t iter = 0;
    for (const char *path; (path = cmd_next_value(c, "identity", &iter)) != NULL;) {
        int status = identity_file(c, path, out);
        if (status != EXIT_CLEAN)
            return status;
    }
    return EXIT_CLEAN;
}

/* Keys that were passed over are named. */
static void warn_foreign(const char *path, struct span text)
{
    unsigned line = 1;
    for (size_t at = 0; at < text.n; line++) {
        size_t end = span_find(text, at, '\n');
        if (age_recipient_foreign(span_cut(text, at, end - at)))
            fprintf(stderr,
                    "sanctum age: %s:%u: an SSH key of a kind that age does not use, passed over\n",
                    path, line);
        at = end + 1;
    }
}

static int recipient_file(struct cmd_call *c, const char *path, struct age_keys *out)
{
    BUF_AUTO text = buf_init(AGE_KEY_FILE_MAX);
    struct fault f = {0};
    struct err e = read_whole(path, &text);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s: %s", path, cmd_err_text(e));
    e = age_recipients_file(buf_span(&text), out, &f);
    if (failed(e))
        return bad_file(c, path, buf_span(&text), &f, e);
    warn_foreign(path, buf_span(&text));
    return EXIT_CLEAN;
}

int take_recipients(struct cmd_call *c, struct age_keys *out, bool identities)
{
    size_t iter = 0;
    for (const char *text; (text = cmd_next_value(c, "recipient", &iter)) != NULL;) {
        struct fault f = {0};
        struct err e = age_recipient_parse(span_str(text), out, &f);
        if (failed(e)) {
            size_t shown = strcspn(text, "\r\n");
            return cmd_fail(c, EXIT_ERROR, "recipient %.*s: %s", shown < 80 ? (int)shown : 80, text,
                            f.why ? f.why : cmd_err_text(e));
        }
    }
    iter = 0;
    for (const char *path; (path = cmd_next_value(c, "recipients-file", &iter)) != NULL;) {
        int status = recipient_file(c, path, out);
        if (status != EXIT_CLEAN)
            return status;
    }
    if (!identities)
        return EXIT_CLEAN;
    struct age_keys ids = {0};
    int status = take_identities(c, &ids);
    if (status == EXIT_CLEAN && failed(age_recipients_of(&ids, out)))
        status = cmd_fail(c, EXIT_ERROR, "out of memory");
    age_keys_free(&ids);
    return status;
}

static bool file_is_same(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino &&
           S_ISREG(x.st_mode);
}

static bool is_standard(const char *path)
{
    return !path || strcmp(path, "-") == 0;
}

int check_files(struct cmd_call *c)
{
    static const char *const options[] = {"identity", "recipients-file"};
    const char *input = cmd_operand(c, 0), *output = cmd_value(c, "output");
    unsigned standard = is_standard(input);
    bool same = !is_standard(output) && input && file_is_same(input, output);
    for (size_t i = 0; i < 2; i++) {
        size_t iter = 0;
        for (const char *path; (path = cmd_next_value(c, options[i], &iter)) != NULL;) {
            standard += is_standard(path);
            same = same || (!is_standard(output) && file_is_same(path, output));
        }
    }
    if (same)
        return cmd_fail(c, EXIT_USAGE, "%s is read and would be written: give -o another name",
                        output);
    if (standard > 1)
        return cmd_fail(c, EXIT_USAGE, "standard input is named more than once");
    return EXIT_CLEAN;
}
