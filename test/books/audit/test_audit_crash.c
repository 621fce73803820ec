/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine stops at any moment of a ledger's life. A life is recorded system call by system call
 * (ptrace); then, for the moment after each of them, folders are made as a disk could hold them:
 * what was synchronised is there, of the rest nothing, everything, the names alone, the bytes
 * alone, or parts by chance, a write torn at sectors. From each the books open, hold every
 * acknowledged record, sign, and their log is intact.
 */
#define _GNU_SOURCE
#include "audit_books.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    OPS = 4096,
    FILES = 512,
    DESCRIPTORS = 64,
    SECTOR = 512,
    NAME = 256,
    ACK = 63, /* the descriptor on which a life tells what was acknowledged */
    CHANCES = 2,
};

enum kind { MAKE, PUT, EXTEND, SYNC, SYNC_DIR, RENAME, REMOVE, FOLDER, ACKED };

struct op {
    enum kind kind;
    char name[NAME], to[NAME]; /* below the base */
    int file;                  /* of MAKE, PUT, EXTEND, SYNC */
    uint64_t at, n;
    uint8_t *bytes;
    bool kept;
};

/* A file as the disk holds it at a moment. */
struct stored {
    uint8_t *bytes;
    uint64_t n;
};

static struct op ops[OPS];
static size_t ops_n;
static int files_n;

/* --- the record of a life ------------------------------------------------------------------ */

struct descriptor {
    char name[NAME];
    int file; /* -1: a folder, or nothing of ours */
    bool folder;
};
static struct descriptor open_now[DESCRIPTORS];

static void child_text(pid_t pid, uint64_t from, char out[NAME])
{
    struct iovec here = {out, NAME - 1}, there = {(void *)(uintptr_t)from, NAME - 1};
    memset(out, 0, NAME);
    if (process_vm_readv(pid, &here, 1, &there, 1, 0) < 0) {
        there.iov_len = 4096 - from % 4096; /* the text lies at the end of a page */
        if (there.iov_len < here.iov_len)
            here.iov_len = there.iov_len;
        (void)!process_vm_readv(pid, &here, 1, &there, 1, 0);
    }
    out[NAME - 1] = 0;
}

/* The name below the base; empty: elsewhere. */
static void below(char name[NAME])
{
    size_t n = strlen(base), skip = n + strlen("/now/");
    if (strncmp(name, base, n) != 0 || strlen(name) < skip)
        name[0] = 0;
    else
        memmove(name, name + skip, strlen(name) - skip + 1);
}

static int file_named(const char *name)
{
    for (size_t i = ops_n; i-- > 0;) {
        if (ops[i].kind == MAKE && strcmp(ops[i].name, name) == 0)
            return ops[i].file;
        if (ops[i].kind == RENAME && strcmp(ops[i].to, name) == 0)
            return ops[i].file;
    }
    return -1;
}

static struct op *add_op(enum kind kind, const char *name, int file)
{
    assert_true(ops_n < OPS);
    struct op *o = &ops[ops_n++];
    *o = (struct op){.kind = kind, .file = file};
    strcpy(o->name, name);
    return o;
}

static void on_open(pid_t pid, const uint64_t *args, int64_t got)
{
    char name[NAME];
    struct stat st;
    child_text(pid, args[1], name);
    assert_true(got < DESCRIPTORS);
    struct descriptor *d = &open_now[got];
    bool folder = stat(name, &st) == 0 && S_ISDIR(st.st_mode);
    below(name);
    *d = (struct descriptor){.file = -1, .folder = folder};
    strcpy(d->name, name);
    if (!name[0] || folder)
        return;
    if (args[2] & O_EXCL) {
        assert_true(files_n < FILES);
        d->file = files_n++;
        add_op(MAKE, name, d->file);
    } else {
        d->file = file_named(name);
    }
}

static void on_put(pid_t pid, const uint64_t *args, int64_t got)
{
    const struct descriptor *d = &open_now[args[0]];
    if (d->file < 0)
        return;
    struct op *o = add_op(PUT, d->name, d->file);
    o->at = args[3];
    o->n = (uint64_t)got;
    o->bytes = malloc(o->n);
    struct iovec here = {o->bytes, o->n}, there = {(void *)(uintptr_t)args[1], o->n};
    assert_int_equal(process_vm_readv(pid, &here, 1, &there, 1, 0), got);
}

static void on_names(pid_t pid, uint64_t nr, const uint64_t *args)
{
    char name[NAME], to[NAME] = "";
#ifdef SYS_rename
    bool plain = nr == SYS_rename || nr == SYS_unlink || nr == SYS_mkdir || nr == SYS_rmdir;
#else
    bool plain = false;
#endif
    child_text(pid, args[plain ? 0 : 1], name);
    below(name);
    if (!name[0])
        return;
    bool rename = nr == SYS_renameat || nr == SYS_renameat2;
    bool folder = nr == SYS_mkdirat;
#ifdef SYS_rename
    rename = rename || nr == SYS_rename;
    folder = folder || nr == SYS_mkdir;
#endif
    if (!rename) {
        add_op(folder ? FOLDER : REMOVE, name, -1);
        return;
    }
    child_text(pid, args[plain ? 1 : 3], to);
    below(to);
    int file = file_named(name);
    strcpy(add_op(RENAME, name, file)->to, to);
}

