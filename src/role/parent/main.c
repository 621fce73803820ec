/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent role: starts everything, binds what is listened on, starts again what ends, reloads.
 * Run by `sanctum serve`. It reads its settings, the certificates they name, and nothing else;
 * it sees no request and holds no key.
 *
 *     sanctum-parent [--config FILE] [--state DIR] [--passphrase-fd N]
 */
#include "parent_int.h"

#include <stdio.h>
#include <string.h>

#include "disk.h"
#include "file.h"
#include "keytable.h"
#include "num.h"
#include "rolecalls.h"
#include "secret.h"
#include "shm.h"

enum { EXIT_FAILED = 2, EXIT_USAGE = 64, PASSPHRASE_MAX = 4096 };

struct arguments {
    const char *config, *state;
    int passphrase_fd; /* -1: none */
};

static int fail(int status, const char *what, const char *why)
{
    fprintf(stderr, "sanctum serve: %s%s%s\n", what, *why ? ": " : "", why);
    return status;
}

static bool read_arguments(int argc, char **argv, struct arguments *a)
{
    *a = (struct arguments){.passphrase_fd = -1};
    for (int i = 1; i + 1 < argc; i += 2) {
        uint64_t n;
        if (strcmp(argv[i], "--config") == 0)
            a->config = argv[i + 1];
        else if (strcmp(argv[i], "--state") == 0)
            a->state = argv[i + 1];
        else if (strcmp(argv[i], "--passphrase-fd") == 0 &&
                 !failed(num_u64(span_str(argv[i + 1]), 1 << 20, &n)))
            a->passphrase_fd = (int)n;
        else
            return false;
    }
    return argc % 2 == 1;
}

/* The passphrase is kept sealed in memory for vaults to come; parent itself does not look at it. */
static struct err take_passphrase(struct parent *p, int fd)
{
    BUF_AUTO bytes = buf_init(PASSPHRASE_MAX);
    const char *file = proc_env("SANCTUM_PASSPHRASE_FILE");
    struct err e = OK;
    if (fd >= 0)
        e = file_read_fd(fd, &bytes);
    else if (file && *file) {
        TRY(disk_open(file, DISK_READ, &fd));
        e = disk_check_private(fd);
        if (!failed(e))
            e = file_read_fd(fd, &bytes);
        disk_close(&fd);
    } else
        return OK;
    if (!failed(e))
        e = shm_blob("sanctum-passphrase", buf_span(&bytes), &p->passphrase);
    buf_wipe(&bytes);
    return e;
}

/* Segments that outlive roles. The table of keys is made ready here, since gates may look at it
 * before the ledger did. */
static struct err make_segments(struct parent *p)
{
    TRY(shm_create("sanctum-keys", key_table_bytes(), &p->keys));
    TRY(shm_read_only(p->keys, &p->keys_ro));
    TRY(shm_create("sanctum-counters", COUNTERS_BYTES, &p->counters));
    struct shm m;
    struct key_table t;
    TRY(shm_map(p->keys, SHM_READ_WRITE, key_table_bytes(), &m));
    struct err e = key_table_attach(&t, m.p, m.n, true);
    shm_unmap(&m);
    return e;
}

static struct err bind_control(struct parent *p)
{
    BUF_AUTO path = buf_init(STATEDIR_MAX + 32);
    TRY(statedir_socket((const char *)p->state_dir.p, &path));
    TRY(buf_put_u8(&path, 0));
    return net_listen_unix((const char *)path.p, 0600, &p->control_socket);
}

/* Nobody answers there any more. */
static void drop_control(struct parent *p)
{
    BUF_AUTO path = buf_init(STATEDIR_MAX + 32);
    struct err e = statedir_socket((const char *)p->state_dir.p, &path);
    if (!failed(e))
        e = buf_put_u8(&path, 0);
    if (!failed(e))
        e = disk_remove((const char *)path.p);
    (void)e; /* the next start takes it away */
}

/* ---- signals * ---- */

static void on_hup(struct loop_signal *s)
{
    life_reload(LOOP_OWNER(s, struct parent, on_hup));
}

static void on_term(struct loop_signal *s)
{
    life_stop(LOOP_OWNER(s, struct parent, on_term));
}

