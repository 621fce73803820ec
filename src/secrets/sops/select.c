/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which values a document's rule says are encrypted. The rule sees every name on the way to a
 * value, so a marked parent covers its children. Once a document: O(nodes + items).
 */
#include "regex.h"
#include "sops_int.h"

static bool by_comment(const struct sops_rule *r)
{
    return r->kind == SOPS_UNENCRYPTED_COMMENT_REGEX || r->kind == SOPS_ENCRYPTED_COMMENT_REGEX;
}

static struct err hits(const struct sops_rule *r, const struct regex *re, struct span name,
                       bool *hit)
{
    *hit = re == NULL && span_ends(name, r->text);
    return re ? regex_match(re, name, hit) : OK;
}

/* Names: a node is hit when its own name or a parent's is. */
static struct err mark_names(struct sops_doc *d, const struct sops_rule *r, const struct regex *re)
{
    for (uint32_t i = 0; i < d->n_nodes; i++) {
        struct sops_node *n = &d->nodes[i];
        n->hit = n->parent != SOPS_NO_NODE && d->nodes[n->parent].hit;
        if (n->hit || n->parent == SOPS_NO_NODE || n->index != UINT32_MAX || by_comment(r) ||
            r->kind == SOPS_RULE_NONE)
            continue;
        TRY(hits(r, re, n->name, &n->hit));
    }
    return OK;
}

/*
 * Comments: a run of comments marks the next node of their block (and what is below it). Nodes are
 * in document order, so the node that follows is the first one made after the comment.
 */
static struct err mark_by_comments(struct sops_doc *d, const struct regex *re, bool *own)
{
    uint32_t node = 0;
    bool waiting = false;
    uint32_t home = 0;
    for (uint32_t i = 0; i < d->n_items; i++) {
        const struct sops_item *it = &d->items[i];
        if (it->type == SOPS_COMMENT) {
            bool hit;
            TRY(regex_match(re, it->text, &hit));
            own[i] = hit;
            waiting = hit || (waiting && home == it->node);
            home = it->node;
            continue;
        }
        /* All nodes from the last item's on to this one's are new: the first whose parent is the
         * comments' block is the one they stand before. */
        uint32_t last = it->node;
        for (; node <= last; node++) {
            struct sops_node *n = &d->nodes[node];
            if (waiting && n->parent == home) {
                n->hit = true;
                waiting = false;
            }
            if (n->parent != SOPS_NO_NODE)
                n->hit = n->hit || d->nodes[n->parent].hit;
        }
        waiting = false;
    }
    return OK;
}

static bool encrypted(const struct sops_rule *r, bool hit)
{
    switch (r->kind) {
    case SOPS_ENCRYPTED_SUFFIX:
    case SOPS_ENCRYPTED_REGEX:
    case SOPS_ENCRYPTED_COMMENT_REGEX:
        return hit;
    default:
        return !hit;
    }
}

static struct err select_with(struct sops_doc *d, const struct sops_rule *r, const struct regex *re,
                              bool *wanted)
{
    TRY(mark_names(d, r, re));
    for (uint32_t i = 0; i < d->n_items; i++)
        wanted[i] = false;
    if (by_comment(r))
        TRY(mark_by_comments(d, re, wanted));
    for (uint32_t i = 0; i < d->n_items; i++) {
        bool own = wanted[i]; /* a comment that is itself the mark stays clear */
        const struct sops_item *it = &d->items[i];
        bool nothing = it->type == SOPS_NULL || it->type == SOPS_EMPTY_MAP ||
                       it->type == SOPS_EMPTY_LIST || d->nodes[it->node].meta;
        wanted[i] = !nothing && !own && encrypted(r, d->nodes[it->node].hit);
    }
    return OK;
}

struct err sops_select(struct sops_doc *d, const struct sops_rule *rule, bool *wanted,
                       struct fault *f)
{
    struct sops_rule r = *rule;
    struct regex *re = NULL;
    if (r.kind == SOPS_RULE_NONE)
        r = (struct sops_rule){SOPS_UNENCRYPTED_SUFFIX, SPAN_LIT("_unencrypted")};
    bool suffix = r.kind == SOPS_UNENCRYPTED_SUFFIX || r.kind == SOPS_ENCRYPTED_SUFFIX;
    if (!suffix && failed(regex_compile(r.text, 0, NULL, &re, NULL)))
        return sops_fail(f, SOPS_FORMAT, 0, "the rule's expression is not valid");
    struct err e = select_with(d, &r, re, wanted);
    regex_free(re);
    return e;
}
