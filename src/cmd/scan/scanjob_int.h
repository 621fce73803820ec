/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of `sanctum scan` share: one job, the places of a text's lines, and the three ways
 * out (lines for people, JSON lines, SARIF). A secret's own bytes never leave this process: what is
 * printed is masked, what a baseline keeps is hashed.
 */
#ifndef SANCTUM_CMD_SCAN_SCANJOB_INT_H
#define SANCTUM_CMD_SCAN_SCANJOB_INT_H

#include "arena.h"
#include "buf.h"
#include "cmdkit.h"
#include "json_put.h"
#include "scan.h"
#include "settings.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_SARIF };

/* Characters of a fingerprint without a NUL: the place, then the value. */
enum { FINGERPRINT_CHARS = 24, PLACE_CHARS = 20, BASELINE_KEY_BYTES = 16, BASELINE_PATH = 4096 };

/*
 * Findings that are known and accepted. A fingerprint is a hash of rule, path and the 40 bytes
 * before the finding, and 16 bits of a keyed hash of the value: enough to notice that another value
 * stands there now, too little to find the value by trying.
 */
struct baseline {
    uint8_t key[BASELINE_KEY_BYTES];
    char (*known)[FINGERPRINT_CHARS + 1]; /* sorted */
    size_t n;
    struct buf written; /* lines of the baseline to be written */
    bool writing;
    char root[BASELINE_PATH]; /* absolute; "": unknown */
};

/* The rules that findings were told by, in the order of their first ones. */
enum { RULE_MAX = 64, SARIF_RULES_MAX = 1024 };
struct sarif_rules {
    struct sarif_rule *v; /* SARIF_RULES_MAX, made with the first */
    size_t n;
};

struct job {
    struct cmd_call *call;
    struct scanner *scanner;
    struct settings settings; /* the config's: recognisers and lists */
    enum format format;
    struct baseline base;
    struct buf sarif; /* the document, grown as findings come */
    struct json_put sarif_put;
    struct sarif_rules sarif_rules;
    uint64_t max_size;                     /* of a file, in bytes */
    size_t texts, found, accepted, failed; /* failed: could not be looked at */
    size_t binary;                         /* left out */
};

/* A line of a text taken from a diff. */
struct line_place {
    size_t at;       /* where it begins in the text */
    uint64_t number; /* in the file, from 1 */
    bool added;      /* findings on other lines are not this change's */
};

/* A text to be looked at. */
struct source {
    const char *path;
    const char *commit; /* NULL: none */
    struct span text;
    const struct line_place *lines; /* NULL: the whole file, from line 1 */
    size_t line_n;
};

/* One finding, ready to be told. */
struct told {
    const struct source *source;
    uint64_t line, column, end_column; /* from 1, in code points; end on the same line */
    const char *rule, *entity, *evidence;
    const char *masked;
    const char *fingerprint;
};

/* Scan one text and tell what it holds. Errors are printed and counted. */
void job_text(struct job *j, const struct source *s);
/* The two halves of it. What a text holds, in order; several threads may call this at once. On an
 * error `out` holds what was found until then; free it in any case. */
MUST struct err text_scan(const struct job *j, struct span text, struct findings *out);
void job_tell(struct job *j, const struct source *s, const struct findings *found);
/* A line on stderr about something that could not be looked at; the exit status will be 2. */
void job_trouble(struct job *j, const char *what, const char *why);

/* ---- baseline.c ---- */
MUST struct err baseline_load(struct baseline *b, const char *path, size_t *bad_line);
bool baseline_knows(const struct baseline *b, const char *fingerprint);
MUST struct err baseline_note(struct baseline *b, const struct told *t);
MUST struct err baseline_write(struct baseline *b, const char *path);
void baseline_free(struct baseline *b);
void baseline_fingerprint(const struct baseline *b, const char *rule, const char *path,
                          struct span before, struct span value, char out[FINGERPRINT_CHARS + 1]);

/* ---- place.c ---- */
/* Find the root of the baseline `file` (NULL: none is used). */
void place_root(struct baseline *b, const char *file);
/* The source's path as fingerprints have it: in `out`, or the source's own. */
const char *place_known(const struct baseline *b, const struct source *s, char out[BASELINE_PATH]);

/* ---- files.c ---- */
/* Scan every file at or below the paths. ERR_NOMEM; what cannot be looked at is told. */
MUST struct err files_scan(struct job *j, const char *const *paths, size_t n);

/* ---- bytes.c ---- */
/* A file's bytes as a text: as they are, or those of UTF-16 in `utf8`; false: it is binary. */
bool text_of(struct span bytes, struct buf *utf8, struct span *out);
/* Scan what a file holds: as it is, or UTF-16 with its mark; other binary files are counted. */
void job_bytes(struct job *j, const char *path, const char *commit, struct span bytes);

/* ---- git.c, blob.c, diff.c, message.c: history and the index ---- */

enum { GIT_ID_CHARS = 64 };

/* Every commit that any reference of the repository reaches, its message and those of tags. */
void git_history(struct job *j, const char *repository);
/* What is about to be committed. */
void git_staged(struct job *j, const char *repository);
/* Run git in the repository with `args` and `more` (each ends with NULL); false when it failed,
 * which has been told. */
bool git_run(struct job *j, const char *repository, const char *const *args,
             const char *const *more, struct span input, struct buf *out);

/* One line of what `git cat-file` prints, from *at on: "ID TYPE SIZE"; moves *at behind it. False:
 * the object is not there, or no such. */
bool git_answer(struct span all, size_t *at, struct span id, const char *type, uint64_t *size);

/* Scan the messages of objects, all of one type, "commit" or "tag"; `ids` ends with NULL. `path`:
 * what findings are told to stand in. */
void messages_scan(struct job *j, const char *repository, const char *type, const char *path,
                   const char *const *ids);

/* Files that git shows no lines of, binary ones and those an attribute calls so. */
struct blobs {
    struct arena arena;
    struct blob *first, *last;
};
struct blobs blobs_none(void);
/* `commit` may be "". An id of zeros (the file is gone) adds nothing. ERR_NOMEM, ERR_LIMIT. */
MUST struct err blobs_add(struct blobs *b, struct span id, const char *commit, const char *path);
/* Scan them whole. */
void blobs_scan(struct job *j, const char *repository, const struct blobs *b);
void blobs_free(struct blobs *b);

/* Scan the added lines of a diff as git prints it with a line of 0x01 and the commit's id before
 * each commit; files without lines go to `unread`. ERR_INPUT: not such a diff. */
MUST struct err diff_scan(struct job *j, struct span diff, struct blobs *unread);

/* ---- sarif.c ---- */
void sarif_begin(struct job *j);
void sarif_add(struct job *j, const struct told *t);
MUST struct err sarif_end(struct job *j);
void sarif_free(struct job *j);

#endif
