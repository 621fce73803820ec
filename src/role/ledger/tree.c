/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree over the records (audit_tree.h): opened behind the log, taken along after each commit is
 * acknowledged, signed once a second. Nobody waits for it, and while it cannot be written records
 * are stored all the same: it catches up.
 */
#define _GNU_SOURCE
#include "ledger_int.h"

#include <stdio.h>

static struct err make_paths(struct ledger *l, const char *state)
{
    if (asprintf(&l->sign_head, "%s/checkpoint", l->head_dir) < 0 ||
        asprintf(&l->sign_key, "%s/ledger-key", l->head_dir) < 0 ||
        asprintf(&l->sign_vkey, "%s/ledger.vkey", state) < 0)
        return err(ERR_NOMEM);
    return OK;
}

struct err tree_open(struct ledger *l)
{
    struct audit_tree_found found;
    TRY(make_paths(l, role_state_dir(l->role)));
    struct audit_tree_options o = {
        .dir = l->ledger_dir, .head = l->sign_head, .key = l->sign_key, .vkey = l->sign_vkey};
    struct err e = audit_tree_open(&o, l->log, &l->tree, &found);
    if (failed(e))
        log_line(LOG_LEVEL_ERROR, "the log of records is not the one that was signed",
                 LOG_STR("why", found.why ? found.why : err_word(e)),
                 LOG_U64("missing", found.missing));
    else if (found.rebuilt)
        log_line(LOG_LEVEL_WARNING, "tiles of the log were damaged and are made again",
                 LOG_U64("records", found.size));
    return e;
}

/* Said once when it begins and once when it is over. */
static void tell(struct ledger *l, struct err e)
{
    l->failures += failed(e);
    if (failed(e) && !l->tree_stuck)
        log_line(LOG_LEVEL_ERROR, "the tree over the records cannot be written",
                 LOG_ERR("error", e));
    if (!failed(e) && l->tree_stuck)
        log_line(LOG_LEVEL_WARNING, "the tree over the records can be written again");
    l->tree_stuck = failed(e);
}

void tree_follow(struct ledger *l)
{
    struct err e = audit_tree_follow(l->tree);
    if (failed(e))
        tell(l, e);
}

void tree_sign(struct ledger *l)
{
    tell(l, audit_tree_publish(l->tree));
}
