/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of calls becomes a seccomp filter. The only file that includes libseccomp's header.
 * Calls on the hot path are allowed without a look at their arguments: the kernel then remembers
 * the answer (Linux 5.11) and does not run the filter for them at all.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <seccomp.h>

#include "sandbox_int.h"

#ifndef F_ADD_SEALS
#define F_GET_SEALS 1034
#endif

enum { TYPE_MASK = 0xf }; /* the kind of a socket; flags are above */

static const char *const kill_names[] = {
#define KILL(name) #name,
#include "sandbox_kill.def"
#undef KILL
};
enum { KILL_COUNT = sizeof kill_names / sizeof kill_names[0] };

static struct err lib_error(int r)
{
    return r == -ENOMEM ? err(ERR_NOMEM) : err_make(ERR_IO, (uint32_t)-r);
}

static struct scmp_arg_cmp equals(unsigned arg, scmp_datum_t value)
{
    return (struct scmp_arg_cmp){.arg = arg, .op = SCMP_CMP_EQ, .datum_a = value};
}

/* The bits of `mask` are those of `value`. */
static struct scmp_arg_cmp masked(unsigned arg, scmp_datum_t mask, scmp_datum_t value)
{
    return (struct scmp_arg_cmp){
        .arg = arg, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}

/* One rule: allow `nr` when all `n` comparisons hold. The same rule twice is once. */
static struct err allow(scmp_filter_ctx f, int nr, unsigned n, const struct scmp_arg_cmp *when)
{
    int r = seccomp_rule_add_array(f, SCMP_ACT_ALLOW, nr, n, when);
    return r == 0 || r == -EEXIST ? OK : lib_error(r);
}

static struct err allow_sockets(scmp_filter_ctx f, int nr, int family, int type)
{
    struct scmp_arg_cmp when[] = {equals(0, (scmp_datum_t)family),
                                  masked(1, TYPE_MASK, (scmp_datum_t)type), equals(2, 0)};
    /* Unix sockets have one protocol; 0 is also netlink's for routes. */
    return allow(f, nr, 3, when);
}

static struct err allow_inet(scmp_filter_ctx f, int nr, bool datagrams)
{
    static const int families[] = {AF_INET, AF_INET6};
    for (size_t i = 0; i < 2; i++) {
        TRY(allow_sockets(f, nr, families[i], SOCK_STREAM));
        if (datagrams)
            TRY(allow_sockets(f, nr, families[i], SOCK_DGRAM));
    }
    return datagrams ? allow_sockets(f, nr, AF_NETLINK, SOCK_RAW) : OK;
}

static struct err allow_fcntl(scmp_filter_ctx f, int nr)
{
    static const int commands[] = {F_GETFD,         F_SETFD,     F_GETFL,    F_SETFL,
                                   F_DUPFD_CLOEXEC, F_GETLK,     F_SETLK,    F_SETLKW,
                                   F_OFD_GETLK,     F_OFD_SETLK, F_GET_SEALS};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        struct scmp_arg_cmp is = equals(1, (scmp_datum_t)commands[i]);
        TRY(allow(f, nr, 1, &is));
    }
    return OK;
}

static struct err allow_read_only(scmp_filter_ctx f, int nr, const char *name)
{
    scmp_datum_t writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);
    unsigned flags_at = strcmp(name, "open") == 0 ? 1 : 2;
    struct scmp_arg_cmp is = masked(flags_at, writing, O_RDONLY);
    return allow(f, nr, 1, &is);
}

static struct err allow_when(scmp_filter_ctx f, int nr, const struct sandbox_call *c)
{
    struct scmp_arg_cmp is;
    switch (c->when) {
    case SANDBOX_NO_EXEC:
        is = masked(2, PROT_EXEC, 0);
        return allow(f, nr, 1, &is);
    case SANDBOX_TCP:
        return allow_inet(f, nr, false);
    case SANDBOX_INET:
        return allow_inet(f, nr, true);
    case SANDBOX_UNIX:
        TRY(allow_sockets(f, nr, AF_UNIX, SOCK_STREAM));
        return allow_sockets(f, nr, AF_UNIX, SOCK_DGRAM);
    case SANDBOX_READ_ONLY:
        return allow_read_only(f, nr, c->name);
    case SANDBOX_FD_FLAGS:
        return allow_fcntl(f, nr);
    case SANDBOX_SELF:
        is = equals(0, (scmp_datum_t)getpid());
        return allow(f, nr, 1, &is);
    case SANDBOX_FIONREAD:
        is = equals(1, FIONREAD);
        return allow(f, nr, 1, &is);
    case SANDBOX_ALWAYS:
        return allow(f, nr, 0, NULL);
    }
    return err(ERR_BUG);
}

