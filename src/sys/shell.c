/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that people name, run and waited for. A terminal's signals reach a command without us;
 * what is sent to us alone (by a supervisor, by kill) is passed on to everything the command
 * started and that is still in our session: a shell does not do that for its children. The command
 * stays in our process group, so that a terminal treats it as if it ran without us.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shell.h"

static const int held[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
enum { HELD = sizeof held / sizeof *held, PASS_ROUNDS = 16, HEARD_MS = 100, HEARD_STEP_MS = 10 };
static struct sigaction before_hold[HELD];
static volatile sig_atomic_t told;
static int ended_by; /* the signal that ended the last command, or 0 */

/* ---- our own time between commands ---- */

static void on_signal(int number)
{
    told = number;
}

void shell_hold_signals(void)
{
    struct sigaction ours = {.sa_handler = on_signal}; /* reading a line ends with it */
    for (size_t i = 0; i < HELD; i++) {
        sigaction(held[i], NULL, &before_hold[i]);
        if (before_hold[i].sa_handler != SIG_IGN)
            sigaction(held[i], &ours, NULL);
    }
}

void shell_release_signals(void)
{
    for (size_t i = 0; i < HELD; i++)
        sigaction(held[i], &before_hold[i], NULL);
}

bool shell_signal_came(void)
{
    bool came = told != 0;
    told = 0;
    return came;
}

/* ---- whom a signal is passed on to ---- */

struct process {
    pid_t pid, parent, session;
};
struct processes {
    struct process *v;
    size_t n, cap;
};

/* The numbers behind the name, which may hold anything, brackets too. */
static bool read_process(const char *pid, struct process *out)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = 0;
    const char *behind = strrchr(text, ')');
    int parent, session;
    if (!behind || sscanf(behind + 1, " %*c %d %*d %d", &parent, &session) != 2)
        return false;
    *out = (struct process){(pid_t)strtol(pid, NULL, 10), parent, session};
    return true;
}

static bool add_process(struct processes *all, struct process one)
{
    if (all->n == all->cap) {
        size_t cap = all->cap ? 2 * all->cap : 256;
        struct process *more = reallocarray(all->v, cap, sizeof *more);
        if (!more)
            return false;
        all->v = more;
        all->cap = cap;
    }
    all->v[all->n++] = one;
    return true;
}

static void read_processes(struct processes *all)
{
    DIR *d = opendir("/proc");
    struct process one;
    for (const struct dirent *e; d && (e = readdir(d)) != NULL;)
        if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && read_process(e->d_name, &one) &&
            !add_process(all, one))
            break;
    if (d)
        closedir(d);
}

/* Children of `top`, their children, and so on; who made a session of its own has left. `top` comes
 * first. */
static void descendants(pid_t top, struct processes *out)
{
    struct processes all = {0};
    struct process self = {.pid = top, .session = getsid(0)};
    read_processes(&all);
    bool room = add_process(out, self);
    for (size_t next = 0; room && next < out->n; next++)
        for (size_t i = 0; room && i < all.n; i++)
            if (all.v[i].parent == out->v[next].pid && all.v[i].session == self.session)
                room = add_process(out, all.v[i]);
    free(all.v);
}

static bool holds(const struct processes *all, pid_t pid)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].pid == pid)
            return true;
    return false;
}

/* ---- who was told already ---- */

/*
 * A signal to our whole group (timeout, a terminal's job) or control group (systemd) reaches the
 * command without us, and many programs take a second one for "at once". So a child of ours that
 * does nothing listens beside us: what it hears, all have heard.
 */
struct listener {
    pid_t pid; /* 0: there is none, and everything is passed on */
    int heard; /* a byte for each signal */
};

static void listen_for(const sigset_t *set, int out)
{
    int number;
    prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
    while (sigwait(set, &number) == 0) {
        uint8_t byte = (uint8_t)number;
        if (number != SIGCHLD && write(out, &byte, 1) != 1)
            break;
    }
    _exit(0);
}

static struct listener listener_start(const sigset_t *set)
{
    struct listener l = {0};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return l;
    pid_t pid = fork();
    if (pid == 0)
        listen_for(set, ends[1]);
    close(ends[1]);
    if (pid > 0)
        l = (struct listener){pid, ends[0]};
    else
        close(ends[0]);
    return l;
}

