/* SPDX-License-Identifier: Apache-2.0 */
/* Passphrases: from a descriptor, AGE_PASSPHRASE, or the terminal without echo. Never argv. */
#define _GNU_SOURCE
#include "agecmd_int.h"
#include "num.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { LINE = 4096 };

static void cut_line_end(struct buf *b)
{
    if (b->n && b->p[b->n - 1] == '\n')
        b->n--;
    if (b->n && b->p[b->n - 1] == '\r')
        b->n--;
}

static struct err read_line(int fd, struct buf *out)
{
    uint8_t c;
    for (;;) {
        size_t n;
        TRY(file_read_some(fd, &c, 1, &n));
        if (n == 0 || c == '\n')
            return OK;
        TRY(buf_put_u8(out, c));
    }
}

static struct err ask(int tty, const char *prompt, struct buf *out)
{
    struct termios shown, hidden;
    TRY(file_write_fd(tty, span_str(prompt)));
    bool can_hide = tcgetattr(tty, &shown) == 0;
    if (can_hide) {
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(tty, TCSAFLUSH, &hidden);
    }
    struct err e = read_line(tty, out);
    if (can_hide)
        tcsetattr(tty, TCSAFLUSH, &shown);
    struct err shown_end = file_write_fd(tty, SPAN_LIT("\n"));
    return failed(e) ? e : shown_end;
}

static int from_terminal(struct cmd_call *c, bool confirm, struct buf *out)
{
    struct buf again = buf_init(LINE);
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0)
        return cmd_fail(c, EXIT_ERROR,
                        "no terminal to ask for the passphrase: give "
                        "--passphrase-fd N or AGE_PASSPHRASE");
    struct err e = ask(tty, "Passphrase: ", out);
    if (!failed(e) && confirm)
        e = ask(tty, "The same again: ", &again);
    close(tty);
    bool same = !confirm || span_eq_const_time(buf_span(out), buf_span(&again));
    buf_wipe(&again);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "cannot read the passphrase: %s", cmd_err_text(e));
    return same ? EXIT_CLEAN : cmd_fail(c, EXIT_ERROR, "the two passphrases differ");
}

int ask_passphrase(struct cmd_call *c, bool confirm, struct buf *out)
{
    const char *fd_text = cmd_value(c, "passphrase-fd"), *env = getenv("AGE_PASSPHRASE");
    uint64_t fd;
    struct err e = OK;
    int status = EXIT_CLEAN;
    if (fd_text && failed(num_u64(span_str(fd_text), 1 << 20, &fd)))
        return cmd_fail(c, EXIT_USAGE, "--passphrase-fd needs a descriptor's number");
    if (fd_text) {
        e = file_read_fd((int)fd, out);
        cut_line_end(out);
    } else if (env) {
        e = buf_put(out, span_str(env));
    } else {
        status = from_terminal(c, confirm, out);
    }
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "cannot read the passphrase: %s", cmd_err_text(e));
    if (status == EXIT_CLEAN && out->n == 0)
        return cmd_fail(c, EXIT_ERROR, "the passphrase is empty");
    return status;
}
