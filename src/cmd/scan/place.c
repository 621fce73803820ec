/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file is called in a fingerprint: its path below the baseline's root, however it was named
 * on the command line, so that a baseline written for "." holds for "a.py", for an absolute path
 * and for what git calls it. Once a text with findings.
 */
#define _GNU_SOURCE
#include "scanjob_int.h"

#include "file.h"

#include <stdio.h>
#include <stdlib.h>

/* The root is the repository that the baseline lies in (the working directory without one), or its
 * folder where there is none. */
void place_root(struct baseline *b, const char *file)
{
    char *slash, mark[BASELINE_PATH + 8];
    if (file) {
        snprintf(mark, sizeof mark, "%.*s", BASELINE_PATH - 1, file);
        slash = strrchr(mark, '/');
        if (slash)
            slash[slash == mark] = 0;
        else
            snprintf(mark, sizeof mark, ".");
    }
    char *real = realpath(file ? mark : ".", NULL);
    snprintf(b->root, sizeof b->root, "%s", real ? real : "");
    for (size_t n = strlen(b->root); real && n > 0;) {
        snprintf(mark, sizeof mark, "%.*s/.git", (int)n, b->root);
        if (file_exists(mark)) {
            b->root[n] = 0;
            break;
        }
        while (n > 0 && b->root[--n] != '/')
            ;
    }
    free(real);
}

const char *place_known(const struct baseline *b, const struct source *s, char out[BASELINE_PATH])
{
    if (s->commit || s->lines) /* git has named it from the repository's root already */
        return s->path;
    const char *slash = strrchr(s->path, '/'), *name = slash ? slash + 1 : s->path;
    char folder[BASELINE_PATH];
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - s->path + 1) : 1,
             slash ? s->path : ".");
    char *real = realpath(folder, NULL);
    size_t n = strlen(b->root);
    int used = real ? snprintf(out, BASELINE_PATH, "%s/%s", strcmp(real, "/") ? real : "", name)
                    : BASELINE_PATH;
    free(real);
    if (used < 0 || used >= BASELINE_PATH)
        return s->path;
    bool below = n > 0 && strncmp(out, b->root, n) == 0 && (out[n] == '/' || n == 1);
    return below ? out + n + (out[n] == '/') : out;
}
