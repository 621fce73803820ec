/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tagger's rate on one core: MB/s over prose, forms and code in pieces of 4 KB and 1 KB, and
 * microseconds for one text of 1 KB. Every piece is another part of the file, so that no text
 * repeats within a round; the word store starts empty each round. `bench_ner [FILE...]` measures
 * other files.
 */
#include "file.h"
#include "ner.h"

#include <stdio.h>
#include <time.h>

enum { ROUNDS = 7 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Microseconds for the whole text in pieces of `piece` bytes; the number of findings in *found. */
static double tag_pieces(const struct ner *n, struct span text, size_t piece, size_t *found)
{
    struct findings f = {.max = 1U << 24};
    struct ner_work *w;
    /* A process has its scratch before the first text comes: that is not of the text's time. */
    if (failed(ner_work_new(n, &w)) || failed(ner_tag(n, w, NULL, SPAN_LIT("touch it"), &f)))
        return 0;
    double start = now();
    *found = 0;
    for (size_t at = 0; at < text.n; at += piece) {
        f.n = 0;
        if (failed(ner_tag(n, w, NULL, span_cut(text, at, piece), &f)))
            return 0;
        *found += f.n;
    }
    double t = now() - start;
    findings_free(&f);
    ner_work_free(w);
    return t;
}

static void bench(const struct ner *n, const char *name, struct span text)
{
    double best[2] = {1e18, 1e18};
    const size_t piece[2] = {4096, 1024};
    size_t found = 0;
    for (unsigned r = 0; r < ROUNDS; r++)
        for (unsigned k = 0; k < 2; k++) {
            double t = tag_pieces(n, text, piece[k], &found);
            best[k] = t < best[k] ? t : best[k];
        }
    printf(
        "%-28s %8zu bytes  %6.1f MB/s in 4 KB pieces  %6.1f us per 1 KB text  %5.2f findings/KB\n",
        name, text.n, (double)text.n / best[0], best[1] * 1024 / (double)text.n,
        (double)found * 1024 / (double)text.n);
}

static bool bench_file(const struct ner *n, const char *path, struct buf *all)
{
    struct buf b = buf_init(1U << 28);
    if (failed(file_read(path, &b))) {
        fprintf(stderr, "bench_ner: cannot read %s\n", path);
        return false;
    }
    if (n)
        bench(n, path, buf_span(&b));
    bool ok = !failed(buf_put(all, buf_span(&b)));
    buf_free(&b);
    return ok;
}

int main(int argc, char **argv)
{
    static const char *const text[] = {"test/ner/data/prose.txt", "test/ner/data/forms.txt"};
    static const char *const code[] = {
        "src/ner/context.c", "src/ner/crf.c",       "src/ner/token.c", "src/base/b64.c",
        "src/base/span.h",   "tools/ner/corpus.py", "meson.build"};
    struct file_map m;
    struct ner *n;
    struct fault fault = {0};
    if (failed(file_map_open("models/ner-en.bin", &m)) || failed(ner_open(m.bytes, &n, &fault)))
        return 2;
    struct buf all = buf_init(1U << 29), source = buf_init(1U << 29);
    bool ok = true;
    for (int i = 1; i < argc; i++)
        ok &= bench_file(n, argv[i], &all);
    for (unsigned i = 0; argc == 1 && i < sizeof text / sizeof *text; i++)
        ok &= bench_file(n, text[i], &all);
    for (unsigned i = 0; argc == 1 && i < sizeof code / sizeof *code; i++)
        ok &= bench_file(NULL, code[i], &source);
    if (source.n) {
        bench(n, "code of this project", buf_span(&source));
        ok &= !failed(buf_put(&all, buf_span(&source)));
    }
    bench(n, "all of it", buf_span(&all));
    buf_free(&all);
    buf_free(&source);
    ner_close(n);
    file_map_close(&m);
    return ok ? 0 : 2;
}
