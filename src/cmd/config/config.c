/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum config`: check a config file as the daemon would, show what holds with all defaults
 * filled in, print the reference page. Needs no daemon, opens no state.
 */
#include "cmdkit.h"
#include "json_put.h"
#include "settings_load.h"

#include <stdio.h>
#include <sys/stat.h>

enum { TEXT_MAX = 4 * 1024 * 1024, PATH_BYTES = 4096 };

static void print(const struct buf *b)
{
    fwrite(b->p, 1, b->n, stdout);
}

static int say_json(struct cmd_call *c, const char *file, const struct conf_fault *f)
{
    BUF_AUTO out = buf_init(TEXT_MAX);
    struct json_put p = json_put_to(&out);
    json_put_object(&p, NULL);
    json_put_text(&p, "file", file);
    json_put_bool(&p, "ok", f == NULL);
    if (f) {
        json_put_u64(&p, "line", f->line);
        json_put_u64(&p, "column", f->column);
        json_put_text(&p, "error", f->text);
    }
    json_put_end(&p);
    struct err e = json_put_done(&p);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s", cmd_err_text(e));
    print(&out);
    putchar('\n');
    return f ? EXIT_FINDING : EXIT_CLEAN;
}

static int say_fault(struct cmd_call *c, const struct conf_fault *f)
{
    BUF_AUTO text = buf_init(TEXT_MAX);
    struct err e = conf_fault_text(f, &text);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s", cmd_err_text(e));
    fprintf(stderr, "%.*s\n", SPAN_ARG(buf_span(&text)));
    return EXIT_FINDING;
}

/* The file named as operand or option, in the environment or by habit; NULL for the built-in one.
 */
static struct err which_file(struct cmd_call *c, struct buf *path, const char **file)
{
    const char *given = cmd_operand(c, 0) ? cmd_operand(c, 0) : cmd_value(c, "config");
    TRY(settings_path(given, path));
    *file = path->n ? (const char *)path->p : NULL;
    return OK;
}

/* Load, or say why not: a fault in the file is a finding, a file that cannot be read an error. */
static int load(struct cmd_call *c, struct settings *s, struct buf *path, const char **file)
{
    struct conf_fault f = {0};
    if (cmd_operands(c) > 1)
        return cmd_fail(c, EXIT_USAGE, "one file at a time");
    struct err e = which_file(c, path, file);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s", cmd_err_text(e));
    e = settings_load(*file, s, &f);
    if (!failed(e))
        return EXIT_CLEAN;
    bool json = cmd_has(c, "json");
    int status = json ? say_json(c, *file ? *file : "built-in config", &f) : say_fault(c, &f);
    return err_cat(e) == ERR_INPUT ? status : EXIT_ERROR;
}

/* The vault refuses a key file that others may read, and every request of its provider with it:
 * said here, before the daemon does. A file that is not on this machine may be on the one it is
 * for. */
static void warn_key_files(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->n_providers; i++) {
        const struct settings_provider *p = &s->providers[i];
        char path[PATH_BYTES];
        struct stat st;
        if (p->key_source != KEY_FILE || p->key_name.n >= sizeof path)
            continue;
        snprintf(path, sizeof path, "%.*s", SPAN_ARG(p->key_name));
        if (lstat(path, &st) != 0)
            continue;
        const char *why = !S_ISREG(st.st_mode)               ? "is no regular file"
                          : st.st_mode & (S_IRWXG | S_IRWXO) ? "is open to group or others"
                                                             : NULL;
        if (why)
            fprintf(stderr, "%s: warning: the key file %s %s: it will not be used (chmod 600)\n",
                    name, path, why);
    }
}

static int run_check(struct cmd_call *c)
{
    struct settings s = {0};
    BUF_AUTO path = buf_init(8192);
    const char *file;
    int status = load(c, &s, &path, &file);
    if (status != EXIT_CLEAN)
        return status;
    const char *name = file ? file : "built-in config";
    if (cmd_has(c, "json"))
        status = say_json(c, name, NULL);
    else
        printf("%s: good: %zu listener%s, %zu provider%s, %zu model pattern%s\n", name,
               s.n_listeners, s.n_listeners == 1 ? "" : "s", s.n_providers,
               s.n_providers == 1 ? "" : "s", s.n_models, s.n_models == 1 ? "" : "s");
    if (status == EXIT_CLEAN && s.n_budgets)
        fprintf(stderr, "%s: warning: budgets are read but not enforced by this version\n", name);
    if (status == EXIT_CLEAN)
        warn_key_files(&s, name);
    settings_free(&s);
    return status;
}

static int run_show(struct cmd_call *c)
{
    struct settings s = {0};
    BUF_AUTO path = buf_init(8192);
    BUF_AUTO out = buf_init(TEXT_MAX);
    const char *file;
    int status = load(c, &s, &path, &file);
    if (status != EXIT_CLEAN)
        return status;
    struct err e = cmd_has(c, "json") ? settings_show_json(&s, &out) : settings_show(&s, &out);
    settings_free(&s);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s", cmd_err_text(e));
    print(&out);
    if (cmd_has(c, "json"))
        putchar('\n');
    return EXIT_CLEAN;
}

static int run_reference(struct cmd_call *c)
{
    BUF_AUTO out = buf_init(TEXT_MAX);
    struct err e = settings_reference(&out);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s", cmd_err_text(e));
    print(&out);
    return EXIT_CLEAN;
}

static const struct cmd_opt file_opts[] = {
    {"config", 'c', "FILE", "the config file"}, {"json", 0, NULL, "print one JSON object"}, {0}};

static const struct cmd_sub subs[] = {
    {"check", "[FILE]",
     "say whether a config is good; exit 1 names file, line and what was expected", file_opts,
     run_check},
    {"show", "[FILE]",
     "print every setting, defaults filled in; no key is in it, only where keys are", file_opts,
     run_show},
    {"reference", "", "print the reference page of all settings, in Markdown", NULL, run_reference},
    {0}};

static const struct cmd_spec spec = {
    "config", "check and show the configuration", subs,
    "Without FILE: --config, SANCTUM_CONFIG, /etc/sanctum/sanctum.yaml for root, else\n"
    "$XDG_CONFIG_HOME/sanctum/sanctum.yaml; where there is none, the built-in config holds:\n"
    "127.0.0.1:4040 and the echo provider."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
