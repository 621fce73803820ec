/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cues: the words around a value that say what it is. Called for a value whose shape alone does not
 * decide, at most once per place (probe_cues keeps the last answer).
 *
 * Words are folded (case, accents), split at anything that is no letter and at lowerUpper, and
 * looked up as phrases of three, two and one words in a table made once per scanner; equal 64-bit
 * hashes count as equal words. Scripts without blanks between words are searched at every
 * character. Frequent is the type's own name right before: then no more is read (cues_label).
 */
#include "cue_int.h"
#include "scan_int.h"

enum { NEAR_WORDS = 4, CLAUSE_WORDS = 7 };

/* ---- what they say ---- */

static void hit_add(struct cues *out, const struct cue_row *r, enum cue_tier tier)
{
    if (tier == CUE_NONE || out->n == CUE_HITS_MAX)
        return;
    out->v[out->n++] = (struct cue_hit){r->kind, r->strong, (uint8_t)tier};
    out->kinds[r->kind / 64] |= (uint64_t)1 << r->kind % 64;
    if (tier == CUE_LABEL && r->strong == 2 && r->kind < ENTITY_COUNT)
        out->foreign = true;
}

/* "National ID": what follows is no card or phone, and of whatever country. */
static void identity_add(struct cues *out, const struct cue_row *r, enum cue_tier tier)
{
    if (tier != CUE_LABEL)
        return;
    out->foreign = true;
    out->identity = r->strong > out->identity ? r->strong : out->identity;
}

/* Can a phrase go on behind the word? Not in "order_id: 88231, card", over a value. */
static bool joins(const struct word *w)
{
    return !w->labels && !(w->barrier & ~BAR_LINE);
}

/* The longest phrase that ends at w[i]: its slot and its length in words, 0 when there is none. */
static size_t phrase_at(const struct cue_index *x, const struct word *w, size_t i,
                        const struct cue_slot **slot)
{
    if ((w[i].slot->tail || w[i].slot->number) && i >= 1 && joins(&w[i - 1])) {
        const struct cue_slot *s;
        uint64_t last = hash_behind(x, w[i].hash, w[i].slot);
        if (i >= 2 && joins(&w[i - 2])) {
            uint64_t before = hash_behind(x, w[i - 1].hash, w[i - 1].slot);
            uint64_t h = hash_join(hash_join(w[i - 2].hash, before), last);
            s = slot_of(x, h);
            if (s->n) {
                *slot = s;
                return 3;
            }
        }
        s = slot_of(x, hash_join(w[i - 1].hash, last));
        if (s->n) {
            *slot = s;
            return 2;
        }
    }
    *slot = w[i].slot;
    return w[i].slot->n ? 1 : 0;
}

static enum cue_tier tier_of(size_t words, unsigned lines, bool far)
{
    int tier = far ? CUE_FAR : words == 0 ? CUE_LABEL : words <= NEAR_WORDS ? CUE_NEAR : CUE_FAR;
    tier -= (int)lines;
    return tier > 0 ? (enum cue_tier)tier : CUE_NONE;
}

/* Bits set, of few. */
static unsigned ones(uint64_t v)
{
    unsigned n = 0;
    for (; v; v &= v - 1)
        n++;
    return n;
}

/* Kinds that stand between a label and its value and say nothing themselves. */
static bool is_transparent(unsigned kind)
{
    return kind == CUE_FILLER || kind == CUE_NUMBER || kind == CUE_IS || kind == CUE_ON ||
           kind == CUE_THIS;
}

/* What the phrase in `slot` adds at this tier, rows below `strong` left out; whether it is a
 * filler. */
static bool rows_add(const struct cue_index *x, const struct cue_slot *slot, enum cue_tier tier,
                     uint8_t strong, struct cues *out)
{
    bool filler = false;
    for (size_t k = 0; k < slot->n; k++) {
        const struct cue_row *r = row_of(x, slot, k);
        if (is_transparent(r->kind))
            filler = true;
        else if (r->kind == CUE_IDENTITY)
            identity_add(out, r, tier);
        else if (r->strong >= strong)
            hit_add(out, r, tier);
    }
    return filler;
}

