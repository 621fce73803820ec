/* SPDX-License-Identifier: Apache-2.0 */
/* Where keys and creation rules are looked for: the same places as the reference tool. */
#define _GNU_SOURCE
#include "file.h"
#include "sopscmd_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH = 4096, CONFIG_MAX = 4 << 20 };

/* Identities as a key file has them. `must`: it was named; others may be missing, or no keys. */
static int from_bytes(struct cmd_call *c, const char *name, struct span text, bool must,
                      struct age_keys *out)
{
    struct fault f = {0};
    struct err e = age_identities_file(text, out, &f);
    if (failed(e) && must)
        return cmd_fail(c, EXIT_ERROR, "%s: %s", name, f.why ? f.why : cmd_err_text(e));
    return EXIT_CLEAN;
}

static int from_file(struct cmd_call *c, const char *path, bool must, struct age_keys *out)
{
    struct buf text = buf_init(AGE_KEY_FILE_MAX);
    if (!must && !file_exists(path))
        return EXIT_CLEAN;
    struct err e = file_read(path, &text);
    int status =
        failed(e) && must ? cmd_fail(c, EXIT_ERROR, "%s: %s", path, cmd_err_text(e)) : EXIT_CLEAN;
    if (!failed(e))
        status = from_bytes(c, path, buf_span(&text), must, out);
    buf_wipe(&text);
    return status;
}

/* What the command named by the variable prints. It learns who the document is for. */
static int from_command(struct cmd_call *c, const char *variable, const struct sops_doc *d,
                        struct age_keys *out)
{
    const char *command = getenv(variable);
    struct buf text = buf_init(AGE_KEY_FILE_MAX);
    char recipient[2100];
    if (!command || !*command)
        return EXIT_CLEAN;
    struct span first = d->meta.recipients ? d->meta.to[0].recipient : SPAN_NONE;
    snprintf(recipient, sizeof recipient, "%.*s", SPAN_ARG(first));
    setenv("SOPS_AGE_RECIPIENT", recipient, 1);
    FILE *from = popen(command, "re");
    unsetenv("SOPS_AGE_RECIPIENT");
    struct err e = from ? file_read_fd(fileno(from), &text) : err(ERR_IO);
    int ended = from ? pclose(from) : -1;
    int status = EXIT_CLEAN;
    if (failed(e) || ended != 0)
        status = cmd_fail(c, EXIT_ERROR, "the command of %s did not end well", variable);
    else
        status = from_bytes(c, variable, buf_span(&text), true, out);
    buf_wipe(&text);
    return status;
}

/* SOPS_AGE_KEY: identities with white space between them, or a key file's lines with its comments.
 */
static int from_text(struct cmd_call *c, const char *text, struct age_keys *out)
{
    struct fault f = {0};
    while (*(text += strspn(text, " \t\r\n"))) {
        size_t n = strcspn(text, *text == '#' ? "\n" : " \t\r\n");
        if (*text == '#') {
            text += n;
            continue;
        }
        struct err e = age_identity_parse(span(text, n), out, &f);
        if (failed(e))
            return cmd_fail(c, EXIT_ERROR, "SOPS_AGE_KEY: %s", f.why ? f.why : cmd_err_text(e));
        text += n;
    }
    return EXIT_CLEAN;
}

static int from_home(struct cmd_call *c, struct age_keys *out)
{
    char path[PATH];
    const char *home = getenv("HOME"), *xdg = getenv("XDG_CONFIG_HOME");
    int status = EXIT_CLEAN;
    if (xdg && *xdg)
        snprintf(path, sizeof path, "%s/sops/age/keys.txt", xdg);
    else
        snprintf(path, sizeof path, "%s/.config/sops/age/keys.txt", home ? home : "");
    status = from_file(c, path, false, out);
    static const char *const ssh[] = {"id_ed25519", "id_rsa"};
    for (size_t i = 0; i < 2 && home && status == EXIT_CLEAN; i++) {
        snprintf(path, sizeof path, "%s/.ssh/%s", home, ssh[i]);
        status = from_file(c, path, false, out);
    }
    return status;
}

