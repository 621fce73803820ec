/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum sops`: documents whose values are encrypted one by one, in the format of SOPS. Needs no
 * daemon.
 */
#define _GNU_SOURCE
#include "file.h"
#include "sopscmd_int.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int say(struct cmd_call *c, const char *path, struct err e, const struct fault *f)
{
    const char *class = sops_failure_text(e);
    const char *why = f && f->why && err_cat(e) != ERR_NOMEM && err_cat(e) != ERR_LIMIT
                          ? f->why
                          : cmd_err_text(e);
    bool finding = class && (err_cat(e) == ERR_CORRUPT || err_cat(e) == ERR_DENIED);
    return cmd_fail(c, finding ? EXIT_FINDING : EXIT_ERROR, "%s%s%s: %s", class ? class : "",
                    class ? ": " : "", path, why);
}

int say_place(struct cmd_call *c, const struct loaded *l, struct err e, const struct fault *f)
{
    char place[PATH_MAX + 24];
    size_t line = 1;
    for (size_t i = 0; i < f->at && i < l->source.n; i++)
        line += l->source.p[i] == '\n';
    snprintf(place, sizeof place, "%s:%zu", l->path, line);
    return say(c, place, e, f);
}

int load_source(struct cmd_call *c, struct loaded *l)
{
    const char *path = cmd_operand(c, 0), *type = cmd_value(c, "input-type");
    const char *name = cmd_value(c, "filename-override");
    *l = (struct loaded){.path = path, .source = buf_init(SOPS_BYTES_MAX)};
    if (!path && (type || name))
        path = l->path = "-";
    if (!path)
        return cmd_fail(c, EXIT_USAGE, "needs a FILE");
    l->format = sops_format_of(name ? name : path);
    if (type && !sops_format_named(type, &l->format))
        return cmd_fail(c, EXIT_USAGE, "--input-type is yaml, json, dotenv, ini or binary");
    bool standard = strcmp(path, "-") == 0;
    struct err e = standard ? file_read_fd(STDIN_FILENO, &l->source) : file_read(path, &l->source);
    return failed(e) ? cmd_fail(c, EXIT_ERROR, "%s: %s", path, cmd_err_text(e)) : EXIT_CLEAN;
}

/* Loud, whatever came out: the option does not belong into scripts. */
static struct err open_without_mac(struct loaded *l, const struct age_keys *ids, struct fault *f)
{
    bool wrong;
    struct err e = sops_open_ignoring_mac(&l->doc, ids, &wrong, f);
    if (failed(e))
        return e;
    if (wrong)
        fprintf(stderr,
                "WARNING: --ignore-mac: %s: %s. Somebody without the key may have put back old "
                "values, removed or reordered some, or changed clear ones: look at every one. What "
                "is written from here gets a right MAC.\n",
                l->path, f->why);
    else
        fprintf(stderr, "WARNING: --ignore-mac: %s: the MAC is right; do not use the option\n",
                l->path);
    return OK;
}

int load_open(struct cmd_call *c, struct loaded *l)
{
    struct age_keys ids = {0};
    struct fault f = {0};
    int status = load_source(c, l);
    if (status != EXIT_CLEAN)
        return status;
    struct err e = sops_read(&l->doc, buf_span(&l->source), l->format, &f);
    if (failed(e))
        return say_place(c, l, e, &f);
    status = find_identities(c, &l->doc, &ids);
    if (status == EXIT_CLEAN) {
        e = cmd_has(c, "ignore-mac") ? open_without_mac(l, &ids, &f) : sops_open(&l->doc, &ids, &f);
        if (failed(e))
            status = say(c, l->path, e, &f);
    }
    age_keys_free(&ids);
    return status;
}

void unload(struct loaded *l)
{
    sops_drop(&l->doc);
    buf_wipe(&l->source);
}

int put_result(struct cmd_call *c, const struct loaded *l, struct span bytes, bool in_place)
{
    const char *path = in_place ? l->path : cmd_value(c, "output");
    struct stat st;
    struct err e;
    if (!path || strcmp(path, "-") == 0) {
        e = file_write_fd(STDOUT_FILENO, bytes);
    } else {
        bool there = stat(path, &st) == 0;
        e = file_put(path, bytes, there ? st.st_mode & 0777 : 0600);
    }
    return failed(e) ? cmd_fail(c, EXIT_ERROR, "cannot write: %s", cmd_err_text(e)) : EXIT_CLEAN;
}

/* One value: a text as it is, a collection as the format writes it. */
static struct err extract(const struct loaded *l, struct span index, enum sops_format as,
                          struct buf *out, struct fault *f)
{
    uint32_t node;
    TRY(sops_find(&l->doc, index, &node, f));
    return sops_write_value(&l->doc, node, as, out);
}

int output_format(struct cmd_call *c, enum sops_format *as)
{
    const char *type = cmd_value(c, "output-type");
    if (type && !sops_format_named(type, as))
        return cmd_fail(c, EXIT_USAGE, "--output-type is yaml, json, dotenv, ini or binary");
    return EXIT_CLEAN;
}

static int decrypt(struct cmd_call *c, struct loaded *l, enum sops_format as)
{
    struct buf out = buf_init(SOPS_BYTES_MAX);
    struct fault f = {0};
    const char *index = cmd_value(c, "extract");
    struct err e = index                ? extract(l, span_str(index), as, &out, &f)
                   : cmd_has(c, "json") ? sops_write_json(&l->doc, &out)
                   : as != l->format    ? sops_write_as(&l->doc, as, &out, &f)
                                        : sops_write_plain(&l->doc, &out);
    int status = failed(e) ? say(c, l->path, e, &f) : EXIT_CLEAN;
    if (status == EXIT_CLEAN)
        status = put_result(c, l, buf_span(&out), cmd_has(c, "in-place"));
    buf_wipe(&out);
    return status;
}

static int run_decrypt(struct cmd_call *c)
{
    struct loaded l;
    if (cmd_operands(c) > 1)
        return cmd_fail(c, EXIT_USAGE, "one FILE at a time");
    int status = load_open(c, &l);
    enum sops_format as = cmd_has(c, "json") ? SOPS_JSON : l.format;
    if (status == EXIT_CLEAN)
        status = output_format(c, &as);
    if (status == EXIT_CLEAN)
        status = decrypt(c, &l, as);
    unload(&l);
    return status;
}

int run_filestatus(struct cmd_call *c)
{
    struct loaded l;
    struct fault f = {0};
    int status = load_source(c, &l);
    if (status != EXIT_CLEAN)
        return status;
    struct err e = sops_read(&l.doc, buf_span(&l.source), l.format, &f);
    const struct sops_meta *m = &l.doc.meta;
    if (failed(e))
        status = say_place(c, &l, e, &f);
    else
        printf("{\"encrypted\":%s}\n", m->present && m->mac.n && m->version.n ? "true" : "false");
    unload(&l);
    return status;
}

#define TYPES                                                                                      \
    {"input-type", 0, "TYPE", "yaml, json, dotenv, ini or binary; else by the name's ending"},     \
    {                                                                                              \
        "filename-override", 0, "NAME", "go by this name (standard input has none)"                \
    }
#define COMMON {"identity", 0, "FILE", "age identity file or SSH key; may repeat"}, TYPES

#define IGNORE_MAC                                                                                 \
    {                                                                                              \
        "ignore-mac", 0, NULL, "open it although its MAC is wrong, with a warning"                 \
    }

static const struct cmd_opt decrypt_opts[] = {
    COMMON,
    {"output", 'o', "FILE", "write to FILE, which appears only when complete"},
    {"output-type", 0, "TYPE", "another format than the document's own"},
    {"json", 0, NULL, "the values as JSON on one line"},
    {"extract", 0, "INDEX", "one value, as in '[\"db\"][\"password\"]'"},
    {"in-place", 'i', NULL, "replace FILE by its clear form"},
    IGNORE_MAC,
    {0}};
static const struct cmd_opt encrypt_opts[] = {
    {"age", 'a', "RECIPIENTS", "comma-separated; else the creation rule of .sops.yaml that fits"},
    {"config", 0, "FILE", "the .sops.yaml to use"},
    TYPES,
    {"output", 'o', "FILE", "write to FILE, which appears only when complete"},
    {"output-type", 0, "TYPE", "another format than the document's own"},
    {"in-place", 'i', NULL, "replace FILE by its encrypted form"},
    {"unencrypted-suffix", 0, "TEXT", "leave keys with this ending clear"},
    {"encrypted-suffix", 0, "TEXT", "encrypt only keys with this ending"},
    {"unencrypted-regex", 0, "RE", "leave keys that match clear"},
    {"encrypted-regex", 0, "RE", "encrypt only keys that match"},
    {"unencrypted-comment-regex", 0, "RE", "leave values below a matching comment clear"},
    {"encrypted-comment-regex", 0, "RE", "encrypt only values below a matching comment"},
    {"mac-only-encrypted", 0, NULL, "the MAC covers encrypted values only"},
    {0}};
static const struct cmd_opt open_opts[] = {COMMON, {0}};
static const struct cmd_opt set_opts[] = {
    COMMON,
    {"value-stdin", 0, NULL, "read the value from standard input (as without VALUE)"},
    {"value-file", 0, NULL, "VALUE names a file that holds the value"},
    {"idempotent", 0, NULL, "leave the file alone if it has this value already"},
    IGNORE_MAC,
    {0}};
static const struct cmd_opt unset_opts[] = {
    COMMON, {"idempotent", 0, NULL, "a value that is not there is no failure"}, IGNORE_MAC, {0}};
static const struct cmd_opt rotate_opts[] = {
    COMMON,
    {"age", 'a', "RECIPIENTS", "other recipients than so far"},
    {"add-age", 0, "RECIPIENTS", "these too, in the first key group"},
    {"rm-age", 0, "RECIPIENTS", "these no more"},
    {"output", 'o', "FILE", "write to FILE"},
    {"in-place", 'i', NULL, "replace FILE"},
    IGNORE_MAC,
    {0}};
static const struct cmd_opt update_opts[] = {
    COMMON,
    {"age", 'a', "RECIPIENTS", "comma-separated; else the creation rule of .sops.yaml that fits"},
    {"config", 0, "FILE", "the .sops.yaml to use"},
    {"yes", 'y', NULL, "accepted for scripts; nothing is asked"},
    {0}};
static const struct cmd_opt env_opts[] = {
    COMMON,
    {"pristine", 0, NULL, "nothing else in the environment"},
    {"same-process", 0, NULL, "the command takes this process: signals reach its shell alone"},
    {0}};
static const struct cmd_opt file_opts[] = {
    COMMON,
    {"output-type", 0, "TYPE", "another format than the document's own"},
    {"no-fifo", 0, NULL, "a file with a name, in memory, gone when the command has ended"},
    {"filename", 0, "NAME", "its name; without --no-fifo a pipe of this name"},
    {0}};
static const struct cmd_opt edit_opts[] = {
    COMMON,
    {"age", 'a', "RECIPIENTS", "of a new file; else the creation rule of .sops.yaml that fits"},
    {"config", 0, "FILE", "the .sops.yaml to use"},
    IGNORE_MAC,
    {0}};

static const struct cmd_sub subs[] = {
    {"decrypt", "FILE", "print the clear document", decrypt_opts, run_decrypt},
    {"encrypt", "FILE", "encrypt a clear document", encrypt_opts, run_encrypt},
    {"edit", "FILE", "open the clear document in $EDITOR and seal what changed", edit_opts,
     run_edit},
    {"set", "FILE INDEX [VALUE]",
     "set a value, or a new one; JSON, from standard input if not given", set_opts, run_set},
    {"unset", "FILE INDEX", "take a value away", unset_opts, run_unset},
    {"rotate", "FILE", "new data key, everything encrypted anew", rotate_opts, run_rotate},
    {"updatekeys", "FILE", "wrap the data key for the creation rule's recipients", update_opts,
     run_updatekeys},
    {"exec-env", "FILE COMMAND", "run COMMAND with the values as environment", env_opts,
     run_exec_env},
    {"exec-file", "FILE COMMAND", "run COMMAND with {} naming the clear document", file_opts,
     run_exec_file},
    {"filestatus", "FILE", "say whether a document is encrypted, as JSON", open_opts,
     run_filestatus},
    {0}};

static const struct cmd_spec spec = {
    "sops", "documents with encrypted values", subs,
    "Reads and writes the documents of SOPS 3 with age recipients: YAML, JSON, dotenv, INI, "
    "binary.\n"
    "The MAC is checked on every read, unless --ignore-mac is given. What does not change keeps "
    "its bytes. The MAC does not "
    "cover\n"
    "key names, type tags, empty values and comments: that is the format's own limit.\n"
    "Identities: --identity, SOPS_AGE_KEY, SOPS_AGE_KEY_FILE, SOPS_AGE_KEY_CMD,\n"
    "SOPS_AGE_SSH_PRIVATE_KEY_FILE, SOPS_AGE_SSH_PRIVATE_KEY_CMD,\n"
    "$XDG_CONFIG_HOME/sops/age/keys.txt, ~/.ssh/id_ed25519, ~/.ssh/id_rsa."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