static void on_call(pid_t pid, uint64_t nr, const uint64_t *args, int64_t got)
{
    const struct descriptor *d = &open_now[args[0] < DESCRIPTORS ? args[0] : 0];
    if (got < 0)
        return;
    switch (nr) {
    case SYS_openat:
        on_open(pid, args, got);
        break;
    case SYS_pwrite64:
        on_put(pid, args, got);
        break;
    case SYS_write:
        assert_int_equal(args[0], ACK);
        struct iovec here = {&add_op(ACKED, "", -1)->n, 8};
        struct iovec there = {(void *)(uintptr_t)args[1], 8};
        assert_int_equal(process_vm_readv(pid, &here, 1, &there, 1, 0), 8);
        break;
    case SYS_fallocate:
        add_op(EXTEND, d->name, d->file)->n = args[2] + args[3];
        break;
    case SYS_fdatasync:
    case SYS_fsync:
        if (d->folder)
            add_op(SYNC_DIR, d->name, -1);
        else if (d->file >= 0)
            add_op(SYNC, d->name, d->file);
        break;
#ifdef SYS_rename
    case SYS_rename:
    case SYS_unlink:
    case SYS_mkdir:
    case SYS_rmdir:
#endif
    case SYS_renameat:
    case SYS_renameat2:
    case SYS_unlinkat:
    case SYS_mkdirat:
        on_names(pid, nr, args);
        break;
    default:
        break;
    }
}

static void acknowledge(uint64_t n)
{
    if (write(ACK, &n, sizeof n) != sizeof n)
        _exit(6);
}

/* A few commits over the edges of bundles, signed in between; tiles settle now and then. */
static void live(void)
{
    static const unsigned commits[] = {30, 200, 40, 256, 3, 300};
    struct books b;
    if (failed(books_open(&b, AUDIT_LOG_DURABLE)))
        _exit(3);
    for (unsigned i = 0; i < sizeof commits / sizeof *commits; i++) {
        if (failed(books_store(&b, commits[i])))
            _exit(4);
        acknowledge(audit_log_next(b.log));
        if (i != 3 && failed(books_sign(&b)))
            _exit(5);
        if (i == 2 || i == 4)
            while (audit_tree_unsettled(b.tree))
                if (failed(audit_tree_settle(b.tree, TILE_WIDTH)))
                    _exit(7);
    }
    books_close(&b);
    _exit(0);
}

static void record_life(void)
{
    int status = 0, nowhere = open("/dev/null", O_WRONLY);
    struct __ptrace_syscall_info in, info = {0};
    pid_t pid = fork();
    if (pid == 0) {
        dup2(nowhere, ACK);
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        live();
    }
    close(nowhere);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(
        ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), 0);
    while (WIFSTOPPED(status)) {
        in = info;
        assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (!WIFSTOPPED(status))
            break;
        assert_true(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) > 0);
        if (info.op == PTRACE_SYSCALL_INFO_EXIT && in.op == PTRACE_SYSCALL_INFO_ENTRY) {
            uint64_t args[6];
            memcpy(args, in.entry.args, sizeof args);
            on_call(pid, in.entry.nr, args, info.exit.rval);
        }
    }
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* --- what a disk could hold ---------------------------------------------------------------- */

/* Is `name` right in the folder? */
static bool lies_in(const char *name, const char *folder)
{
    size_t n = strlen(folder);
    bool within = n == 0 || (strncmp(name, folder, n) == 0 && name[n] == '/');
    return within && strchr(name + n + (n > 0), '/') == NULL;
}

/* Was this operation waited for before the moment? */
static bool waited_for(size_t i, size_t moment)
{
    const struct op *o = &ops[i];
    for (size_t j = i + 1; j < moment; j++) {
        const struct op *s = &ops[j];
        if ((o->kind == PUT || o->kind == EXTEND) && s->kind == SYNC && s->file == o->file)
            return true;
        if (o->kind != PUT && o->kind != EXTEND && s->kind == SYNC_DIR && lies_in(o->name, s->name))
            return true;
    }
    return false;
}

enum loss { LOSE_ALL, LOSE_NOTHING, LOSE_BYTES, LOSE_NAMES, LOSE_BY_CHANCE };

