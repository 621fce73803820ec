/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ladder: how a process gives up, for good, what it does not need. Visible steps in this order;
 * each is tried even where an earlier one is not to be had, and the report says what holds.
 *
 *   1 limits       no core file, no new processes
 *   2 capabilities all sets emptied, the bounding set too where allowed (root without powers)
 *   3 no new privileges
 *   4 Landlock     no file below any path but those listed; no TCP port but those listed (ABI 4);
 *                  no signal and no abstract socket to the outside (ABI 6). By raw system calls;
 *                  a kernel without it (ABI 0) leaves this to step 7
 *   5 not dumpable nobody of the same user may read this memory or attach
 *   6 no memory that is writable and executable (where the kernel knows how, 6.3)
 *   7 seccomp      only the calls of the role's table
 *
 * What must hold, or sandbox_enter fails: 1, 3, 5, 7. The others depend on kernel and user.
 *
 * The table is a list of names, one line a call, in the role's folder (a .def file). What it does
 * not list:
 *   - calls that no role ever needs and an attacker does (sandbox_kill.def: exec, ptrace,
 *     process_vm_*, pidfd_getfd, kill, io_uring, bpf, mount, keyctl …) end the process at once
 *     with SIGSYS: parent sees it, logs it and starts a fresh one;
 *   - everything else fails with ENOSYS, as on a kernel that has not got it, so that a libc which
 *     learns a new call falls back instead of dying. Other architectures' calls (x32, 32 bit) end
 *     the process.
 */
#ifndef SANCTUM_SYS_SANDBOX_H
#define SANCTUM_SYS_SANDBOX_H

#include "buf.h"
#include "err.h"

/* When a listed call is allowed. */
enum sandbox_when {
    SANDBOX_ALWAYS,
    SANDBOX_NO_EXEC, /* mmap, mprotect: without PROT_EXEC */
    SANDBOX_TCP,     /* socket: AF_INET or AF_INET6, SOCK_STREAM */
    SANDBOX_INET,    /* socket: AF_INET or AF_INET6, any type but raw; netlink route for resolve */
    SANDBOX_UNIX,    /* socket: AF_UNIX */
    SANDBOX_READ_ONLY, /* open, openat: without any way to write or create */
    SANDBOX_FD_FLAGS,  /* fcntl: get and set flags, seals, duplicate with close-on-exec; no owner */
    SANDBOX_SELF,      /* tgkill: a thread of this process */
    SANDBOX_FIONREAD,  /* ioctl: how much can be read */
};

struct sandbox_call {
    const char *name; /* as the kernel calls it; one that this architecture lacks is skipped */
    enum sandbox_when when;
};

enum sandbox_access { SANDBOX_PATH_READ, SANDBOX_PATH_WRITE };
enum { SANDBOX_PATHS_MAX = 16, SANDBOX_PORTS_MAX = 128 };

struct sandbox {
    /* No calls listed: a process that starts others. Steps 4, 6 and 7 are left out. */
    const struct sandbox_call *calls;
    size_t call_count;
    /* Landlock. Paths are opened and closed by sandbox_enter; one that does not exist is skipped.
     */
    struct {
        const char *path;
        enum sandbox_access access;
    } paths[SANDBOX_PATHS_MAX];
    size_t path_count;
    uint16_t connect_ports[SANDBOX_PORTS_MAX];
    size_t port_count;
    bool any_port; /* connect is not limited by port (a role that must reach any) */
    bool may_fork; /* leave the limit on processes alone */
};

/* Bits of sandbox_report.holds. */
enum sandbox_step {
    SANDBOX_LIMITS = 1 << 0,
    SANDBOX_CAPABILITIES = 1 << 1,
    SANDBOX_NO_NEW_PRIVILEGES = 1 << 2,
    SANDBOX_FILES = 1 << 3,  /* Landlock: paths */
    SANDBOX_PORTS = 1 << 4,  /* Landlock: TCP ports */
    SANDBOX_SCOPES = 1 << 5, /* Landlock: signals and abstract sockets */
    SANDBOX_NOT_DUMPABLE = 1 << 6,
    SANDBOX_NO_WRITE_EXEC = 1 << 7,
    SANDBOX_CALLS = 1 << 8, /* seccomp */
};

struct sandbox_report {
    uint32_t holds;   /* enum sandbox_step, or-ed */
    int landlock_abi; /* 0: none */
};

void sandbox_add_path(struct sandbox *box, const char *path, enum sandbox_access access);
void sandbox_add_port(struct sandbox *box, uint16_t port);

/* Climb. Irreversible. On an error the process must end. About 1 ms. */
MUST struct err sandbox_enter(const struct sandbox *box, struct sandbox_report *out);
/* What seccomp decides under this table, as text: a line a call with its number on that
 * architecture
 * ("x86_64", "aarch64"; NULL: this one), sorted by number. For the golden files. ERR_INPUT for an
 * architecture it does not know. */
MUST struct err sandbox_describe(const struct sandbox *box, const char *arch, struct buf *out);

/* One word for a step ("files", "calls" …), for status and doctor. */
const char *sandbox_step_name(enum sandbox_step s);
/* What the kernel offers: 0, or the Landlock ABI. */
int sandbox_landlock_abi(void);
/* For tests of older kernels: behave as if it offered at most this ABI (-1: no bound). */
void sandbox_limit_landlock(int abi);

#endif
