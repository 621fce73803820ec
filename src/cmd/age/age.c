/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum age`: files for people and machines, in the format and with the flags of age. Needs no
 * daemon. Starts in under a millisecond: it links libsodium only.
 */
#define _GNU_SOURCE
#include "agecmd_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int passphrase_key(struct cmd_call *c, bool confirm, struct age_keys *out)
{
    struct buf pass = buf_init(4096);
    int status = ask_passphrase(c, confirm, &pass);
    if (status == EXIT_CLEAN && failed(age_passphrase(buf_span(&pass), AGE_WORK, out)))
        status = cmd_fail(c, EXIT_ERROR, "cannot use this passphrase");
    buf_wipe(&pass);
    return status;
}

static int finish(struct cmd_call *c, struct output *o, struct err e, const struct fault *f,
                  const char *name)
{
    int status = failed(e) ? say_failure(c, e, f, name) : EXIT_CLEAN;
    if (!failed(e)) {
        e = output_finish(o);
        if (failed(e))
            status = cmd_fail(c, EXIT_ERROR, "cannot write: %s", cmd_err_text(e));
    }
    output_drop(o);
    if (status == EXIT_CLEAN && cmd_has(c, "json"))
        return say_json(status, "ok", name, NULL);
    return status;
}

/* ---- encrypt ---- */

static int encrypt(struct cmd_call *c, const struct age_keys *to)
{
    const char *path = cmd_operand(c, 0), *name = path ? path : "standard input";
    bool armor = cmd_has(c, "armor");
    struct fd_source in;
    struct output out;
    struct fault f = {0};
    output_init(&out, cmd_value(c, "output"), 0666);
    if (!armor && !out.path && isatty(STDOUT_FILENO))
        return cmd_fail(c, EXIT_USAGE,
                        "the result is binary: give -o FILE, -a, or send it elsewhere");
    struct err e = input_open(path, &in);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s: %s", name, cmd_err_text(e));
    e = age_encrypt(to, armor, &in.source, &out.sink, &f);
    input_close(&in);
    return finish(c, &out, e, &f, name);
}

static int run_encrypt(struct cmd_call *c)
{
    struct age_keys to = {0};
    bool pass = cmd_has(c, "passphrase");
    bool keys = cmd_has(c, "recipient") || cmd_has(c, "recipients-file") || cmd_has(c, "identity");
    if (pass && keys)
        return cmd_fail(c, EXIT_USAGE, "-p stands alone: no -r, -R or -i beside it");
    if (!pass && !keys)
        return cmd_fail(c, EXIT_USAGE, "no recipient: give -r, -R, -i or -p (see --help)");
    if (cmd_has(c, "identity") && !cmd_has(c, "encrypt"))
        return cmd_fail(c, EXIT_USAGE, "-i encrypts only with -e; to decrypt give -d");
    int status = pass ? passphrase_key(c, true, &to) : take_recipients(c, &to, true);
    if (status == EXIT_CLEAN)
        status = encrypt(c, &to);
    age_keys_free(&to);
    return status;
}

/* ---- decrypt ---- */

/* A header first: whether a passphrase is to be asked for depends on it. */
static int unlock(struct cmd_call *c, struct age_file *f, const char *name)
{
    struct age_keys ids = {0};
    int status = take_identities(c, &ids);
    if (status == EXIT_CLEAN && f->passphrase && ids.n == 0)
        status = passphrase_key(c, false, &ids);
    else if (status == EXIT_CLEAN && ids.n == 0)
        status = cmd_fail(c, EXIT_USAGE, "no identity: give -i FILE");
    if (status == EXIT_CLEAN) {
        struct err e = age_unlock(f, &ids);
        if (failed(e))
            status = say_failure(c, e, &f->fault, name);
    }
    age_keys_free(&ids);
    return status;
}

static int run_decrypt(struct cmd_call *c)
{
    const char *path = cmd_operand(c, 0), *name = path ? path : "standard input";
    struct fd_source in;
    struct output out;
    struct age_file f = {0};
    if (cmd_has(c, "recipient") || cmd_has(c, "recipients-file") || cmd_has(c, "armor"))
        return cmd_fail(c, EXIT_USAGE, "-d takes neither -r, -R nor -a");
    output_init(&out, cmd_value(c, "output"), 0666);
    struct err e = input_open(path, &in);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s: %s", name, cmd_err_text(e));
    e = age_begin(&f, &in.source);
    int status = failed(e) ? say_failure(c, e, &f.fault, name) : unlock(c, &f, name);
    if (status == EXIT_CLEAN) {
        e = age_copy(&f, &out.sink);
        status = finish(c, &out, e, &f.fault, name);
    }
    age_end(&f);
    input_close(&in);
    return status;
}

static int run(struct cmd_call *c)
{
    if (cmd_has(c, "keygen"))
        return run_keygen(c);
    if (cmd_has(c, "recipients") || cmd_has(c, "pq"))
        return cmd_fail(c, EXIT_USAGE, "-y and --pq go with keygen");
    if (cmd_operands(c) > 1)
        return cmd_fail(c, EXIT_USAGE, "one file at a time");
    if (cmd_has(c, "plugin"))
        return cmd_fail(c, EXIT_ERROR, "the plugin %.64s: plugins are not run",
                        cmd_value(c, "plugin"));
    if (cmd_has(c, "decrypt") && cmd_has(c, "encrypt"))
        return cmd_fail(c, EXIT_USAGE, "-e or -d, not both");
    if (cmd_has(c, "decrypt") && cmd_has(c, "passphrase"))
        return cmd_fail(c, EXIT_USAGE, "-p encrypts; with -d a passphrase is asked for by itself");
    int status = check_files(c);
    if (status != EXIT_CLEAN)
        return status;
    return cmd_has(c, "decrypt") ? run_decrypt(c) : run_encrypt(c);
}

static const struct cmd_opt opts[] = {
    {"encrypt", 'e', NULL, "encrypt (what happens anyway without -d)"},
    {"decrypt", 'd', NULL, "decrypt"},
    {"recipient", 'r', "RECIPIENT", "encrypt to age1…, ssh-ed25519 … or ssh-rsa …; may repeat"},
    {"recipients-file", 'R', "FILE", "encrypt to every recipient of FILE, one a line; may repeat"},
    {"identity", 'i', "FILE", "identity file or OpenSSH private key; may repeat"},
    {"passphrase", 'p', NULL, "encrypt to a passphrase"},
    {"passphrase-fd", 0, "N", "read the passphrase from descriptor N"},
    {"armor", 'a', NULL, "write text instead of bytes"},
    {"output", 'o', "FILE", "write to FILE, which appears only when complete"},
    {"plugin", 'j', "NAME", "refused: plugins are not run"},
    {"json", 0, NULL, "report the result, or a failure, as one JSON object on standard error"},
    {"keygen", 0, NULL, "the same as the subcommand keygen"},
    {"recipients", 'y', NULL, "with keygen: print the recipients of an identity file"},
    {"pq", 0, NULL, "with keygen: a post-quantum identity (-pq too)"},
    {0}};

static const struct cmd_opt keygen_opts[] = {
    {"output", 'o', "FILE", "write the identity to FILE (mode 0600, must not exist)"},
    {"recipients", 'y', NULL, "print the recipients of the identity file named, or standard input"},
    {"pq", 0, NULL, "a post-quantum identity (-pq too)"},
    {"json", 0, NULL, "the identity, or the recipients, as one JSON object"},
    {0}};

static const struct cmd_opt inspect_opts[] = {{"json", 0, NULL, "print one JSON object"}, {0}};

static const struct cmd_sub subs[] = {
    {"", "[FILE]", "encrypt or decrypt a file or standard input", opts, run},
    {"keygen", "[FILE]", "make an identity, or show its recipient", keygen_opts, run_keygen},
    {"inspect", "[FILE]", "say what a file is without opening it", inspect_opts, run_inspect},
    {0}};

static const struct cmd_spec spec = {
    "age", "encrypt and decrypt age files", subs,
    "Files in the age v1 format (age-encryption.org/v1), with the flags of age and age-keygen.\n"
    "Nothing is written before the header's MAC was checked; after a damaged payload only whole\n"
    "chunks that opened are, and -o leaves no half file. A failure's line starts with its class:\n"
    "header failure, HMAC failure, no match, armor failure, payload failure.\n"
    "A passphrase is asked for on the terminal, or read from --passphrase-fd or AGE_PASSPHRASE.\n"
    "Plugins are not run. SSH keys: ssh-ed25519 and ssh-rsa, private keys in\n"
    "OpenSSH's format; one under a passphrase asks for it."};

/* The flags of age are Go's, which take one dash before a long name and "=" behind a letter:
 * "-armor",
 * "-i=FILE". Long names are no bundle of the letters here. */
static char *respelled(char *arg, char *room, size_t size)
{
    static const char *const names[] = {"encrypt",  "decrypt", "recipient", "recipients-file",
                                        "identity", "armor",   "output",    "passphrase",
                                        "version",  "pq"};
    size_t n = arg[0] == '-' && arg[1] != '-' ? strcspn(arg + 1, "=") : 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (n == strlen(names[i]) && strncmp(arg + 1, names[i], n) == 0) {
            snprintf(room, size, "-%s", arg);
            return room;
        }
    if (n == 1 && arg[2] == '=' && strchr("rRioj", arg[1])) {
        snprintf(room, size, "-%c%s", arg[1], arg + 3);
        return room;
    }
    return arg;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        size_t size = strlen(argv[i]) + 2;
        char *room = malloc(size);
        if (!room)
            return EXIT_ERROR;
        char *spelt = respelled(argv[i], room, size);
        if (spelt == room)
            argv[i] = spelt; /* stays until the end */
        else
            free(room);
    }
    return cmd_main(&spec, argc, argv);
}
