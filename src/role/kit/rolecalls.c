/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of system calls, role by role. */
#include "rolecalls.h"

#define CALL(name, when) {#name, SANDBOX_##when},
static const struct sandbox_call gate_calls[] = {
#include "calls_common.def"
#include "calls_gate.def"
};
static const struct sandbox_call ledger_calls[] = {
#include "calls_common.def"
#include "calls_ledger.def"
};
static const struct sandbox_call vault_calls[] = {
#include "calls_common.def"
#include "calls_vault.def"
};
static const struct sandbox_call control_calls[] = {
#include "calls_common.def"
#include "calls_control.def"
};
static const struct sandbox_call resolve_calls[] = {
#include "calls_common.def"
#include "calls_resolve.def"
};
#undef CALL

#define TABLE(t)                                                                                   \
    {                                                                                              \
        .calls = (t), .call_count = sizeof(t) / sizeof(t)[0]                                       \
    }

struct sandbox role_box(enum wire_role role)
{
    static const struct sandbox boxes[WIRE_ROLE_COUNT] = {
        [WIRE_PARENT] = {.may_fork = true},    [WIRE_GATE] = TABLE(gate_calls),
        [WIRE_LEDGER] = TABLE(ledger_calls),   [WIRE_VAULT] = TABLE(vault_calls),
        [WIRE_CONTROL] = TABLE(control_calls), [WIRE_RESOLVE] = TABLE(resolve_calls),
    };
    return boxes[role];
}