static bool has_kind(const struct cue_index *x, const struct cue_slot *slot, unsigned kind)
{
    for (size_t k = 0; k < slot->n; k++)
        if (row_of(x, slot, k)->kind == kind)
            return true;
    return false;
}

static bool any_transparent(const struct cue_index *x, const struct cue_slot *slot)
{
    for (size_t k = 0; k < slot->n; k++)
        if (is_transparent(row_of(x, slot, k)->kind))
            return true;
    return false;
}

static bool is_filler(const struct cue_index *x, const struct cue_slot *slot)
{
    return has_kind(x, slot, CUE_FILLER) || has_kind(x, slot, CUE_NUMBER);
}

/* "on the invoice": the word says where something stands, not what it is. */
static bool is_place(const struct cue_index *x, const struct word *w, size_t i)
{
    return (i && has_kind(x, w[i - 1].slot, CUE_ON)) ||
           (i > 1 && has_kind(x, w[i - 2].slot, CUE_ON) && has_kind(x, w[i - 1].slot, CUE_FILLER));
}

/* "mobile: string = ", where "string" alone would count against a number of somebody's. */
static bool is_annotation(const struct cue_index *x, const struct word *w, size_t i,
                          const struct cue_slot *slot)
{
    return i && w[i].labels && w[i - 1].labels && !w[i - 1].barrier &&
           has_kind(x, slot, CUE_COUNTER);
}

/* "The passport that we hold for her is …", "The passport you asked us for: …": a copula right
 * before the value joins it to what its clause is about, and so does a colon behind a word that
 * names nothing. */
static bool ends_in_copula(const struct cue_index *x, const struct words *w)
{
    if (!w->n || w->v[w->n - 1].barrier)
        return false;
    if (w->v[w->n - 1].labels)
        return has_kind(x, w->v[w->n - 1].slot, CUE_FILLER);
    size_t i = w->n - 1;
    const struct cue_slot *slot;
    while (i && w->n - i < 3 && !w->v[i - 1].barrier && !has_kind(x, w->v[i].slot, CUE_IS) &&
           (has_kind(x, w->v[i].slot, CUE_FILLER) || has_kind(x, w->v[i].slot, CUE_THIS)))
        i--; /* "is still", "is it still" */
    return phrase_at(x, w->v, i, &slot) && has_kind(x, slot, CUE_IS);
}

/* Does one of the hits from the `first` on name a type, or a number that is none? */
static bool names_something(const struct cues *c, uint8_t first)
{
    for (; first < c->n; first++)
        if (c->v[first].strong == 2 && c->v[first].kind <= CUE_COUNTER)
            return true;
    return false;
}

/* Is the value said to be what word i names? Only words and the ends of sentences stand between:
 * "I lost my passport in Rome. The number is …" */
static bool is_subject(const struct words *w, size_t i, size_t between, unsigned bars)
{
    for (size_t k = i; k < w->n && w->stop >> k; k++)
        if (w->v[k].barrier & ~bars)
            return false;
    return between <= CLAUSE_WORDS;
}

/* What says, beside its words, that a clause is about the value: nothing, it is the answer to a
 * question, its key names no more than a number ("passport": {"country": "US", "no": ...}). */
enum clause { CLAUSE_WORDS_ONLY, CLAUSE_ASKED, CLAUSE_MEMBER };

/* From the last word to the first, only the known ones: the rest but counts. In a clause that is
 * about the value, or a question that it answers, the first thing met that has a name is the
 * value's. */