static void choose(size_t moment, enum loss loss)
{
    for (size_t i = 0; i < moment; i++) {
        bool bytes = ops[i].kind == PUT || ops[i].kind == EXTEND;
        ops[i].kept = loss == LOSE_NOTHING || (loss == LOSE_BYTES && !bytes) ||
                      (loss == LOSE_NAMES && bytes) || (loss == LOSE_BY_CHANCE && rand() % 2) ||
                      waited_for(i, moment);
    }
}

static void grow(struct stored *s, uint64_t n)
{
    if (n <= s->n)
        return;
    s->bytes = realloc(s->bytes, n);
    assert_non_null(s->bytes);
    memset(s->bytes + s->n, 0, n - s->n);
    s->n = n;
}

static void put(struct stored *s, const struct op *o, bool torn)
{
    grow(s, o->at + o->n);
    for (uint64_t i = 0; i < o->n; i += SECTOR) {
        uint64_t n = o->n - i < SECTOR ? o->n - i : SECTOR;
        if (!torn || rand() % 2)
            memcpy(s->bytes + o->at + i, o->bytes + i, n);
    }
}

static void write_out(const char *name, const struct stored *s)
{
    char path[NAME + PATHS];
    snprintf(path, sizeof path, "%s/now/%s", base, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0 && errno == ENOENT)
        return; /* its folder was lost */
    assert_true(fd >= 0);
    assert_int_equal(write(fd, s->bytes, s->n), (ssize_t)s->n);
    close(fd);
}

/* Which file has which name, and the folders, in the order of the operations that were kept. */
static void write_names(size_t moment, const struct stored *content)
{
    static const char *names[FILES];
    static int of[FILES];
    int n = 0;
    for (size_t i = 0; i < moment; i++) {
        const struct op *o = &ops[i];
        bool takes = o->kind == REMOVE || o->kind == RENAME || o->kind == MAKE;
        for (int k = 0; k < n && o->kept && takes; k++)
            if (strcmp(names[k], o->name) == 0 ||
                (o->kind == RENAME && strcmp(names[k], o->to) == 0))
                names[k] = "";
        if (!o->kept || (o->kind != MAKE && o->kind != RENAME) || o->file < 0)
            continue;
        assert_true(n < FILES);
        names[n] = o->kind == MAKE ? o->name : o->to;
        of[n++] = o->file;
    }
    for (int k = 0; k < n; k++)
        if (names[k][0])
            write_out(names[k], &content[of[k]]);
}

/* The folder as the disk could hold it after the first `moment` operations. */
static void make_disk(size_t moment, enum loss loss)
{
    static struct stored content[FILES];
    char path[NAME + PATHS];
    choose(moment, loss);
    shell("rm -rf %s/now; mkdir -m 700 %s/now", base, base);
    for (int i = 0; i < files_n; i++) {
        free(content[i].bytes);
        content[i] = (struct stored){0};
    }
    for (size_t i = 0; i < moment; i++) {
        const struct op *o = &ops[i];
        if (o->kind == FOLDER && o->kept) {
            snprintf(path, sizeof path, "%s/now/%s", base, o->name);
            mkdir(path, 0700);
        }
        if (o->kind == EXTEND && o->kept)
            grow(&content[o->file], o->n);
        if (o->kind == PUT && o->kept)
            put(&content[o->file], o, loss == LOSE_BY_CHANCE && !waited_for(i, moment));
    }
    write_names(moment, content);
}

/* --- the tests ----------------------------------------------------------------------------- */

static uint64_t acknowledged(size_t moment)
{
    for (size_t i = moment; i-- > 0;)
        if (ops[i].kind == ACKED)
            return ops[i].n;
    return 0;
}

static void the_machine_stops_at_any_moment(void **state)
{
    (void)state;
    record_life();
    assert_true(ops_n > 100);
    for (size_t moment = 0; moment <= ops_n; moment++)
        for (int loss = 0; loss < LOSE_BY_CHANCE + CHANCES; loss++) {
            make_disk(moment, loss < LOSE_BY_CHANCE ? (enum loss)loss : LOSE_BY_CHANCE);
            (void)recover_and_judge(acknowledged(moment));
        }
}

/* The judge sees it when a synchronisation is left out: the runner can fail. */
static void a_missing_synchronisation_is_seen(void **state)
{
    (void)state;
    size_t last = 0, moment = ops_n;
    for (size_t i = 0; i < ops_n; i++)
        if (ops[i].kind == ACKED)
            last = i;
    for (size_t i = 0; i < ops_n; i++)
        if (ops[i].kind == SYNC && strstr(ops[i].name, "segment"))
            ops[i].file = -2;
    make_disk(moment, LOSE_ALL);
    struct books b;
    bool opened = !failed(books_open(&b, AUDIT_LOG_DURABLE));
    assert_true(!opened || audit_log_next(b.log) < ops[last].n);
    books_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_machine_stops_at_any_moment, clean),
        cmocka_unit_test(a_missing_synchronisation_is_seen),

    };
    return cmocka_run_group_tests(tests, make_base, drop_base);
}
