/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal without echo. Only commands ask; no role has a terminal. */
#define _GNU_SOURCE
#include "prompt.h"
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

bool prompt_possible(void)
{
    return isatty(STDIN_FILENO);
}

/* One line from fd, byte by byte: what follows the line is the shell's. */
static struct err read_line(int fd, struct buf *out)
{
    for (;;) {
        uint8_t c;
        size_t n;
        TRY(file_read_some(fd, &c, 1, &n));
        if (n == 0)
            return err(ERR_CLOSED);
        if (c == '\n')
            return OK;
        TRY(buf_put_u8(out, c));
    }
}

/* Signals that a person sends wait until the echo is back. */
static struct err read_silently(int fd, struct buf *out)
{
    struct termios before, silent;
    sigset_t hold, old;
    if (tcgetattr(fd, &before) < 0)
        return err_make(ERR_IO, (uint32_t)errno);
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    silent.c_lflag |= ECHONL;
    sigemptyset(&hold);
    sigaddset(&hold, SIGINT);
    sigaddset(&hold, SIGTERM);
    sigaddset(&hold, SIGHUP);
    sigaddset(&hold, SIGTSTP);
    sigprocmask(SIG_BLOCK, &hold, &old);
    struct err e = OK;
    if (tcsetattr(fd, TCSAFLUSH, &silent) < 0)
        e = err_make(ERR_IO, (uint32_t)errno);
    if (!failed(e))
        e = read_line(fd, out);
    tcsetattr(fd, TCSAFLUSH, &before);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return e;
}

struct err prompt_secret(const char *question, struct buf *out)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return err(ERR_DENIED);
    struct err e = file_write_fd(fd, span_str(question));
    if (!failed(e))
        e = read_silently(fd, out);
    close(fd);
    return e;
}
