/* SPDX-License-Identifier: Apache-2.0 */
/* What cmdkit.c needs of help.c; not for commands. */
#ifndef SANCTUM_CMD_KIT_CMDKIT_INT_H
#define SANCTUM_CMD_KIT_CMDKIT_INT_H

#include "cmdkit.h"

/* Full help on stdout; of one subcommand when `sub` is not NULL. Returns EXIT_CLEAN. */
int help_print(const struct cmd_spec *spec, const struct cmd_sub *sub);
/* The usage lines on stderr. */
void help_usage(const struct cmd_spec *spec);
/* The man page in mdoc(7)-free man(7) markup on stdout. */
int help_man(const struct cmd_spec *spec);
/* One line a subcommand for completion: "sub<TAB>--opt --opt …"; "-" is the command itself. */
int help_complete(const struct cmd_spec *spec);

#endif
