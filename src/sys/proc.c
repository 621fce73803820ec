/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and ending processes. Called by parent and by tools; no role below parent may. */
#define _GNU_SOURCE
#include "proc.h"
#include "sys_int.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Numbers from Linux 5.1 on are the same on every architecture. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/* ---- in the child, between vfork and exec: only calls that are safe there. It runs in the
 * caller's memory, while the caller's thread stands still: no page tables are copied, and an error
 * number is simply left behind. ---- */

static void close_from(unsigned first)
{
    if (syscall(SYS_close_range, first, ~0U, 0) == 0)
        return;
    long max = sysconf(_SC_OPEN_MAX);
    for (long fd = first; fd < (max > 0 ? max : 1024); fd++)
        close((int)fd);
}

/* Put the wanted descriptors in their places. First all of them above the places, so that none is
 * overwritten before it was copied. */
static bool place_fds(const struct proc_spec *s)
{
    enum { ABOVE = 2 * PROC_FDS_MAX };
    int high[PROC_FDS_MAX];
    for (size_t i = 0; i < s->fd_count; i++) {
        int from = s->fds[i] >= 0 ? s->fds[i] : open("/dev/null", O_RDWR | O_CLOEXEC);
        high[i] = fcntl(from, F_DUPFD_CLOEXEC, ABOVE);
        if (high[i] < 0)
            return false;
    }
    for (size_t i = 0; i < s->fd_count; i++)
        if (dup2(high[i], (int)i) < 0)
            return false;
    close_from((unsigned)s->fd_count);
    return true;
}

static void reset_signals(void)
{
    for (int n = 1; n < NSIG; n++)
        signal(n, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn static void become(const struct proc_spec *s, int parent, volatile int *why)
{
    static const char *const nothing[] = {NULL};
    reset_signals();
    if (place_fds(s) &&
        (!s->dies_with_parent || (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent)))
        execve(s->path, (char *const *)s->argv, (char *const *)(s->envp ? s->envp : nothing));
    *why = errno;
    _exit(127);
}

/* ---- in the caller ---- */

/* The child's number, -1 with errno. *why: of what it could not do before it became the executable,
 * else 0. No signal may come in between: its handler would run in the child, in our memory. */
static pid_t start_child(const struct proc_spec *s, volatile int *why)
{
    int self = getpid();
    *why = 0;
    pid_t pid = vfork();
    if (pid == 0)
        become(s, self, why);
    return pid;
}

struct err proc_start(const struct proc_spec *s, struct proc *out)
{
    *out = (struct proc){.pid = -1, .fd = -1};
    if (s->fd_count < 3 || s->fd_count > PROC_FDS_MAX)
        return err(ERR_BUG);
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    volatile int why;
    pid_t pid = start_child(s, &why);
    struct err e = pid < 0 ? io_error() : OK;
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (!failed(e) && why) {
        waitpid(pid, NULL, 0);
        e = err_make(ERR_IO, (uint32_t)why);
    }
    TRY(e);
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0) {
        e = io_error();
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return e;
    }
    *out = (struct proc){.pid = pid, .fd = fd};
    return OK;
}

struct err proc_reap(struct proc *p, struct proc_end *out)
{
    *out = (struct proc_end){0};
    int status;
    pid_t got;
    do
        got = waitpid(p->pid, &status, WNOHANG);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return io_error();
    if (got == 0)
        return OK;
    out->ended = true;
    out->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    out->status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    close(p->fd);
    *p = (struct proc){.pid = -1, .fd = -1};
    return OK;
}

struct err proc_wait(struct proc *p, int timeout_ms, struct proc_end *out)
{
    struct pollfd poll_for = {.fd = p->fd, .events = POLLIN};
    int n;
    do
        n = poll(&poll_for, 1, timeout_ms);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return io_error();
    TRY(proc_reap(p, out));
    return out->ended ? OK : err(ERR_AGAIN);
}

static struct err send_signal(const struct proc *p, int signo)
{
    if (p->fd < 0)
        return err(ERR_CLOSED);
    if (syscall(SYS_pidfd_send_signal, p->fd, signo, NULL, 0) == 0)
        return OK;
    return errno == ESRCH ? err(ERR_CLOSED) : io_error();
}

struct err proc_kill(const struct proc *p)
{
    return send_signal(p, SIGKILL);
}

struct err proc_terminate(const struct proc *p)
{
    return send_signal(p, SIGTERM);
}

void proc_ignore_broken_pipes(void)
{
    signal(SIGPIPE, SIG_IGN);
}

const char *proc_env(const char *name)
{
    return getenv(name);
}

unsigned proc_cpu_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned)CPU_COUNT(&set);
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (unsigned)n : 1;
}

void proc_leave_signals(void)
{
    static const int theirs[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < sizeof theirs / sizeof theirs[0]; i++)
        signal(theirs[i], SIG_IGN);
}

struct err proc_become(const char *path, const char *const *argv)
{
    execv(path, (char *const *)argv);
    return io_error();
}

void proc_raise_files(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur == r.rlim_max)
        return;
    r.rlim_cur = r.rlim_max;
    setrlimit(RLIMIT_NOFILE, &r);
}

void proc_return_memory(void)
{
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

void proc_keep_memory(size_t n)
{
#if defined(__GLIBC__)
    int most = n > INT_MAX ? INT_MAX : (int)n;
    mallopt(M_MMAP_THRESHOLD, most);
    mallopt(M_TRIM_THRESHOLD, most);
#else
    (void)n;
#endif
}

void proc_exit(int status)
{
    _exit(status);
}

uint32_t proc_pid(void)
{
    return (uint32_t)getpid();
}

uint32_t proc_uid(void)
{
    return (uint32_t)geteuid();
}

struct err proc_self_dir(struct buf *out)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0)
        return io_error();
    path[n] = 0;
    char *slash = strrchr(path, '/');
    if (!slash)
        return err(ERR_BUG);
    return buf_put(out, span(path, (size_t)(slash - path)));
}
