/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command that a person names (an editor, a program that gets secrets), run by their shell in the
 * foreground and waited for, so that to a terminal and to whoever started us it looks as if it ran
 * without us. One command at a time, from a program of one thread.
 */
#ifndef SANCTUM_SYS_SHELL_H
#define SANCTUM_SYS_SHELL_H

#include <stdbool.h>

/* Run a shell script with $0 and $1 (NULL: none) and wait: its exit status, 128 + N where signal N
 * ended it. What is sent to us alone meanwhile goes on to the script and everything below it. */
int shell_run(const char *script, const char *name, const char *argument);
/* Return `status`, or die of the signal that ended the last script, as callers expect (a shell goes
 * on after a command that says 130, not after one that SIGINT ended). The last thing to do. */
int shell_end_alike(int status);

/* Until shell_release_signals no signal that asks a program to end ends this one. */
void shell_hold_signals(void);
void shell_release_signals(void);
/* Did one come since the last call? */
bool shell_signal_came(void);

#endif