static void on_int(struct loop_signal *s)
{
    life_stop(LOOP_OWNER(s, struct parent, on_int));
}

static struct err watch_signals(struct parent *p)
{
    proc_ignore_broken_pipes();
    TRY(loop_signal(p->loop, &p->on_hup, LOOP_HANGUP, on_hup));
    TRY(loop_signal(p->loop, &p->on_term, LOOP_TERMINATE, on_term));
    return loop_signal(p->loop, &p->on_int, LOOP_INTERRUPT, on_int);
}

/* ---- start * ---- */

/* Each step with what to say when it fails. */
static int open_state(struct parent *p, const struct arguments *a)
{
    struct err e = statedir_path(a->state, &p->state_dir);
    if (failed(e) || failed(buf_put_u8(&p->state_dir, 0)))
        return fail(EXIT_FAILED, "no state directory: give one with --state", "");
    p->state_dir.n--; /* NUL-terminated, but not part of it */
    const char *dir = (const char *)p->state_dir.p;
    e = statedir_open(dir, &p->lock);
    if (err_cat(e) == ERR_AGAIN)
        return fail(EXIT_FAILED, dir, "another sanctum runs with this state directory");
    return failed(e) ? fail(EXIT_FAILED, dir, (const char *)log_err_text(e).p) : 0;
}

/* The tagger's weights, copied once and shared by all gates; they stand beside the executables. */
static struct err load_weights(struct parent *p)
{
    BUF_AUTO path = buf_init(4096);
    TRY(buf_put(&path, buf_span(&p->libexec)));
    TRY(buf_puts(&path, "/ner-en.bin"));
    TRY(buf_put_u8(&path, 0));
    return shm_blob_file("sanctum-weights", (const char *)path.p, WEIGHTS_MAX, &p->weights);
}

/* *step names what was tried last. */
static struct err prepare(struct parent *p, const struct arguments *a, const char **step)
{
    *step = "cannot start the loop";
    TRY(loop_new(&p->loop));
    TRY(watch_signals(p));
    *step = "cannot read the tagger's weights, libexec/ner-en.bin";
    TRY(proc_self_dir(&p->libexec));
    TRY(load_weights(p));
    *step = "cannot read the passphrase";
    TRY(take_passphrase(p, a->passphrase_fd));
    *step = "cannot make shared memory";
    TRY(make_segments(p));
    *step = "cannot bind the control socket";
    TRY(bind_control(p));
    *step = "cannot give up privileges";
    struct sandbox box = role_box(WIRE_PARENT);
    return sandbox_enter(&box, &p->report);
}

static int serve(struct parent *p, const struct arguments *a)
{
    BUF_AUTO why = buf_init(1024);
    struct era *e;
    p->config = a->config;
    int status = open_state(p, a);
    if (status)
        return status;
    if (failed(era_new(p, &e, &why))) {
        fprintf(stderr, "%.*s\n", SPAN_ARG(buf_span(&why)));
        return EXIT_FAILED;
    }
    log_open("parent", (enum log_level)e->settings.log_level, LOG_LOGFMT);
    proc_raise_files();
    const char *step;
    struct err r = prepare(p, a, &step);
    if (failed(r))
        return fail(EXIT_FAILED, step, (const char *)log_err_text(r).p);
    r = life_start(p, e);
    if (!failed(r))
        r = loop_run(p->loop);
    drop_control(p);
    if (failed(r))
        return fail(EXIT_FAILED, "cannot go on", (const char *)log_err_text(r).p);
    return p->status;
}

int main(int argc, char **argv)
{
    static struct parent self;
    struct parent *p = &self;
    struct arguments a;
    if (!read_arguments(argc, argv, &a))
        return fail(EXIT_USAGE,
                    "usage: sanctum-parent [--config FILE] [--state DIR] "
                    "[--passphrase-fd N]",
                    "");
    p->lock = p->passphrase = p->weights = p->keys = p->keys_ro = p->counters = p->control_socket =
        -1;
    p->config_path = buf_init(4096 + 1);
    p->state_dir = buf_init(STATEDIR_MAX + 1);
    p->libexec = buf_init(4096);
    return serve(p, &a);
}