static void read_before(const struct cue_index *x, const struct words *w, enum clause what,
                        struct cues *out)
{
    bool question = what == CLAUSE_ASKED, clause = what || ends_in_copula(x, w);
    unsigned bars = what == CLAUSE_MEMBER ? (unsigned)~BAR_NUMBER : BAR_SENTENCE;
    size_t transparent = 0; /* words behind that do not count: fillers, all but one of a phrase */
    uint8_t hits = out->n;
    for (uint64_t left = w->known; left;) {
        size_t i = 63 - (size_t)__builtin_clzll(left), between = w->n - 1 - i - transparent;
        bool subject = clause && !names_something(out, hits) && is_subject(w, i, between, bars);
        const struct cue_slot *slot;
        size_t took = 0;
        if (subject && w->stop >> i) {
            took = phrase_at(x, w->v, i, &slot);
            subject = !has_kind(x, slot, CUE_COUNTER); /* of another sentence */
        }
        enum cue_tier tier =
            subject ? CUE_LABEL : tier_of(between, ones(w->line >> i), w->far >> i);
        if (tier == CUE_NONE)
            return; /* what stands further away counts less */
        took = took ? took : phrase_at(x, w->v, i, &slot);
        if (took == 1 && (is_annotation(x, w->v, i, slot) ||
                          (clause && has_kind(x, slot, CUE_COUNTER) && is_place(x, w->v, i)))) {
            transparent++;
            left &= ((uint64_t)1 << i) - 1;
            continue;
        }
        if (question && has_kind(x, slot, CUE_COUNTER))
            return; /* what it asks for is no number of a person's */
        bool filler = took && rows_add(x, slot, tier, question ? 2 : 0, out);
        if (took > 1 && !filler && is_filler(x, w->v[i].slot)) {
            took = 1; /* "passport number" is a passport, too */
            filler = true;
        }
        if (took)
            transparent += took - !filler;
        left &= ((uint64_t)1 << (i + 1 - (took ? took : 1))) - 1;
    }
}

/* The first phrase at or behind word `at`, of which `first` is the first known one: where it
 * begins, its length in *took. */
static size_t phrase_from(const struct cue_index *x, const struct words *w, size_t at, size_t first,
                          const struct cue_slot **slot, size_t *took)
{
    size_t best = first;
    *took = 0;
    for (size_t i = first > at + 2 ? first - 2 : at; i <= first || i + 1 < best + *took; i++)
        for (size_t k = i + 3 > w->n ? w->n - i : 3; k > *took; k--) {
            const struct cue_slot *s;
            if (phrase_at(x, w->v + i, k - 1, &s) != k)
                continue; /* a longer one that begins inside: "my social insurance number" */
            *slot = s;
            *took = k;
            best = i;
            break;
        }
    return best;
}

/* Words [at, end), a bit each. */
static uint64_t from_to(size_t at, size_t end)
{
    return (((uint64_t)1 << end) - 1) & ~(((uint64_t)1 << at) - 1);
}

/* What was read behind the value so far. */
struct behind {
    size_t between; /* words that count */
    bool copula;    /* "123456789 is my …", "… rejected as …": as good as a label before it */
    size_t joined;  /* words before the copula */
};

/* What the phrase in `slot` adds; whether it is a filler. */
static bool rows_after(const struct cue_index *x, const struct cue_slot *slot, struct behind *b,
                       bool labels, struct cues *out)
{
    bool filler = false;
    for (size_t k = 0; k < slot->n; k++) {
        const struct cue_row *r = row_of(x, slot, k);
        if (is_transparent(r->kind))
            filler = true;
        else if (r->kind != CUE_COUNTER && r->kind != CUE_IDENTITY && !labels)
            hit_add(out, r,
                    b->copula && b->between == b->joined ? CUE_LABEL
                    : b->between <= 2                    ? CUE_NEAR
                                                         : CUE_FAR);
        if (r->kind == CUE_IS && b->between <= 2) {
            b->copula = true;
            b->joined = b->between;
        }
    }
    return filler;
}

