/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of `sanctum model` share. One file per subcommand. */
#ifndef SANCTUM_CMD_MODEL_MODELCMD_INT_H
#define SANCTUM_CMD_MODEL_MODELCMD_INT_H

#include "cmdkit.h"

int run_inspect(struct cmd_call *c);
int run_sign(struct cmd_call *c);
int run_verify(struct cmd_call *c);

#endif
