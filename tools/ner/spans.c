/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tagger finds in labelled texts: ner-spans WEIGHTS CORPUS. CORPUS as ner-train reads it;
 * its spans are ignored. Prints "D" for each text and "START END TYPE SCORE RULE" for each finding
 * (bytes). tools/ner/eval.py compares them with the labels.
 */
#include "train.h"

#include "file.h"

#include <stdio.h>
#include <stdlib.h>

static bool print_doc(const struct ner *n, struct ner_work *w, const struct doc *d,
                      struct findings *f)
{
    f->n = 0;
    if (failed(ner_tag(n, w, NULL, d->text, f)))
        return false;
    puts("D");
    for (size_t i = 0; i < f->n; i++)
        printf("%u %u %s %.4f %u\n", f->v[i].start, f->v[i].end,
               entity_name((enum entity)f->v[i].entity), (double)f->v[i].score, f->v[i].rule);
    return true;
}

int main(int argc, char **argv)
{
    struct file_map m;
    struct corpus c;
    struct ner *n;
    struct ner_work *w;
    struct fault fault = {0};
    struct findings f = {.max = 1U << 24};
    if (argc != 3) {
        fprintf(stderr, "usage: ner-spans WEIGHTS CORPUS\n");
        return 64;
    }
    if (failed(file_map_open(argv[1], &m)) || failed(ner_open(m.bytes, &n, &fault)) ||
        failed(ner_work_new(n, &w))) {
        fprintf(stderr, "ner-spans: %s: %s\n", argv[1], fault.why ? fault.why : "cannot open");
        return 2;
    }
    if (!corpus_read(argv[2], &c))
        return 2;
    bool ok = true;
    for (size_t i = 0; ok && i < c.n; i++)
        ok = print_doc(n, w, &c.docs[i], &f);
    corpus_free(&c);
    findings_free(&f);
    ner_work_free(w);
    ner_close(n);
    file_map_close(&m);
    return ok ? 0 : 2;
}
