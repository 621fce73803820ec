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

/* `must`: a file that was named; others may be missing. */
static int from_file(struct cmd_call *c, const char *path, bool must, struct age_keys *out)
{
    struct buf text = buf_init(AGE_KEY_FILE_MAX);
    struct fault f = {0};
    if (!must && !file_exists(path))
        return EXIT_CLEAN;
    struct err e = file_read(path, &text);
    if (!failed(e))
        e = age_identities_file(buf_span(&text), out, &f);
    buf_wipe(&text);
    if (failed(e) && must)
        return cmd_fail(c, EXIT_ERROR, "%s: %s", path, f.why ? f.why : cmd_err_text(e));
    return EXIT_CLEAN;
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

int find_identities(struct cmd_call *c, struct age_keys *out)
{
    size_t iter = 0;
    int status = EXIT_CLEAN;
    const char *named, *text = getenv("SOPS_AGE_KEY"), *file = getenv("SOPS_AGE_KEY_FILE");
    const char *ssh = getenv("SOPS_AGE_SSH_PRIVATE_KEY_FILE");
    while (status == EXIT_CLEAN && (named = cmd_next_value(c, "identity", &iter)) != NULL)
        status = from_file(c, named, true, out);
    if (status == EXIT_CLEAN && text)
        status = from_text(c, text, out);
    if (status == EXIT_CLEAN && file && *file)
        status = from_file(c, file, true, out);
    if (status == EXIT_CLEAN && ssh && *ssh)
        status = from_file(c, ssh, true, out);
    if (status == EXIT_CLEAN && out->n == 0)
        status = from_home(c, out);
    if (status == EXIT_CLEAN && out->n == 0)
        return cmd_fail(c, EXIT_ERROR,
                        "no identity: give --identity FILE, SOPS_AGE_KEY_FILE or "
                        "SOPS_AGE_KEY");
    return status;
}

/* The nearest .sops.yaml at or above the file's folder; *rest: the file's path below it. */
static bool nearest_config(const char *file, char config[PATH + 16], const char **rest)
{
    static char absolute[PATH];
    if (!realpath(file, absolute) && absolute[0] != '/')
        return false;
    for (char *slash; (slash = strrchr(absolute, '/')) != NULL;) {
        *slash = 0;
        snprintf(config, PATH + 16, "%s/.sops.yaml", absolute);
        size_t n = strlen(absolute);
        if (file_exists(config)) {
            static char whole[PATH];
            if (!realpath(file, whole))
                return false;
            *rest = whole + n + 1;
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
    const char *age = cmd_value(c, "age"), *config = or_config(c), *rest = path;
    struct fault f = {0};
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
