/* SPDX-License-Identifier: Apache-2.0 */
/* Prototypes of the built-in functions, from their table. They see arguments that are no errors and
 * as many as the table says, of any kind: each looks at kinds itself. */
#ifndef SANCTUM_CEL_BUILTIN_INT_H
#define SANCTUM_CEL_BUILTIN_INT_H

#include "cel_int.h"

#define B(name, flag, min, max, fn, sig) builtin_fn cel_fn_##fn;
#include "builtins.def"
#undef B

#endif
