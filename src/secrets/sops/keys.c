/* SPDX-License-Identifier: Apache-2.0 */
/* The data key and the recipients that hold it. Once a document. */
#define _DEFAULT_SOURCE
#include "sops_int.h"
#include "wr.h"

enum { SHARE = SOPS_KEY + 1, ENC_MAX = 16 * 1024 };

static struct err no_key(struct fault *f, const char *why)
{
    return sops_fail(f, SOPS_NO_KEY, 0, why);
}

/* Open one recipient's age file; exactly n bytes must be in it. */
static bool open_one(const struct sops_recipient *r, const struct age_keys *ids, uint8_t *out,
                     size_t n)
{
    struct buf plain = buf_init(SHARE + 1);
    bool good = !failed(age_open(ids, r->enc, &plain)) && plain.n == n;
    if (good)
        memcpy(out, plain.p, n);
    buf_wipe(&plain);
    return good;
}

static struct err find_shares(const struct sops_meta *m, const struct age_keys *ids,
                              uint8_t key[SOPS_KEY], struct fault *f)
{
    uint8_t shares[SOPS_RECIPIENTS_MAX][SHARE];
    uint32_t n = 0, threshold = m->threshold ? m->threshold : m->groups;
    for (uint32_t g = 0; g < m->groups && n < SOPS_RECIPIENTS_MAX; g++)
        for (uint32_t i = 0; i < m->recipients; i++)
            if (m->to[i].group == g && open_one(&m->to[i], ids, shares[n], SHARE)) {
                n++;
                break;
            }
    if (n < threshold || n == 0)
        return no_key(f, "not enough key groups open with these identities");
    struct err e = sops_shamir_join((const uint8_t(*)[SHARE])shares, n, key);
    explicit_bzero(shares, sizeof shares);
    return failed(e) ? no_key(f, "the same share of the key comes twice") : OK;
}

struct err sops_key_find(const struct sops_meta *m, const struct age_keys *identities,
                         uint8_t key[SOPS_KEY], struct fault *f)
{
    if (m->groups > 1)
        return find_shares(m, identities, key, f);
    for (uint32_t i = 0; i < m->recipients; i++)
        if (open_one(&m->to[i], identities, key, SOPS_KEY))
            return OK;
    return no_key(f, "no identity opens the data key");
}

static struct err wrap_one(struct span recipient, struct span secret, struct arena *arena,
                           struct span *enc, struct fault *f)
{
    struct age_keys to = {0};
    BUF_AUTO out = buf_init(ENC_MAX);
    struct err e = age_recipient_parse(recipient, &to, f);
    if (!failed(e))
        e = age_seal(&to, true, secret, &out);
    if (!failed(e))
        e = arena_copy(arena, buf_span(&out), enc);
    age_keys_free(&to);
    return e;
}

static bool group_has(const struct sops_policy *p, uint32_t group)
{
    for (uint32_t i = 0; i < p->recipients; i++)
        if (p->to[i].group == group)
            return true;
    return false;
}

struct err sops_key_wrap(const struct sops_policy *p, const uint8_t key[SOPS_KEY],
                         struct arena *arena, struct sops_meta *m, struct fault *f)
{
    uint8_t shares[SOPS_RECIPIENTS_MAX][SHARE];
    bool shared = p->groups > 1;
    uint32_t k = p->threshold ? p->threshold : p->groups;
    if (p->recipients == 0)
        return sops_fail(f, SOPS_NO_CLASS, 0, "no recipient: give --age or a creation rule");
    for (uint32_t g = 0; shared && g < p->groups; g++)
        if (!group_has(p, g))
            return sops_fail(f, SOPS_NO_CLASS, 0, "a key group without a recipient");
    if (shared && (k < 2 || k > p->groups || p->groups > 255))
        return sops_fail(f, SOPS_NO_CLASS, 0, "the Shamir threshold must be 2 to the group count");
    if (shared)
        sops_shamir_split(key, p->groups, k, shares);
    m->groups = shared ? p->groups : 0;
    m->threshold = shared ? k : 0;
    m->recipients = p->recipients;
    struct err e = OK;
    for (uint32_t i = 0; i < p->recipients && !failed(e); i++) {
        struct sops_recipient *r = &m->to[i];
        struct span secret = shared ? span(shares[p->to[i].group], SHARE) : span(key, SOPS_KEY);
        r->group = p->to[i].group;
        r->recipient = p->to[i].text;
        e = wrap_one(r->recipient, secret, arena, &r->enc, f);
    }
    explicit_bzero(shares, sizeof shares);
    return e;
}

/* The next of "age1…,age1…", without the blanks around it; false: no more. */
static bool next_recipient(struct span *list, struct span *out)
{
    while (list->n) {
        size_t end = span_find(*list, 0, ',');
        *out = span_trim(span_cut(*list, 0, end));
        *list = span_from(*list, end + 1);
        if (out->n)
            return true;
    }
    return false;
}

struct err sops_policy_add(struct sops_policy *p, struct span list, uint32_t group)
{
    for (struct span one; next_recipient(&list, &one);) {
        bool there = false;
        for (uint32_t i = 0; i < p->recipients; i++)
            there = there || (p->to[i].group == group && span_eq(p->to[i].text, one));
        if (there)
            continue;
        if (p->recipients == SOPS_RECIPIENTS_MAX)
            return err(ERR_LIMIT);
        p->to[p->recipients].group = group;
        p->to[p->recipients++].text = one;
    }
    if (p->groups <= group)
        p->groups = group + 1;
    return OK;
}

void sops_policy_remove(struct sops_policy *p, struct span list)
{
    for (struct span one; next_recipient(&list, &one);) {
        uint32_t kept = 0;
        for (uint32_t i = 0; i < p->recipients; i++)
            if (!span_eq(p->to[i].text, one))
                p->to[kept++] = p->to[i];
        p->recipients = kept;
    }
}

bool sops_policy_is(const struct sops_policy *p, const struct sops_doc *d)
{
    const struct sops_meta *m = &d->meta;
    uint32_t groups = p->groups > 1 ? p->groups : 0;
    if (p->recipients != m->recipients || groups != (m->groups > 1 ? m->groups : 0))
        return false;
    if (groups && (p->threshold ? p->threshold : p->groups) != m->threshold)
        return false;
    for (uint32_t i = 0; i < p->recipients; i++) {
        bool there = false;
        for (uint32_t k = 0; k < m->recipients && !there; k++)
            there = p->to[i].group == m->to[k].group && span_eq(p->to[i].text, m->to[k].recipient);
        if (!there)
            return false;
    }
    return true;
}

void sops_policy_of(const struct sops_doc *d, struct sops_policy *p)
{
    const struct sops_meta *m = &d->meta;
    *p = (struct sops_policy){.rule = m->rule,
                              .mac_only_encrypted = m->mac_only_encrypted,
                              .recipients = m->recipients,
                              .groups = m->groups > 1 ? m->groups : 1,
                              .threshold = m->threshold};
    for (uint32_t i = 0; i < m->recipients; i++) {
        p->to[i].group = m->to[i].group;
        p->to[i].text = m->to[i].recipient;
    }
}