static void listener_end(const struct listener *l)
{
    if (!l->pid)
        return;
    if (waitpid(l->pid, NULL, WNOHANG) == 0) {
        kill(l->pid, SIGKILL);
        waitpid(l->pid, NULL, 0);
    }
    close(l->heard);
}

/* Give the listener a moment to hear it too; what came several times counts once. */
static bool all_heard(const struct listener *l, int number)
{
    struct pollfd one = {.fd = l->heard, .events = POLLIN};
    struct timespec none = {0};
    sigset_t same;
    uint8_t bytes[64];
    bool heard = false;
    if (!l->pid)
        return false;
    for (int left = HEARD_MS; !heard && left > 0; left -= HEARD_STEP_MS) {
        (void)poll(&one, 1, HEARD_STEP_MS);
        ssize_t n = read(l->heard, bytes, sizeof bytes);
        heard = n > 0 && memchr(bytes, number, (size_t)n);
    }
    sigemptyset(&same);
    sigaddset(&same, number);
    while (sigtimedwait(&same, NULL, &none) == number)
        continue;
    return heard;
}

/* To every process below us, and again until nobody new is there: one may have forked meanwhile. */
static void pass_on(pid_t child, pid_t except, int number)
{
    struct processes done = {0};
    bool again = true;
    kill(child, number);
    (void)add_process(&done, (struct process){.pid = getpid()});
    (void)add_process(&done, (struct process){.pid = child});
    (void)add_process(&done, (struct process){.pid = except});
    for (int round = 0; again && round < PASS_ROUNDS; round++) {
        struct processes now = {0};
        again = false;
        descendants(getpid(), &now);
        for (size_t i = 0; i < now.n; i++)
            if (!holds(&done, now.v[i].pid) && add_process(&done, now.v[i])) {
                kill(now.v[i].pid, number);
                again = true;
            }
        free(now.v);
    }
    free(done.v);
}

/* ---- running ---- */

/* What is ignored stays so, for us and for the command. */
static void block_signals(sigset_t *set, sigset_t *before)
{
    struct sigaction now;
    sigemptyset(set);
    sigaddset(set, SIGCHLD);
    for (size_t i = 0; i < HELD; i++)
        if (sigaction(held[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaddset(set, held[i]);
    sigprocmask(SIG_BLOCK, set, before);
}

static void become_command(const char *const argv[], const sigset_t *mask)
{
    struct sigaction now;
    for (size_t i = 0; i < HELD; i++)
        if (sigaction(held[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            signal(held[i], SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    execv("/bin/sh", (char *const *)argv);
    _exit(127);
}

/* Until `pid` ended; other children too are taken leave of. */
static bool await(pid_t pid, const struct listener *l, const sigset_t *set, int *status)
{
    for (;;) {
        int one;
        pid_t ended;
        while ((ended = waitpid(-1, &one, WNOHANG)) > 0)
            if (ended == pid) {
                *status = one;
                return true;
            }
        if (ended < 0 && errno == ECHILD)
            return false;
        int number = sigwaitinfo(set, NULL);
        if (number > 0 && number != SIGCHLD && !all_heard(l, number))
            pass_on(pid, l->pid, number);
    }
}

int shell_run(const char *script, const char *name, const char *argument)
{
    const char *const argv[] = {"sh", "-c", script, name, argument, NULL};
    struct sigaction usual = {.sa_handler = SIG_DFL}, child_before;
    sigset_t set, before;
    int status = 127 << 8;
    prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L); /* whose parent ended stays below us */
    sigaction(SIGCHLD, &usual, &child_before);
    block_signals(&set, &before);
    struct listener listener = listener_start(&set);
    pid_t pid = fork();
    if (pid == 0)
        become_command(argv, &before);
    bool known = pid > 0 && await(pid, &listener, &set, &status);
    listener_end(&listener);
    sigaction(SIGCHLD, &child_before, NULL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    ended_by = known && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return ended_by ? 128 + ended_by : WEXITSTATUS(status);
}

int shell_end_alike(int status)
{
    if (ended_by) {
        prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L); /* no core with clear values in it */
        signal(ended_by, SIG_DFL);
        raise(ended_by);
    }
    return status;
}
