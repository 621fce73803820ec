/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nanoseconds of masking and restoring: a 1 KB chat request with a name, a mail address and a phone
 * number (every body different), a 400 KB agent conversation whose texts were seen before, and one
 * event of a stream. Prints a JSON object a line. With an argument it is the path of the tagger's
 * weights; without, names are not asked for and the tagger's time is not in the figures.
 */
#include "clock.h"
#include "file.h"
#include "mask.h"
#include "restore.h"

#include <stdio.h>
#include <stdlib.h>

enum { BODIES = 400 };

struct bench {
    struct ner *ner;
    struct mask_engine *engine;
    struct mask_work *work;
    struct mask_session *session;
    struct mask_key key;
    struct llm_doc doc, scratch;
    struct buf out;
    struct file_copy weights;
};

static void must(struct err e)
{
    if (failed(e)) {
        fprintf(stderr, "bench_mask: %s\n", err_word(e));
        exit(2);
    }
}

static void setup(struct bench *b, const char *weights)
{
    static const uint8_t root[MASK_ROOT_BYTES] = {7}, seed[16] = {9};
    struct mask_rules r = mask_rules_default();
    *b = (struct bench){.doc = llm_doc_of(seed), .scratch = llm_doc_of(seed)};
    b->out = buf_init(64 << 20);
    if (weights) {
        must(file_copy_open(weights, NER_WEIGHTS_MAX, &b->weights));
        must(ner_open(b->weights.bytes, &b->ner, NULL));
    } else {
        r.entities.bits[ENTITY_PERSON / 64] &= ~((uint64_t)1 << ENTITY_PERSON % 64);
    }
    must(mask_engine_new(&r, b->ner, &b->engine));
    must(mask_work_new(b->ner, &b->work));
    must(mask_session_new(MASK_SESSION_MAX, &b->session));
    must(mask_key_init(&b->key, span(root, sizeof root), SPAN_LIT("bench")));
}

static const char filler[] =
    "The build takes too long since we moved the cache to the second disk, and the log shows that "
    "most of the time is spent waiting for the lock. Please look at the attached trace and say "
    "which of the three workers holds it, then propose a change that keeps the order of writes. ";

static void chat(struct buf *b, unsigned i)
{
    must(buf_printf(
        b,
        "{\"model\":\"small\",\"temperature\":0.70,\"messages\":[{\"role\":\"system\","
        "\"content\":\"You are a careful assistant.\"},{\"role\":\"user\",\"content\":"
        "\"%s Ask Maria Jensen%c%c (maria%u@example.com, +1 415 555 %04u) for the rest. "
        "%s%.160s\"}],\"max_tokens\":200}",
        filler, 'a' + i % 26, 'a' + i / 26 % 26, i, 1000 + i * 37 % 9000, filler, filler));
}

static void conversation(struct buf *b, size_t bytes)
{
    must(buf_puts(b, "{\"model\":\"m\",\"system\":\"You are an agent.\",\"messages\":["));
    for (unsigned i = 0; b->n < bytes; i++) {
        must(buf_printf(b,
                        "%s{\"role\":\"%s\",\"content\":[{\"type\":\"text\",\"text\":\"step %u: ",
                        i ? "," : "", i % 2 ? "assistant" : "user", i));
        for (int k = 0; k < 4; k++)
            must(buf_puts(b, filler));
        if (i % 5 == 0)
            must(buf_printf(b, "mail user%u@example.com", i % 40));
        must(buf_puts(b, "\\nif (a < b) {\\n\\treturn x_1;\\n}\"}]}"));
    }
    must(buf_puts(b, "]}"));
}

static double once(struct bench *b, enum llm_surface s, struct span body, bool mask)
{
    uint64_t from = clock_mono_ns();
    must(llm_read_request(&b->doc, s, body, NULL));
    buf_clear(&b->out);
    if (mask)
        must(mask_request(b->engine, b->work, &b->key, b->session, &b->doc, NULL, &b->out, NULL));
    return (double)(clock_mono_ns() - from);
}

static double median(double *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && v[k] < v[k - 1]; k--) {
            double t = v[k];
            v[k] = v[k - 1];
            v[k - 1] = t;
        }
    return v[n / 2];
}

static void requests(struct bench *b, const char *what, enum llm_surface s, struct span *bodies,
                     size_t n, size_t rounds)
{
    enum { RUNS = 400 };
    static double read[RUNS], all[RUNS];
    for (size_t i = 0; i < rounds; i++) {
        read[i] = once(b, s, bodies[i % n], false);
        all[i] = once(b, s, bodies[i % n], true);
    }
    printf(
        "{\"what\":\"%s\",\"bytes\":%zu,\"values\":%zu,\"read_ns\":%.0f,\"read_and_mask_ns\":%.0f,"
        "\"tagger\":%s}\n",
        what, bodies[0].n, mask_values(b->session), median(read, rounds), median(all, rounds),
        b->ner ? "true" : "false");
}

static void events(struct bench *b)
{
    enum { EVENTS = 20000 };
    static const char data[] =
        "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
        "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" wor%c\"},"
        "\"finish_reason\":null}]}";
    struct restore *r;
    must(restore_open(b->session, LLM_CHAT, &b->scratch, NULL, &r));
    uint64_t from = clock_mono_ns();
    for (int i = 0; i < EVENTS; i++) {
        buf_clear(&b->out);
        must(restore_event(r, SPAN_NONE, span_str(data), &b->out));
    }
    printf("{\"what\":\"restore event\",\"bytes\":%zu,\"ns\":%.0f}\n", sizeof data - 1,
           (double)(clock_mono_ns() - from) / EVENTS);
    restore_close(r);
}

int main(int argc, char **argv)
{
    struct bench b;
    setup(&b, argc > 1 ? argv[1] : NULL);
    static struct buf texts[BODIES];
    struct span bodies[BODIES];
    struct buf large = buf_init(8 << 20);
    for (unsigned i = 0; i < BODIES; i++) {
        texts[i] = buf_init(1 << 16);
        chat(&texts[i], i);
        bodies[i] = buf_span(&texts[i]);
    }
    requests(&b, "chat 1 KB", LLM_CHAT, bodies, BODIES, BODIES);
    events(&b);
    conversation(&large, 400 * 1000);
    struct span one = buf_span(&large);
    requests(&b, "conversation 400 KB", LLM_MESSAGES, &one, 1, 25);
    return 0;
}
