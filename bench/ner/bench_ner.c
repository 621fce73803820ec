/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tagger's rate on one core: MB/s over prose, forms, documentation and code in pieces of 4 KB,
 * and microseconds for one text of 1 KB. Every piece is another part of the file, so that no text
 * repeats within a round. `cold` begins each round with an empty word store; `going` has seen every
 * second piece before it is timed on the others, as a process that runs has seen other texts of the
 * kind. `bench_ner [FILE...]` measures other files.
 */
#include "file.h"
#include "ner.h"

#include <stdio.h>
#include <time.h>

enum { ROUNDS = 15 };

/* Microseconds that this thread has run: others at work on the machine count less. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

struct run {
    const struct ner *n;
    struct ner_work *w;
    struct findings f;
    size_t found, bytes;
};

/* Microseconds for every `step`th piece of the text from `from` on; 0 when tagging failed. */
static double tag_pieces(struct run *r, struct span text, size_t piece, size_t from, size_t step)
{
    double start = now();
    r->found = r->bytes = 0;
    for (size_t at = from * piece; at < text.n; at += step * piece) {
        struct span part = span_cut(text, at, piece);
        r->f.n = 0;
        if (failed(ner_tag(r->n, r->w, NULL, part, &r->f)))
            return 0;
        r->found += r->f.n;
        r->bytes += part.n;
    }
    return now() - start;
}

/* Bytes a microsecond. */
static double rate(const struct ner *n, struct span text, size_t piece, bool going, double *per_kb)
{
    struct run r = {.n = n, .f = {.max = 1U << 24}};
    /* A process has its scratch before the first text comes: that is not of the text's time. */
    if (failed(ner_work_new(n, &r.w)) || failed(ner_tag(n, r.w, NULL, SPAN_LIT("touch it"), &r.f)))
        return 0;
    if (going)
        tag_pieces(&r, text, piece, 0, 2);
    double t = tag_pieces(&r, text, piece, going ? 1 : 0, going ? 2 : 1);
    findings_free(&r.f);
    ner_work_free(r.w);
    *per_kb = r.bytes ? (double)r.found * 1024 / (double)r.bytes : 0;
    return t > 0 ? (double)r.bytes / t : 0;
}

static void bench(const struct ner *n, const char *name, struct span text)
{
    enum { COLD, GOING, SHORT, FIGURES };
    double best[FIGURES] = {0}, found[FIGURES];
    for (unsigned r = 0; r < ROUNDS; r++)
        for (unsigned k = 0; k < FIGURES; k++) {
            double v = rate(n, text, k == SHORT ? 1024 : 4096, k != COLD, &found[k]);
            best[k] = v > best[k] ? v : best[k];
        }
    printf("%-28s %7zu bytes %5.2f findings/KB  cold %6.1f MB/s  going %6.1f MB/s  %5.1f us for 1 "
           "KB\n",
           name, text.n, found[COLD], best[COLD], best[GOING],
           best[SHORT] > 0 ? 1024 / best[SHORT] : 0);
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
    static const char *const docs[] = {"docs/ARCHITECTURE.md", "docs/CONFIG.md",
                                       "docs/detection.md", "models/NOTICE.md"};
    static const char *const code[] = {
        "src/ner/context.c", "src/ner/crf.c",       "src/ner/token.c", "src/base/b64.c",
        "src/base/span.h",   "tools/ner/corpus.py", "meson.build"};
    struct file_copy weights;
    struct ner *n;
    struct fault fault = {0};
    if (failed(file_copy_open("models/ner-en.bin", NER_WEIGHTS_MAX, &weights)) ||
        failed(ner_open(weights.bytes, &n, &fault)))
        return 2;
    struct buf all = buf_init(1U << 29), source = buf_init(1U << 29), words = buf_init(1U << 29);
    bool ok = true;
    for (int i = 1; i < argc; i++)
        ok &= bench_file(n, argv[i], &all);
    for (unsigned i = 0; argc == 1 && i < sizeof text / sizeof *text; i++)
        ok &= bench_file(n, text[i], &all);
    for (unsigned i = 0; argc == 1 && i < sizeof code / sizeof *code; i++)
        ok &= bench_file(NULL, code[i], &source);
    for (unsigned i = 0; argc == 1 && i < sizeof docs / sizeof *docs; i++)
        ok &= bench_file(NULL, docs[i], &words);
    if (source.n) {
        bench(n, "documents of this project", buf_span(&words));
        bench(n, "code of this project", buf_span(&source));
        ok &= !failed(buf_put(&all, buf_span(&source)));
        ok &= !failed(buf_put(&all, buf_span(&words)));
    }
    bench(n, "all of it", buf_span(&all));
    buf_free(&all);
    buf_free(&source);
    buf_free(&words);
    ner_close(n);
    file_copy_close(&weights);
    return ok ? 0 : 2;
}
