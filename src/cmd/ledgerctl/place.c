/* SPDX-License-Identifier: Apache-2.0 */
/* Where a log lies and whose key it is: asked by each subcommand. */
#include "ledgerctl_int.h"

#include "file.h"
#include "tile_dir.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { KEY_FILE_MAX = 4096 };

int place_find(struct cmd_call *c, struct place *p)
{
    BUF_AUTO state = buf_init(STATEDIR_MAX + 1);
    p->reader = NULL;
    if (failed(statedir_path(cmd_value(c, "state"), &state)))
        return cmd_fail(c, EXIT_ERROR, "no state directory: give --state");
    snprintf(p->dir, sizeof p->dir, "%.*s/ledger", SPAN_ARG(buf_span(&state)));
    snprintf(p->pin, sizeof p->pin, "%.*s/head/ledger", SPAN_ARG(buf_span(&state)));
    snprintf(p->head, sizeof p->head, "%.*s/head/checkpoint", SPAN_ARG(buf_span(&state)));
    snprintf(p->vkey, sizeof p->vkey, "%.*s/ledger.vkey", SPAN_ARG(buf_span(&state)));
    return EXIT_CLEAN;
}

int place_open(struct cmd_call *c, struct place *p)
{
    int status = place_find(c, p);
    if (status != EXIT_CLEAN)
        return status;
    struct stat st;
    bool traces = file_exists(p->pin) || file_exists(p->head) || file_exists(p->vkey);
    if (stat(p->dir, &st) != 0 && !traces) /* there was never one: not the same as an empty one */
        return cmd_fail(c, EXIT_ERROR, "cannot read %s: %s", p->dir, strerror(errno));
    struct err e = audit_reader_open(p->dir, &p->reader);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "cannot read %s: %s", p->dir, cmd_err_text(e));
    return EXIT_CLEAN;
}

void place_close(struct place *p)
{
    audit_reader_close(p->reader);
    p->reader = NULL;
}

int place_key(struct cmd_call *c, const struct place *p, struct note_key *out)
{
    const char *text = cmd_value(c, "key"), *file = cmd_value(c, "key-file");
    struct fault f = {0, NULL};
    BUF_AUTO bytes = buf_init(KEY_FILE_MAX);
    if (text && file)
        return cmd_fail(c, EXIT_USAGE, "give --key or --key-file, not both");
    struct err e = text   ? buf_puts(&bytes, text)
                   : file ? file_read(file, &bytes)
                          : tile_dir_file(p->vkey, &bytes); /* a pipe there holds nobody up */
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "the log's public key %s: %s", file ? file : p->vkey,
                        cmd_err_text(e));
    if (bytes.n && bytes.p[bytes.n - 1] == '\n')
        bytes.n--;
    if (failed(note_key_parse(buf_span(&bytes), out, &f)))
        return cmd_fail(c, EXIT_ERROR, "the log's public key: %s at byte %zu", f.why, f.at);
    return EXIT_CLEAN;
}

int place_checkpoint(struct cmd_call *c, const struct place *p, const struct note_key *key,
                     struct buf *note, struct checkpoint *out)
{
    char path[PLACE_PATH + 16];
    struct note_seen seen;
    struct fault f = {0, NULL};
    snprintf(path, sizeof path, "%s/checkpoint", p->dir);
    struct err e = tile_dir_file(path, note);
    if (err_cat(e) == ERR_IO && err_detail(e) == ENOENT)
        return cmd_fail(c, EXIT_ERROR, "%s: the log has not been signed yet", path);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s: %s", path, cmd_err_text(e));
    e = checkpoint_open(buf_span(note), SPAN_NONE, key, 1, out, &seen, &f);
    if (failed(e))
        return say_finding(c, err_cat(e) == ERR_DENIED ? "unauthorised key" : "altered", NULL,
                           f.why ? f.why : cmd_err_text(e));
    return EXIT_CLEAN;
}

int say_finding(struct cmd_call *c, const char *word, const uint64_t *seq, const char *why)
{
    if (!cmd_has(c, "json")) {
        if (seq)
            return cmd_fail(c, EXIT_FINDING, "record %llu: %s: %s", (unsigned long long)*seq, word,
                            why);
        return cmd_fail(c, EXIT_FINDING, "%s: %s", word, why);
    }
    printf("{\"ok\":false,");
    if (seq)
        printf("\"seq\":%llu,", (unsigned long long)*seq);
    printf("\"verdict\":\"%s\",\"why\":", word);
    cmd_json_string(stdout, span_str(why));
    printf("}\n");
    return EXIT_FINDING;
}

/* One line of findings, as text or JSON. */
int say_damage(struct cmd_call *c, const struct place *p, struct err e)
{
    struct audit_fault f = audit_reader_fault(p->reader);
    if (err_cat(e) != ERR_CORRUPT)
        return cmd_fail(c, EXIT_ERROR, "cannot read %s: %s", p->dir, cmd_err_text(e));
    if (cmd_has(c, "json")) {
        printf("{\"ok\":false,\"seq\":%llu,\"segment\":%llu,\"byte\":%llu,\"why\":\"%s\"}\n",
               (unsigned long long)f.seq, (unsigned long long)f.segment, (unsigned long long)f.at,
               f.why);
        return EXIT_FINDING;
    }
    return cmd_fail(c, EXIT_FINDING, "record %llu (segment %llu, byte %llu): %s",
                    (unsigned long long)f.seq, (unsigned long long)f.segment,
                    (unsigned long long)f.at, f.why);
}
