/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum vault`: secrets by name, in the sealed store. A value comes from standard input or a
 * descriptor and goes to standard output; never an argument. The daemon's vault reads the file
 * again when it changed, so this works beside it.
 */
#define _GNU_SOURCE
#include "audit_time.h"
#include "clock.h"
#include "cmdkit.h"
#include "file.h"
#include "num.h"
#include "proc.h"
#include "prompt.h"
#include "secret.h"
#include "statebooks.h"
#include "storefile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PASSPHRASE_MAX = 1024, TRIES = 100, AGAIN_MS = 30 };
static const uint64_t second_ns = 1000000000;

struct opened {
    char dir[STATEBOOKS_PATH];
    int lock;
    struct store *store;
};

/* --- passphrase ---------------------------------------------------------------------------- */

static void drop_newline(struct buf *b)
{
    if (b->n && b->p[b->n - 1] == '\n')
        b->n--;
}

/* --passphrase-fd, SANCTUM_PASSPHRASE_FILE, else the terminal when one is needed. */
static struct err read_passphrase(const struct cmd_call *c, bool needed, struct buf *out)
{
    const char *fd_text = cmd_value(c, "passphrase-fd"),
               *file = proc_env("SANCTUM_PASSPHRASE_FILE");
    uint64_t fd;
    if (fd_text) {
        TRY(num_u64(span_str(fd_text), 1023, &fd));
        TRY(file_read_fd((int)fd, out));
    } else if (file && *file) {
        int own;
        TRY(disk_open(file, DISK_READ, &own));
        struct err e = disk_check_private(own);
        if (!failed(e))
            e = file_read_fd(own, out);
        disk_close(&own);
        TRY(e);
    } else if (needed || cmd_has(c, "passphrase")) {
        TRY(prompt_secret("Passphrase of the vault: ", out));
    }
    drop_newline(out);
    return OK;
}

/* --- opening ------------------------------------------------------------------------------- */

static int complain(struct cmd_call *c, struct opened *o, struct err e)
{
    int status;
    if (err_cat(e) == ERR_DENIED)
        status = cmd_fail(c, EXIT_ERROR,
                          "the vault does not open: the passphrase is wrong or "
                          "missing, or others may read its files");
    else if (err_cat(e) == ERR_CORRUPT)
        status = cmd_fail(c, EXIT_FINDING, "the vault's file was damaged or changed");
    else
        status = cmd_fail(c, EXIT_ERROR, "%s: %s", o->dir, cmd_err_text(e));
    store_free(o->store);
    disk_close(&o->lock);
    return status;
}

/* Another command, or a vault that starts, has it for a moment. */
static struct err lock_soon(struct opened *o)
{
    for (int i = 0;; i++) {
        struct err e = storefile_lock(o->dir, &o->lock);
        if (err_cat(e) != ERR_AGAIN || i == TRIES)
            return e;
        nanosleep(&(struct timespec){.tv_nsec = AGAIN_MS * 1000000L}, NULL);
    }
}

static struct err open_store(const struct cmd_call *c, struct opened *o)
{
    enum store_unlock how = STORE_BY_KEY_FILE;
    TRY(lock_soon(o));
    struct err e = storefile_unlock(o->dir, &how);
    if (failed(e) && err_cat(e) != ERR_CLOSED)
        return e;
    struct buf passphrase = buf_init(PASSPHRASE_MAX + 1);
    e = read_passphrase(c, how == STORE_BY_PASSPHRASE, &passphrase);
    if (!failed(e))
        e = storefile_open(o->dir, buf_span(&passphrase), clock_wall_ns() / second_ns, &o->store);
    buf_wipe(&passphrase);
    return e;
}

static int open_vault(struct cmd_call *c, struct opened *o)
{
    BUF_AUTO state = buf_init(STATEDIR_MAX + 1);
    *o = (struct opened){.lock = -1};
    if (failed(statedir_path(cmd_value(c, "state"), &state)))
        return cmd_fail(c, EXIT_ERROR, "no state directory: give --state");
    snprintf(o->dir, sizeof o->dir, "%.*s/vault", SPAN_ARG(buf_span(&state)));
    struct err e = open_store(c, o);
    if (err_cat(e) == ERR_AGAIN) {
        disk_close(&o->lock);
        return cmd_fail(c, EXIT_ERROR, "another command changes the vault: try again");
    }
    return failed(e) ? complain(c, o, e) : EXIT_CLEAN;
}

static void close_vault(struct opened *o)
{
    store_free(o->store);
    disk_close(&o->lock);
}

/* Nothing is done with a secret before its record is stored. */
static struct err record(struct cmd_call *c, enum audit_kind kind, struct span name)
{
    struct statebooks b;
    struct err e = statebooks_open(&b, cmd_value(c, "state"));
    if (!failed(e))
        e = statebooks_secret(&b, kind, name);
    if (failed(e))
        cmd_fail(c, EXIT_ERROR, "not done, since it cannot be recorded: %s",
                 *b.why ? b.why : cmd_err_text(e));
    statebooks_close(&b);
    return e;
}

/* The one operand, a valid name. */
static bool name_operand(struct cmd_call *c, struct span *name)
{
    if (cmd_operands(c) != 1)
        return false;
    *name = span_str(cmd_operand(c, 0));
    return store_name_valid(*name);
}

static int bad_name(struct cmd_call *c)
{
    return cmd_fail(c, EXIT_USAGE,
                    "give one name: letters, digits, '.', '_', '-', '/', a letter or "
                    "digit first. A value is never an argument");
}

/* --- commands ------------------------------------------------------------------------------ */

static int read_value(struct cmd_call *c, struct buf *value)
{
    const char *fd_text = cmd_value(c, "value-fd");
    uint64_t fd = 0;
    if (fd_text && failed(num_u64(span_str(fd_text), 1023, &fd)))
        return cmd_fail(c, EXIT_USAGE, "--value-fd wants the number of a descriptor");
    struct err e = !fd_text && prompt_possible() ? prompt_secret("Value: ", value)
                                                 : file_read_fd((int)fd, value);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "cannot read the value: %s", cmd_err_text(e));
    if (!cmd_has(c, "exact"))
        drop_newline(value);
    return value->n ? EXIT_CLEAN : cmd_fail(c, EXIT_ERROR, "the value is empty: nothing was set");
}

static bool is_there(const struct store *s, struct span name)
{
    for (size_t i = 0; i < store_count(s); i++)
        if (span_eq(store_at(s, i).name, name))
            return true;
    return false;
}

/* Open, do one thing with one secret, close. `value`: what to set, or where a read goes. */
static int with_secret(struct cmd_call *c, enum audit_kind kind, struct span name,
                       struct buf *value)
{
    struct opened o;
    int status = open_vault(c, &o);
    if (status != EXIT_CLEAN)
        return status;
    bool there = is_there(o.store, name), set = kind == AUDIT_secret_set;
    struct err e = OK, recorded = there || set ? record(c, kind, name) : OK;
    if (failed(recorded) || (!there && !set)) {
        close_vault(&o);
        return failed(recorded) ? EXIT_ERROR : cmd_fail(c, EXIT_ERROR, "no secret has that name");
    }
    if (set)
        e = store_set(o.store, name, buf_span(value), clock_wall_ns() / second_ns);
    else
        e = value ? store_get(o.store, name, value) : store_remove(o.store, name);
    if (!failed(e) && kind != AUDIT_secret_read)
        e = storefile_save(o.dir, o.store);
    if (failed(e))
        return complain(c, &o, e);
    close_vault(&o);
    return EXIT_CLEAN;
}

static int run_set(struct cmd_call *c)
{
    struct span name;
    if (!name_operand(c, &name))
        return bad_name(c);
    struct buf value = buf_init(STORE_VALUE_MAX);
    int status = read_value(c, &value);
    if (status == EXIT_CLEAN)
        status = with_secret(c, AUDIT_secret_set, name, &value);
    buf_wipe(&value);
    return status;
}

static int run_get(struct cmd_call *c)
{
    struct span name;
    if (!name_operand(c, &name))
        return bad_name(c);
    struct buf value = buf_init(STORE_VALUE_MAX);
    int status = with_secret(c, AUDIT_secret_read, name, &value);
    if (status == EXIT_CLEAN) {
        fwrite(value.p, 1, value.n, stdout);
        putchar('\n');
    }
    buf_wipe(&value);
    return status;
}

static int run_rm(struct cmd_call *c)
{
    struct span name;
    return name_operand(c, &name) ? with_secret(c, AUDIT_secret_removed, name, NULL) : bad_name(c);
}

static void print_info(const struct store_info *i, bool json)
{
    char time[AUDIT_TIME_BYTES + 1];
    struct wr w = wr_of(time, AUDIT_TIME_BYTES);
    audit_time_put(&w, i->updated_s * second_ns);
    strcpy(time + AUDIT_TIME_BYTES - 11, "Z");
    printf(json ? "{\"name\":\"%.*s\",\"version\":%llu,\"updated\":\"%s\"}\n"
                : "%-32.*s %7llu %s\n",
           SPAN_ARG(i->name), (unsigned long long)i->version, time);
}

static int run_list(struct cmd_call *c)
{
    struct opened o;
    int status = open_vault(c, &o);
    if (status != EXIT_CLEAN)
        return status;
    bool json = cmd_has(c, "json");
    if (!json && store_count(o.store) > 1)
        printf("%-32s %7s %s\n", "NAME", "VERSION", "UPDATED");
    for (size_t i = 0; i < store_count(o.store); i++) {
        struct store_info info = store_at(o.store, i);
        if (info.name.p[0] != '.') /* the program's own */
            print_info(&info, json);
    }
    close_vault(&o);
    return EXIT_CLEAN;
}

/* --- table --------------------------------------------------------------------------------- */

#define UNLOCK                                                                                     \
    {"passphrase-fd", 0, "N", "read the passphrase from this descriptor"},                         \
        {"passphrase", 0, NULL, "ask for a passphrase (a new vault is then opened by it)"},        \
    {                                                                                              \
        "state", 0, "DIR", "the state directory"                                                   \
    }
static const struct cmd_opt set_opts[] = {
    {"value-fd", 0, "N", "read the value from this descriptor instead of standard input"},
    {"exact", 0, NULL, "keep a newline at the value's end"},
    UNLOCK,
    {0}};
static const struct cmd_opt list_opts[] = {
    {"json", 0, NULL, "print one JSON object a line"}, UNLOCK, {0}};
static const struct cmd_opt other_opts[] = {UNLOCK, {0}};

static const struct cmd_sub subs[] = {
    {"set", "NAME", "seal the value given on standard input under NAME", set_opts, run_set},
    {"get", "NAME", "print the value", other_opts, run_get},
    {"list", "", "names, versions and times, no values", list_opts, run_list},
    {"rm", "NAME", "remove", other_opts, run_rm},
    {0}};

static const struct cmd_spec spec = {
    "vault", "secrets, sealed", subs,
    "A provider uses the value set under NAME when its key is written \"vault:NAME\".\n"
    "A new vault is opened by a key file in the state directory, or by a passphrase if one is "
    "given\n"
    "with the first command. The passphrase comes from --passphrase-fd, from the file that\n"
    "SANCTUM_PASSPHRASE_FILE names (readable by its owner only), or from the terminal."};

int main(int argc, char **argv)
{
    return cmd_main(&spec, argc, argv);
}