/* `joined`: a sign between the value and the first word says that they are one. */
static void read_after(const struct cue_index *x, const struct words *w, bool joined,
                       struct cues *out)
{
    struct behind b = {0, joined, 0};
    size_t at = 0;
    while (w->known >> at) {
        size_t first = at + (size_t)__builtin_ctzll(w->known >> at), took;
        const struct cue_slot *slot;
        size_t i = phrase_from(x, w, at, first, &slot, &took);
        if (w->stop & from_to(at, i))
            return;
        b.between += i - at;
        size_t last = i + (took ? took - 1 : 0);
        bool filler = took && rows_after(x, slot, &b, w->v[last].labels, out);
        if (took > 1 && !filler && is_filler(x, w->v[last].slot) &&
            phrase_at(x, w->v + i, took - 2, &slot) == took - 1)
            rows_after(x, slot, &b, w->v[last].labels, out);
        b.between += !filler;
        if (w->stop >> last & 1)
            return;
        at = last + 1;
    }
}

/* Is the value a member of an object, and its key a mere "number"? */
static bool is_member(const struct cue_index *x, const struct words *w, struct span t, size_t start)
{
    size_t at = start;
    at -= prev(t, at) == '"';
    at -= prev(t, at) == ' ';
    return at > 1 && t.p[at - 1] == ':' && t.p[at - 2] == '"' && w->n &&
           has_kind(x, w->v[w->n - 1].slot, CUE_NUMBER);
}

/* "id_number", "document id", "value": does the key before the value say no more than that it is
 * one? */
static bool is_bare_key(const struct cue_index *x, const struct words *w)
{
    const struct word *last = w->n ? &w->v[w->n - 1] : NULL;
    return last && last->labels &&
           (any_transparent(x, last->slot) || has_kind(x, last->slot, CUE_IDENTITY));
}

/* What the member beside it says the kind of the value at `start` is, instead of its key; false
 * where it says nothing. */
static __attribute__((noinline, cold)) bool read_type(const struct cue_index *x, struct span t,
                                                      size_t start, struct cues *out)
{
    struct span type = cue_member_type(t, start);
    struct cues said = {0};
    struct words w;
    cue_words_read(x, type, 0, type.n, &w);
    read_before(x, &w, CLAUSE_WORDS_ONLY, &said);
    if (!names_something(&said, 0))
        return false;
    *out = said;
    return true;
}

/* What the members before it say of the one at `start`, behind the last object that was closed. */
static __attribute__((noinline, cold)) void read_member(const struct cue_index *x, struct span t,
                                                        size_t from, size_t start, struct cues *out)
{
    struct words w;
    size_t at = start;
    while (at > from && t.p[at - 1] != '}')
        at--;
    cue_words_read(x, t, at, start, &w);
    read_before(x, &w, CLAUSE_MEMBER, out);
}

/* "routing,account", "routing: 021000021\naccount: ...": the column beside or the number before it
 * says whose account it is. */
static const struct cue_row routing = {.kind = ENTITY_ABA_ROUTING_NUMBER, .strong = 1};

static __attribute__((noinline, cold)) void bank_beside(const struct probe *p, size_t start,
                                                        struct cues *out)
{
    for (int side = -1; side < 2; side += 2) {
        struct span name = column_beside(p, start, side);
        struct cues beside = {0};
        struct words w;
        if (!name.n)
            continue;
        cue_words_read(p->sc->cues, name, 0, name.n, &w);
        read_before(p->sc->cues, &w, CLAUSE_WORDS_ONLY, &beside);
        if (has_hit(&beside, ENTITY_ABA_ROUTING_NUMBER))
            hit_add(out, &routing, CUE_FAR);
    }
}

