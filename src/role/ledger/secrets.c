/* SPDX-License-Identifier: Apache-2.0 */
/* What was done with secrets: recorded before it is done, for the vault (somebody reads a key) and
 * for commands. Rare: a gate reads a provider's key once. Never here: a value. */
#include "ledger_int.h"

#include <stdio.h>

static const enum audit_kind kinds[WIRE_DEED_COUNT] = {
    [WIRE_SECRET_READ] = AUDIT_secret_read,
    [WIRE_SECRET_SET] = AUDIT_secret_set,
    [WIRE_SECRET_REMOVED] = AUDIT_secret_removed,
};

static struct err note(struct ledger *l, const char *actor, const struct wire_body_secret_note *m)
{
    struct err e =
        ledger_note(l, &(struct audit_record){
                           .kind = kinds[m->deed], .actor = span_str(actor), .object = m->object});
    if (failed(e))
        log_line(LOG_LEVEL_ERROR, "the use of a secret could not be recorded", LOG_ERR("error", e));
    return e;
}

static struct err of_vault(struct ledger *l, struct role_peer *from,
                           const struct wire_body_secret_note *m)
{
    char actor[AUDIT_ACTOR_MAX];
    if (m->deed != WIRE_SECRET_READ || m->role >= WIRE_ROLE_COUNT)
        return err(ERR_INPUT);
    snprintf(actor, sizeof actor, "%s/%u", wire_role_name((enum wire_role)m->role), m->index);
    struct err e = note(l, actor, m);
    struct wire_msg answer = {
        .type = WIRE_SECRET_NOTED,
        .secret_noted = {.tag = m->tag, .status = failed(e) ? WIRE_UNAVAILABLE : WIRE_OK}};
    ledger_send(from, &answer);
    return OK;
}

struct err secrets_note(struct ledger *l, struct role_peer *from,
                        const struct wire_body_secret_note *m)
{
    if (m->deed >= WIRE_DEED_COUNT)
        return err(ERR_INPUT);
    if (role_peer_role(from) == WIRE_VAULT)
        return of_vault(l, from, m);
    struct err e = note(l, "command", m);
    ledger_done(from, m->tag, failed(e) ? WIRE_UNAVAILABLE : WIRE_OK,
                failed(e) ? "the log of records cannot be written" : "");
    return OK;
}