static int from_environment(struct cmd_call *c, const struct sops_doc *d, struct age_keys *out)
{
    const char *text = getenv("SOPS_AGE_KEY");
    static const char *const files[] = {"SOPS_AGE_KEY_FILE", "SOPS_AGE_SSH_PRIVATE_KEY_FILE"};
    static const char *const commands[] = {"SOPS_AGE_KEY_CMD", "SOPS_AGE_SSH_PRIVATE_KEY_CMD"};
    int status = text ? from_text(c, text, out) : EXIT_CLEAN;
    for (size_t i = 0; i < 2 && status == EXIT_CLEAN; i++) {
        const char *path = getenv(files[i]);
        if (path && *path)
            status = from_file(c, path, true, out);
        if (status == EXIT_CLEAN)
            status = from_command(c, commands[i], d, out);
    }
    return status;
}

int find_identities(struct cmd_call *c, const struct sops_doc *d, struct age_keys *out)
{
    size_t iter = 0;
    int status = EXIT_CLEAN;
    const char *named;
    while (status == EXIT_CLEAN && (named = cmd_next_value(c, "identity", &iter)) != NULL)
        status = from_file(c, named, true, out);
    if (status == EXIT_CLEAN)
        status = from_environment(c, d, out);
    if (status == EXIT_CLEAN)
        status = from_home(c, out);
    if (status == EXIT_CLEAN && out->n == 0)
        return cmd_fail(c, EXIT_ERROR,
                        "no identity: give --identity FILE, SOPS_AGE_KEY_FILE or "
                        "SOPS_AGE_KEY");
    return status;
}

/* The file's absolute path; of one that is not there yet, as it is written. */
static bool absolute_path(const char *file, char out[PATH])
{
    char here[PATH];
    if (realpath(file, out))
        return true;
    if (file[0] == '/')
        return snprintf(out, PATH, "%s", file) < PATH;
    if (!getcwd(here, sizeof here))
        return false;
    return snprintf(out, PATH, "%s/%s", strcmp(here, "/") ? here : "", file) < PATH;
}

/* The nearest .sops.yaml at or above the file's folder; *rest: the file's path below it. */
static bool nearest_config(const char *file, char config[PATH + 16], const char **rest)
{
    static char whole[PATH];
    char folder[PATH];
    if (!absolute_path(file, whole))
        return false;
    memcpy(folder, whole, sizeof folder);
    for (char *slash; (slash = strrchr(folder, '/')) != NULL;) {
        *slash = 0;
        snprintf(config, PATH + 16, "%s/.sops.yaml", folder);
        if (file_exists(config)) {
            *rest = whole + strlen(folder) + 1;
            return true;
        }
    }
    return false;
}

static const char *or_config(struct cmd_call *c)
{
    const char *given = cmd_value(c, "config");
    return given ? given : getenv("SOPS_CONFIG");
}

int find_policy(struct cmd_call *c, const char *path, struct arena *arena, struct buf *text,
                struct sops_policy *p)
{
    char nearby[PATH + 16];
    const char *age = cmd_value(c, "age"), *config = or_config(c), *rest;
    const char *override = cmd_value(c, "filename-override");
    struct fault f = {0};
    path = override ? override : path;
    rest = path;
    if (!age)
        age = config ? NULL : getenv("SOPS_AGE_RECIPIENTS");
    if (age) {
        *p = (struct sops_policy){0};
        struct err e = sops_policy_add(p, span_str(age), 0);
        return failed(e) ? cmd_fail(c, EXIT_ERROR, "too many recipients") : EXIT_CLEAN;
    }
    if (!config && !nearest_config(path, nearby, &rest))
        return cmd_fail(c, EXIT_ERROR,
                        "no recipient: give --age, or a .sops.yaml with a creation "
                        "rule");
    config = config ? config : nearby;
    struct err e = file_read(config, text);
    if (!failed(e))
        e = sops_policy_find(buf_span(text), rest, arena, p, &f);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s: %s", config, f.why ? f.why : cmd_err_text(e));
    return EXIT_CLEAN;
}