void cues_read_before(struct probe *p, size_t start, struct cues *out)
{
    const struct cue_index *x = p->sc->cues;
    struct words w;
    struct span t = p->text;
    out->n = 0;
    memset(out->kinds, 0, sizeof out->kinds);
    out->foreign = false;
    out->identity = 0;
    size_t from = start > WINDOW_BEFORE ? start - WINDOW_BEFORE : 0;
    while (from && from < start && (is(t.p[from - 1], C_LETTER) || (t.p[from] & 0xC0) == 0x80))
        from++; /* not in the middle of a word */
    cue_words_read(x, t, from, start, &w);
    if (w.line && cue_under_heading(t, start))
        w.line &= ~((uint64_t)1 << (63 - __builtin_clzll(w.line)));
    read_before(x, &w, CLAUSE_WORDS_ONLY, out);
    if (is_bare_key(x, &w) && read_type(x, t, start, out)) {
        out->before = out->n;
        out->foreign_before = out->foreign;
        return;
    }
    if (is_member(x, &w, t, start))
        read_member(x, t, from, start, out);
    size_t asked = cue_question(t, from, start);
    if (asked) {
        cue_words_read(x, t, from, asked, &w);
        read_before(x, &w, CLAUSE_ASKED, out);
    }
    if (p->key.n && p->key.n <= WINDOW_BEFORE && start <= WINDOW_BEFORE) {
        cue_words_read(x, p->key, 0, p->key.n, &w);
        read_before(x, &w, CLAUSE_WORDS_ONLY, out);
    }
    struct span column = column_name(p, start);
    if (column.n) {
        cue_words_read(x, column, 0, column.n, &w);
        read_before(x, &w, CLAUSE_WORDS_ONLY, out);
        if (has_hit(out, ENTITY_US_BANK_NUMBER))
            bank_beside(p, start, out);
    }
    if (has_hit(out, ENTITY_US_BANK_NUMBER) && probe_listed(p, ENTITY_ABA_ROUTING_NUMBER, start))
        hit_add(out, &routing, CUE_FAR);
    out->before = out->n;
    out->foreign_before = out->foreign;
}

/* "123456789. This is my SSN", "123456789; that should be the SSN": do the words begin a sentence
 * about what stands before them? */
static bool refers_back(const struct cue_index *x, const struct words *w)
{
    if (!w->n || !has_kind(x, w->v[0].slot, CUE_THIS))
        return false;
    for (size_t i = 0; i < 3 && i < w->n; i++) {
        const struct cue_slot *slot;
        if (phrase_at(x, w->v, i, &slot) && has_kind(x, slot, CUE_IS))
            return true;
        if (w->stop >> i & 1)
            return false;
    }
    return false;
}

void cues_read_after(const struct probe *p, size_t start, size_t end, struct cues *out)
{
    const struct cue_index *x = p->sc->cues;
    struct words w;
    struct cue_behind b;
    out->n = out->before;
    out->foreign = out->foreign_before;
    if (!cue_words_behind(p, start, end, &b))
        return;
    cue_words_read(x, p->text, b.at, b.to, &w);
    if (!b.bar || b.joined || refers_back(x, &w))
        read_after(x, &w, b.joined, out);
}

/* ---- a label right before ---- */

enum { LABEL_SIGNS = 4, LETTERS_MAX = 16, GAP_MAX = 8 };
_Static_assert(LABEL_SIGNS + 3 * LETTERS_MAX + 2 * GAP_MAX <= (int)WINDOW_BEFORE, "of the window");

/* Where the letters before `end` begin, at most LETTERS_MAX of them. */
static size_t letters_start(struct span t, size_t end)
{
    size_t at = end;
    if (end >= 8) {
        uint64_t stop = ~letters_of(load8(t.p + end - 8)) & 0x8080808080808080U;
        at -= stop ? (size_t)__builtin_clzll(stop) / 8 : 8;
        if (stop)
            return at;
    }
    while (at && end - at < LETTERS_MAX && is(t.p[at - 1], C_LETTER))
        at--;
    return at;
}

/* The word of letters that ends at `end`, when it is one for every reading of the text around it:
 * where it begins, `end` when there is none such. */
