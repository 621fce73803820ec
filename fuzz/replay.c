/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target over every file of the folders named on the command line: how `make check`
 * keeps the corpora as regression tests without a fuzzer. An empty or missing corpus is a failure.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *dir, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return 1;
    fseek(f, 0, SEEK_END);
    long n = ftell(f);
    rewind(f);
    uint8_t *p = malloc(n > 0 ? (size_t)n : 1); /* exact size: a read past the end is seen */
    int bad = n < 0 || !p || fread(p, 1, (size_t)n, f) != (size_t)n;
    fclose(f);
    if (!bad)
        LLVMFuzzerTestOneInput(p, (size_t)n);
    free(p);
    return bad;
}

int main(int argc, char **argv)
{
    size_t runs = 0;
    int bad = argc < 2;
    for (int i = 1; i < argc; i++) {
        DIR *d = opendir(argv[i]);
        for (struct dirent *e; d && (e = readdir(d)) != NULL;)
            if (e->d_name[0] != '.') {
                bad |= replay(argv[i], e->d_name);
                runs++;
            }
        if (d)
            closedir(d);
    }
    printf("%zu inputs replayed\n", runs);
    return bad || runs == 0;
}