static bool kills(const char *name)
{
    for (size_t i = 0; i < KILL_COUNT; i++)
        if (strcmp(kill_names[i], name) == 0)
            return true;
    return false;
}

static struct err add_rules(scmp_filter_ctx f, const struct sandbox *box)
{
    for (size_t i = 0; i < box->call_count; i++) {
        if (kills(box->calls[i].name))
            return err(ERR_BUG); /* the library would take one of the two, silently */
        int nr = seccomp_syscall_resolve_name(box->calls[i].name);
        if (nr != __NR_SCMP_ERROR && nr >= 0)
            TRY(allow_when(f, nr, &box->calls[i]));
    }
    for (size_t i = 0; i < KILL_COUNT; i++) {
        int nr = seccomp_syscall_resolve_name(kill_names[i]);
        if (nr == __NR_SCMP_ERROR || nr < 0)
            continue;
        int r = seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, nr, 0);
        if (r < 0)
            return lib_error(r);
    }
    return OK;
}

struct err calls_enter(const struct sandbox *box)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!f)
        return err(ERR_NOMEM);
    int r = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    /* A binary search instead of a list, and no slow-down of all loads and stores on old kernels:
     * no foreign code is translated in here that could exploit speculation past a store. */
    if (r == 0)
        r = seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (r == 0)
        r = seccomp_attr_set(f, SCMP_FLTATR_CTL_SSB, 1);
    struct err e = r == 0 ? add_rules(f, box) : lib_error(r);
    if (!failed(e)) {
        r = seccomp_load(f);
        if (r < 0)
            e = lib_error(r);
    }
    seccomp_release(f);
    return e;
}

/* ---- the same in words ---- */

struct line {
    int nr;
    const char *name, *verdict;
};

static const char *when_words(enum sandbox_when w)
{
    static const char *const words[] = {
        [SANDBOX_ALWAYS] = "allow",
        [SANDBOX_NO_EXEC] = "allow without PROT_EXEC",
        [SANDBOX_TCP] = "allow IPv4 and IPv6 streams",
        [SANDBOX_INET] = "allow IPv4 and IPv6 streams and datagrams, routing netlink",
        [SANDBOX_UNIX] = "allow Unix streams and datagrams",
        [SANDBOX_READ_ONLY] = "allow for reading",
        [SANDBOX_FD_FLAGS] = "allow flags, locks, seals, duplicates",
        [SANDBOX_SELF] = "allow on itself",
        [SANDBOX_FIONREAD] = "allow FIONREAD",
    };
    return words[w];
}

static int by_number(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    return x->nr != y->nr ? (x->nr > y->nr) - (x->nr < y->nr) : strcmp(x->verdict, y->verdict);
}

static void add_line(struct line *lines, size_t *n, uint32_t token, const char *name,
                     const char *verdict)
{
    int nr = seccomp_syscall_resolve_name_arch(token, name);
    if (nr != __NR_SCMP_ERROR && nr >= 0)
        lines[(*n)++] = (struct line){nr, name, verdict};
}

static struct err print_lines(struct line *lines, size_t n, struct buf *out)
{
    qsort(lines, n, sizeof *lines, by_number);
    for (size_t i = 0; i < n; i++) {
        bool again =
            i && lines[i].nr == lines[i - 1].nr && lines[i].verdict == lines[i - 1].verdict;
        if (!again)
            TRY(buf_printf(out, "%4d %-22s %s\n", lines[i].nr, lines[i].name, lines[i].verdict));
    }
    TRY(buf_puts(out, "     every other call       ENOSYS\n"));
    return buf_puts(out, "     other architectures    end the process\n");
}

struct err sandbox_describe(const struct sandbox *box, const char *arch, struct buf *out)
{
    uint32_t token = arch ? seccomp_arch_resolve_name(arch) : seccomp_arch_native();
    if (token == 0)
        return err(ERR_INPUT);
    struct line *lines = calloc(box->call_count + KILL_COUNT, sizeof *lines);
    if (!lines)
        return err(ERR_NOMEM);
    size_t n = 0;
    for (size_t i = 0; i < box->call_count; i++)
        add_line(lines, &n, token, box->calls[i].name, when_words(box->calls[i].when));
    for (size_t i = 0; i < KILL_COUNT; i++)
        add_line(lines, &n, token, kill_names[i], "end the process");
    struct err e = print_lines(lines, n, out);
    free(lines);
    return e;
}
