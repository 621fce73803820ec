/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum serve`: become the parent role, in the foreground. Here are only its options and help;
 * the parent process stays free of them.
 */
#include "buf.h"
#include "cmdkit.h"
#include "proc.h"

enum { ARGUMENTS = 8 };

static const char *const passed[] = {"config", "state", "passphrase-fd"};
static const char *const flags[] = {"--config", "--state", "--passphrase-fd"};

static int run(struct cmd_call *c)
{
    BUF_AUTO path = buf_init(8192);
    struct err e = proc_self_dir(&path);
    if (!failed(e))
        e = buf_puts(&path, "/sanctum-parent");
    if (!failed(e))
        e = buf_put_u8(&path, 0);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "cannot find its own path: %s", cmd_err_text(e));
    const char *argv[ARGUMENTS] = {"sanctum-parent"};
    size_t n = 1;
    for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++) {
        if (!cmd_has(c, passed[i]))
            continue;
        argv[n++] = flags[i];
        argv[n++] = cmd_value(c, passed[i]);
    }
    e = proc_become((const char *)path.p, argv);
    return cmd_fail(c, EXIT_ERROR, "cannot run %s: %s", (const char *)path.p, cmd_err_text(e));
}

static const struct cmd_opt opts[] = {
    {"config", 0, "FILE", "read the settings from FILE"},
    {"state", 0, "DIR", "keep the state in DIR"},
    {"passphrase-fd", 0, "N", "read the vault's passphrase from descriptor N"},
    {0}};

static const struct cmd_sub subs[] = {{"", "", "serve until SIGTERM", opts, run}, {0}};

static const struct cmd_spec spec = {
    "serve", "run the gateway in the foreground", subs,
    "Starts every process of sanctum and serves until SIGTERM or SIGINT, then finishes what is "
    "open "
    "and exits 0. One line is printed when it serves.\n\n"
    "SIGHUP reads the settings again: new processes are started with them, the old ones finish "
    "what they have. If the new settings are broken, the old ones stay.\n\n"
    "Without --config: SANCTUM_CONFIG, else the system's or the user's configuration, else "
    "built-in settings that answer by echo. Without --state: SANCTUM_STATE, else /var/lib/sanctum "
    "for root and the user's state directory otherwise."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
