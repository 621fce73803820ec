/* SPDX-License-Identifier: Apache-2.0 */
/* SARIF 2.1.0 (OASIS): one run, its results as they come, the tool and its rules at the end. */
#include "scanjob_int.h"

#include <stdio.h>
#include <stdlib.h>

struct sarif_rule {
    char id[RULE_MAX];
    bool secret;
};

/* A path as a URI reference: everything but unreserved characters and '/' in percent form. */
static void put_uri(struct json_put *p, const char *path)
{
    BUF_AUTO uri = buf_init(65536);
    struct err e = OK;
    for (const char *c = path; *c && !failed(e); c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || strchr("-._~/", *c);
        e = plain ? buf_put_u8(&uri, (uint8_t)*c) : buf_printf(&uri, "%%%02X", (unsigned char)*c);
    }
    if (failed(e))
        p->e = e;
    json_put_str(p, "uri", buf_span(&uri));
}

void sarif_begin(struct job *j)
{
    j->sarif = buf_init((size_t)1 << 30);
    j->sarif_put = json_put_to(&j->sarif);
    struct json_put *p = &j->sarif_put;
    json_put_object(p, NULL);
    json_put_text(p, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_put_text(p, "version", "2.1.0");
    json_put_array(p, "runs");
    json_put_object(p, NULL);
    json_put_text(p, "columnKind", "unicodeCodePoints");
    json_put_array(p, "results");
}

static void put_location(struct json_put *p, const struct told *t)
{
    json_put_array(p, "locations");
    json_put_object(p, NULL);
    json_put_object(p, "physicalLocation");
    json_put_object(p, "artifactLocation");
    put_uri(p, t->source->path);
    json_put_end(p);
    json_put_object(p, "region");
    json_put_u64(p, "startLine", t->line);
    json_put_u64(p, "startColumn", t->column);
    json_put_u64(p, "endColumn", t->end_column);
    for (int i = 0; i < 4; i++)
        json_put_end(p);
}

/* Where the rule of `t` stands among them; p->e is set where it cannot be noted. */
static size_t rule_index(struct json_put *p, struct sarif_rules *r, const struct told *t)
{
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->v[i].id, t->rule) == 0)
            return i;
    if (!r->v)
        r->v = calloc(SARIF_RULES_MAX, sizeof *r->v);
    if (!r->v || r->n == SARIF_RULES_MAX) {
        p->e = err(r->v ? ERR_LIMIT : ERR_NOMEM);
        return 0;
    }
    snprintf(r->v[r->n].id, RULE_MAX, "%s", t->rule);
    r->v[r->n].secret = strcmp(t->entity, "SECRET") == 0;
    return r->n++;
}

void sarif_add(struct job *j, const struct told *t)
{
    struct json_put *p = &j->sarif_put;
    char text[256];
    size_t rule = rule_index(p, &j->sarif_rules, t);
    snprintf(text, sizeof text, "%s (%s): %s", t->rule, t->evidence, t->masked);
    json_put_object(p, NULL);
    json_put_text(p, "ruleId", t->rule);
    json_put_u64(p, "ruleIndex", rule);
    json_put_text(p, "level", strcmp(t->evidence, "checksum") == 0 ? "error" : "warning");
    json_put_object(p, "message");
    json_put_text(p, "text", text);
    json_put_end(p);
    put_location(p, t);
    json_put_object(p, "partialFingerprints");
    /* without the keyed part, which differs from run to run where there is no baseline */
    json_put_str(p, "sanctum/v1", span(t->fingerprint, PLACE_CHARS));
    json_put_end(p);
    json_put_object(p, "properties");
    json_put_text(p, "entity_type", t->entity);
    json_put_text(p, "evidence", t->evidence);
    if (t->source->commit)
        json_put_text(p, "commit", t->source->commit);
    json_put_end(p);
    json_put_end(p);
}

static void put_message(struct json_put *p, const char *name, const char *text)
{
    json_put_object(p, name);
    json_put_text(p, "text", text);
    json_put_end(p);
}

/* Code-scanning services show a finding under the description of its rule, and the help beside it.
 */
static void put_rules(struct json_put *p, const struct sarif_rules *r)
{
    char is[128], found[160];
    json_put_array(p, "rules");
    for (size_t i = 0; i < r->n; i++) {
        const struct sarif_rule *one = &r->v[i];
        snprintf(is, sizeof is, "%s: %s", one->secret ? "A secret" : "Personal data", one->id);
        snprintf(found, sizeof found, "%s (%s) stands in the text for everybody to read.",
                 one->secret ? "A secret" : "Personal data", one->id);
        json_put_object(p, NULL);
        json_put_text(p, "id", one->id);
        put_message(p, "shortDescription", is);
        put_message(p, "fullDescription", found);
        put_message(p, "help",
                    one->secret ? "Have it replaced where it was issued, for what was committed is "
                                  "known; then take it out. "
                                  "A line that is meant says so: sanctum:allow."
                                : "Take it out, or put a sample in its place. "
                                  "A line that is meant says so: sanctum:allow.");
        json_put_object(p, "properties");
        json_put_array(p, "tags");
        json_put_text(p, NULL, "security");
        json_put_text(p, NULL, one->secret ? "secret" : "personal-data");
        for (int k = 0; k < 3; k++)
            json_put_end(p);
    }
    json_put_end(p);
}

struct err sarif_end(struct job *j)
{
    struct json_put *p = &j->sarif_put;
    json_put_end(p);
    json_put_object(p, "tool");
    json_put_object(p, "driver");
    json_put_text(p, "name", "sanctum");
    json_put_text(p, "version", SANCTUM_VERSION);
    put_rules(p, &j->sarif_rules);
    for (int i = 0; i < 5; i++)
        json_put_end(p);
    TRY(json_put_done(p));
    fwrite(j->sarif.p, 1, j->sarif.n, stdout);
    putchar('\n');
    return OK;
}

void sarif_free(struct job *j)
{
    buf_free(&j->sarif);
    free(j->sarif_rules.v);
}
