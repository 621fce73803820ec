/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes through the tagger with the shipped weights; behind the first NUL a second text of the
 * same conversation. What holds (N1 to N5 of ner.h):
 *   findings in order, inside the text, on borders of characters where it is valid UTF-8, each with
 *   something of a name in it;
 *   the same with a used scratch and a fresh one, and again after the memory forgot;
 *   a memory that only learnt from the findings is the one that saw the text, and the second text
 *   gets the same from both;
 *   an empty memory adds nothing to none;
 *   tokens are cut alike 64 bytes at a time and one by one.
 */
#include "file.h"
#include "ner_int.h"
#include "utf8.h"

#include <stdlib.h>

/* covers: src/ner/token.c src/ner/letters.c src/ner/word.c src/ner/feature.c */
/* covers: src/ner/window.c src/ner/crf.c src/ner/decode.c src/ner/entity.c src/ner/context.c */
/* covers: src/ner/memory.c src/ner/tag.c src/ner/wide.c src/ner/group.c */
/* covers: src/ner/group_marks.c src/ner/cut.c src/ner/place.c src/ner/code.c */
/* covers: src/ner/place_line.c src/ner/place_name.c src/ner/program.c src/ner/everyday.c */
/* covers: src/ner/field.c src/ner/name_border.c */
/* planted: src/ner/tag.c | memset(w->label, LABEL_O, s.n); | memset(w->label, LABEL_O, 1); */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FOUND_MAX = 1 << 20, WORDS = 8 /* few, so that words push each other aside */ };

static struct ner *ner;
static struct ner_work *work;
static struct ner_memory *memory, *learner;

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void prepare(void)
{
    static struct file_map map;
    must(!failed(file_map_open(SOURCE_ROOT "/models/ner-en.bin", &map)));
    must(!failed(ner_open(map.bytes, &ner, NULL)));
    must(!failed(ner_work_new(ner, &work)));
    must(!failed(ner_memory_new(WORDS, &memory)) && !failed(ner_memory_new(WORDS, &learner)));
}

static bool border(struct span s, size_t at)
{
    return at == s.n || (s.p[at] & 0xc0) != 0x80;
}

static void check(struct span s, const struct findings *f)
{
    bool valid = utf8_valid(s);
    for (size_t i = 0; i < f->n; i++) {
        const struct finding *x = &f->v[i];
        must(x->start < x->end && x->end <= s.n && (!i || f->v[i - 1].end <= x->start));
        must(x->score >= 0.05F && x->score <= 1);
        must(x->entity == ENTITY_PERSON || x->entity == ENTITY_LOCATION ||
             x->entity == ENTITY_ORGANIZATION || x->entity == ENTITY_ZIP_CODE);
        must(x->rule >= NER_RULE_MODEL && x->rule <= NER_RULE_LIST);
        must(!valid || (border(s, x->start) && border(s, x->end)));
        bool letter = false;
        for (size_t k = x->start; k < x->end; k++)
            letter |= s.p[k] >= 0x80 || (ascii_lower(s.p[k]) >= 'a' && ascii_lower(s.p[k]) <= 'z');
        must(letter || x->entity == ENTITY_ZIP_CODE || x->rule == NER_RULE_STREET);
    }
}

/* Beside the tagger's findings, in order, inside the text, on borders of characters. */
static void check_lists(struct span s, struct findings *f)
{
    size_t first = f->n;
    must(!failed(ner_lists(s, f, 0)));
    for (size_t i = first; i < f->n; i++) {
        const struct finding *x = &f->v[i];
        must(x->start < x->end && x->end <= s.n && (i == first || f->v[i - 1].end <= x->start));
        must(x->rule == NER_RULE_LIST && x->score > 0 && x->score <= 1);
        must(!utf8_valid(s) || (border(s, x->start) && border(s, x->end)));
    }
    f->n = first;
}

static struct findings tag(struct ner_work *w, struct ner_memory *m, struct span text)
{
    struct findings f = {.max = FOUND_MAX};
    must(!failed(ner_tag(ner, w, m, text, &f)));
    check(text, &f);
    check_lists(text, &f);
    return f;
}

static void same(struct findings a, struct findings b)
{
    must(a.n == b.n && (!a.n || !memcmp(a.v, b.v, a.n * sizeof *a.v)));
    findings_free(&b);
}

static void know_the_same(void)
{
    must(span_eq(ner_memory_digest(memory), ner_memory_digest(learner)));
}

static void cut_alike(struct span text)
{
    static struct tok fast[WORDS], plain[WORDS];
    static uint8_t is[WORDS], plain_is[WORDS];
    struct cutter a = {text, 0, CUT_NO_GLUE}, b = a;
    for (size_t one = 0; a.at < text.n;) {
        size_t n = cut_many(&a, (struct cuts){fast, is}, WORDS);
        must(n == cut_many_plain(&b, (struct cuts){plain, plain_is}, WORDS) && a.at == b.at);
        must(n || a.at == text.n);
        for (size_t i = 0; i < n; i++) {
            enum word_kind kind;
            size_t end = cut_next(text, &one, &kind);
            must(fast[i].start == one && fast[i].end == end && cut_kind(is[i]) == kind);
            must(plain[i].start == one && plain[i].end == end && plain_is[i] == is[i]);
            must(plain[i].flags == fast[i].flags);
            one = end;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!ner)
        prepare();
    struct span in = span(data, size);
    cut_alike(in);
    size_t cut = span_find(in, 0, 0);
    struct span text = span_cut(in, 0, cut), next = span_from(in, cut < size ? cut + 1 : size);
    ner_memory_reset(memory);
    ner_memory_reset(learner);
    struct findings first = tag(work, memory, text);
    ner_memory_learn(ner, learner, text, first.v, first.n);
    know_the_same();
    struct findings second = tag(work, memory, next);
    same(second, tag(work, learner, next));
    know_the_same();
    ner_memory_reset(memory);
    struct ner_work *fresh = NULL;
    if (size % 16 == 0)
        must(!failed(ner_work_new(ner, &fresh)));
    same(first, tag(fresh ? fresh : work, memory, text));
    ner_work_free(fresh);
    same(first, tag(work, NULL, text));
    findings_free(&first);
    findings_free(&second);
    return 0;
}
