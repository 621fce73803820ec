/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes: start an executable with exactly the descriptors and environment given, watch it, end
 * it; and for tools, run a command and keep what it printed. Nothing is inherited by accident.
 */
#ifndef SANCTUM_SYS_PROC_H
#define SANCTUM_SYS_PROC_H

#include "buf.h"
#include "err.h"

enum { PROC_FDS_MAX = 16 };

struct proc_spec {
    const char *path;        /* the executable; no search */
    const char *const *argv; /* ends with NULL; argv[0] too */
    const char *const *envp; /* ends with NULL; NULL: empty */
    int fds[PROC_FDS_MAX];   /* fds[i] becomes descriptor i of the child; -1: /dev/null */
    size_t fd_count;         /* at least 3; every other descriptor is closed */
    bool dies_with_parent;   /* SIGKILL when the calling thread ends */
};

struct proc {
    int pid;
    int fd; /* pidfd: readable when the process ended; -1: none */
};

/* Start it. ERR_IO with errno when it cannot be executed (the child's own errno). Signal handlers
 * and mask are reset. */
MUST struct err proc_start(const struct proc_spec *s, struct proc *out);

struct proc_end {
    bool ended;
    int status; /* exit status, when signal == 0 */
    int signal; /* what killed it, or 0 */
};
/* Has it ended? Then it is reaped and the pidfd closed. Does not wait. */
MUST struct err proc_reap(struct proc *p, struct proc_end *out);
/* Wait up to timeout_ms (-1: for ever), then as proc_reap. ERR_AGAIN when it still runs. */
MUST struct err proc_wait(struct proc *p, int timeout_ms, struct proc_end *out);
/* SIGKILL and SIGTERM, never to another process that got the same number. ERR_CLOSED: it ended. */
MUST struct err proc_kill(const struct proc *p);
MUST struct err proc_terminate(const struct proc *p);

struct proc_run {
    const char *path;
    const char *const *argv;
    const char *const *envp;
    struct span input;    /* its standard input */
    struct buf *out;      /* its standard output, up to the ceiling; NULL: discarded */
    struct buf *err_text; /* its standard error, likewise */
    int timeout_ms;       /* then it is killed: ERR_LIMIT */
};
/* Run to the end. ERR_LIMIT also when it prints more than a ceiling (it is killed). */
MUST struct err proc_run(const struct proc_run *r, struct proc_end *end);

/* Folder of the running executable, absolute, without the last slash. */
MUST struct err proc_self_dir(struct buf *out);
/* The caller's own environment, one variable; NULL when unset. */
const char *proc_env(const char *name);
/* Processors this process may run on, at least 1. */
unsigned proc_cpu_count(void);
/* Ignore SIGINT, SIGTERM, SIGHUP and SIGPIPE: for a process whose parent decides when it ends. */
void proc_leave_signals(void);
/* Replace this process by `path`, with its environment and descriptors 0 to 2 and those without
 * close-on-exec. Returns only on failure. */
MUST struct err proc_become(const char *path, const char *const *argv);
/* A write to a pipe that nobody reads fails, and does not end this process. */
void proc_ignore_broken_pipes(void);
/* Allow as many descriptors as the hard limit does. Best effort. */
void proc_raise_files(void);
/* Keep up to `n` bytes of freed memory instead of giving them back to the kernel at once: large
 * requests that follow each other would pay for every page anew. Best effort. */
void proc_keep_memory(size_t n);
/* Give freed memory back to the kernel now: what starting needed and serving does not. */
void proc_return_memory(void);
/* End at once, without the C library's exit handlers. */
_Noreturn void proc_exit(int status);
uint32_t proc_pid(void);
uint32_t proc_uid(void);

#endif