static size_t plain_word(const struct cue_index *x, struct span t, size_t end, struct word *w)
{
    size_t at = letters_start(t, end);
    uint8_t before = at ? t.p[at - 1] : '\n';
    bool apart = before == ' ' && end - at != 2;
    if (at == end || is(before, C_LETTER | C_HIGH) || before == '\'' ||
        (!apart && cue_own_letters(t, at, end)) ||
        (!short_look(x, t, at, end, w) && cue_look(x, t, at, end, w) != end))
        return end;
    return at;
}

/* What stands right before `at` up to a word, noted with that: its end. 0 where no word stands
 * before, `at` where it is too far to say. */
static size_t plain_gap(struct span t, size_t at, struct word *before)
{
    size_t end = at;
    while (end && at - end < GAP_MAX && !is(t.p[end - 1], C_LETTER | C_HIGH))
        end--;
    if (end && !is(t.p[end - 1], C_LETTER))
        return at;
    if (end + 1 < at || t.p[end] != ' ')
        cue_gap_read(t, end, at, before);
    return end;
}

/* The longest phrase that ends with the word right before `end`; NULL where it names nothing, and
 * where it takes more to say. */
static const struct cue_slot *plain_phrase(const struct cue_index *x, struct span t, size_t end)
{
    struct word w[3] = {0};
    const struct cue_slot *slot;
    for (size_t n = 0;; n++) {
        size_t at = plain_word(x, t, end, &w[2 - n]);
        if (at == end || !(w[2].slot->names || w[2].slot->number))
            return NULL;
        size_t most = w[2].slot->tail3 || w[2].slot->number ? 2 : w[2].slot->tail;
        bool alone = n == most;
        end = alone ? 0 : plain_gap(t, at, &w[1 - n]);
        if (end == 0 || (end < at && !joins(&w[1 - n])))
            return phrase_at(x, w + 2 - n, n, &slot) ? slot : NULL;
        if (end == at)
            return NULL;
    }
}

/* Past the signs that may stand between a label and its value, before [.., start). */
static size_t label_end(struct span t, size_t start)
{
    size_t end = start;
    for (uint8_t c; end && start - end < LABEL_SIGNS; end--) {
        c = t.p[end - 1];
        if (is(c, C_WORD | C_HIGH) || c == '\n' || c == '.' || c == '!' || c == '?')
            break;
    }
    return end;
}

/* The phrase that is the label right before `start`. */
static const struct cue_slot *plain_label(const struct cue_index *x, struct span t, size_t start)
{
    return x->plain ? NULL : plain_phrase(x, t, label_end(t, start));
}

bool cues_label(struct probe *p, size_t start, enum entity e)
{
    const struct cue_index *x = p->sc->cues;
    if (p->label_start != start) {
        p->label = plain_label(x, p->text, start);
        p->label_start = start;
    }
    bool found = false;
    for (size_t k = 0; p->label && k < p->label->n; k++) {
        const struct cue_row *r = row_of(x, p->label, k);
        if (r->kind == CUE_COUNTER)
            return false; /* perhaps an annotation */
        found = found || (stands_for(r->kind, e) && r->strong == 2);
    }
    return found;
}

bool cues_uncounted(const struct probe *p, size_t start)
{
    const struct cue_index *x = p->sc->cues;
    struct span t = p->text;
    struct word w;
    size_t end = label_end(t, start), gap = start - end;
    if (x->plain || (p->key.n && start <= WINDOW_BEFORE) || column_may(t, start) ||
        cue_question(t, 0, start))
        return false;
    for (unsigned k = 0; k < 3; k++, gap = 1) {
        size_t at = plain_word(x, t, end, &w);
        if (at == end || w.slot->tail || w.slot->number || has_kind(x, w.slot, CUE_COUNTER) ||
            has_kind(x, w.slot, CUE_IS))
            return false;
        if (!any_transparent(x, w.slot))
            return true; /* what stands before it is no label */
        if (gap > 1 || t.p[end] != ' ' || !at || t.p[at - 1] != ' ')
            return false;
        end = at - 1;
    }
    return false;
}
