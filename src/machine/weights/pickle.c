/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pickle machine. Frequent: pushes, memo writes, tuples, items. Every name that would be
 * imported is judged (pickle_name.c); what is done with an allowed one is judged here. Frames are
 * read through, as both of Python's loaders end up doing wherever either goes on, so what one of
 * them sees and the other does not is seen too.
 *
 *   pickle_look ─► one pickle after the other ─► step: one opcode ─► STOP ─► what stands behind?
 *
 * Invariants: P1 the stack holds `marks` values of K_MARK. P2 nothing is popped from below the
 * innermost mark except the mark itself. P3 memo slots below memo.n are K_UNSET or were written.
 */
#include "pickle_int.h"

#include "num.h"
#include "utf8.h"

#include <stdlib.h>

enum { INT_DIGITS_MAX = 4300, PICKLES_MAX = 4096, PROTO_MAX = 5, PASSED_STEP = 1 << 17 };

void machine_note(struct machine *m, enum weights_verdict level, const char *rule, const char *why)
{
    look_note(m->look, level, rule, m->at, "%s", why);
}

void machine_break(struct machine *m, const char *why)
{
    if (!m->broken)
        machine_note(m, WEIGHTS_MALFORMED, "pickle", why);
    m->broken = true;
}

/* ---- names and calls ---- */

static void push_global(struct machine *m, struct span module, struct span name)
{
    enum weights_verdict level;
    const char *why;
    unsigned n = pickle_name(module, name, &level, &why);
    if (n == NAME_BAD)
        look_note(m->look, level, "pickle-global", m->at, "%s: %s.%s", why,
                  look_text(m->look, module), look_text(m->look, name));
    else if (pickle_name_use(n) == USE_STORAGE || pickle_name_use(n) == USE_TENSOR)
        m->torch = true;
    if (n != NAME_BAD && pickle_name_use(n) == USE_WRAPPER)
        m->joblib = m->torch = true;
    machine_push(m, value_of(K_GLOBAL, n));
}

static void stack_global(struct machine *m)
{
    struct value name = machine_pop(m), module = machine_pop(m);
    if (m->broken)
        return;
    char a[PICKLE_NAME_MAX], b[PICKLE_NAME_MAX];
    size_t an, bn;
    if (value_kind(name) == K_LOST || value_kind(module) == K_LOST) {
        machine_note(m, WEIGHTS_SUSPICIOUS, "limit", "imports a name from too far back to be kept");
        machine_push(m, value_of(K_GLOBAL, NAME_BAD));
    } else if (value_kind(name) != K_TEXT || value_kind(module) != K_TEXT) {
        machine_note(m, WEIGHTS_MALFORMED, "pickle-global", "imports a name that is no text");
        machine_push(m, value_of(K_GLOBAL, NAME_BAD));
    } else if (!pickle_text(m->in, value_extra(module), a, &an) ||
               !pickle_text(m->in, value_extra(name), b, &bn)) {
        machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-global", "imports a name of unusual length");
        machine_push(m, value_of(K_GLOBAL, NAME_BAD));
    } else {
        push_global(m, span(a, an), span(b, bn));
    }
}

/* The result of calling `callable`. What is not on the allow list has its finding already. */
static void call(struct machine *m, struct value callable, struct value args)
{
    if (value_kind(callable) != K_GLOBAL) {
        if (value_kind(callable) == K_LOST)
            machine_note(m, WEIGHTS_SUSPICIOUS, "limit",
                         "calls a name from too far back to be kept");
        else if (value_kind(callable) != K_UNKNOWN)
            machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-call", "calls something that is no name");
        machine_push(m, value_of(K_UNKNOWN, 0));
        return;
    }
    unsigned n = value_name(callable);
    if (n == NAME_BAD) {
        machine_push(m, value_of(K_UNKNOWN, 0));
        return;
    }
    if (value_kind(args) != K_TUPLE && value_kind(args) != K_UNKNOWN && value_kind(args) != K_LOST)
        machine_note(m, WEIGHTS_MALFORMED, "pickle-call", "calls with something that is no tuple");
    pickle_arguments(m, pickle_name_use(n), args);
    if (pickle_name_use(n) == USE_TENSOR)
        torch_rebuild(m, args);
    if (pickle_name_use(n) == USE_STORAGE)
        machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-call", "makes a torch storage directly");
    uint64_t width = pickle_name_use(n) == USE_DTYPE ? joblib_width(m, args) : 0;
    struct value made = value_of(K_INSTANCE, n | width << 16);
    pickle_hold(m, &made, pickle_unfold(m, args));
    pickle_push(m, made);
}

void pickle_reduce(struct machine *m)
{
    struct value args = machine_pop(m), callable = machine_pop(m);
    if (!m->broken)
        call(m, callable, args);
}

/* INST and OBJ: classes of Python 2; nothing on the allow list is made that way. */
static void old_object(struct machine *m, const struct op *o)
{
    size_t first;
    if (!machine_to_mark(m, &first))
        return;
    if (o->code == 'o' && first == m->stack.n) {
        machine_break(m, "makes an object of nothing");
        return;
    }
    struct value callable = first < m->stack.n ? m->stack.v[first] : value_of(K_UNSET, 0);
    machine_drop_mark(m, first);
    if (o->code == 'i') {
        push_global(m, o->text, o->more);
        callable = machine_pop(m);
    }
    if (value_kind(callable) != K_GLOBAL || value_extra(callable) != NAME_BAD)
        machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-call", "an old-style object");
    machine_push(m, value_of(K_UNKNOWN, 0));
}

static void build(struct machine *m)
{
    struct value state = machine_pop(m);
    struct value *top = machine_top(m);
    if (m->broken || !top) {
        machine_break(m, "sets state on nothing");
        return;
    }
    pickle_hold(m, top, pickle_unfold(m, state));
    struct value target = *top;
    enum kind k = value_kind(target);
    if (k == K_UNKNOWN || (k == K_GLOBAL && value_extra(target) == NAME_BAD))
        return; /* told when it was named */
    if (k == K_GLOBAL) {
        machine_note(m, WEIGHTS_MALICIOUS, "pickle-build", "changes a class or function itself");
        return;
    }
    if (k == K_LOST) {
        machine_note(m, WEIGHTS_SUSPICIOUS, "limit", "sets a state from too far back to be kept");
        return;
    }
    if (k != K_INSTANCE) {
        machine_note(m, WEIGHTS_MALFORMED, "pickle-build", "sets state on plain data");
        return;
    }
    enum name_use use = pickle_name_use(value_name(target));
    bool tuple = value_kind(state) == K_TUPLE;
    if ((use == USE_ARRAY || use == USE_DTYPE) && tuple)
        return;
    if (value_kind(state) == K_DICT &&
        (use == USE_MAPPING || use == USE_TENSOR || use == USE_WRAPPER)) {
        if (m->strange_key)
            machine_note(m, WEIGHTS_MALICIOUS, "pickle-build",
                         "sets attributes whose names are reserved");
        if (use == USE_WRAPPER && !m->plain)
            joblib_array(m);
        return;
    }
    machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-build", "sets a state that this kind never has");
}

/* ---- one opcode ---- */

static bool float_is(struct span t)
{
    t = span_trim(t);
    if (t.n && (t.p[0] == '-' || t.p[0] == '+'))
        t = span_from(t, 1);
    if (span_eq_nocase(t, SPAN_LIT("inf")) || span_eq_nocase(t, SPAN_LIT("nan")) ||
        span_eq_nocase(t, SPAN_LIT("infinity")))
        return true;
    size_t digits = 0, i = 0;
    for (; i < t.n && ((uint8_t)(t.p[i] - '0') < 10 || t.p[i] == '.' || t.p[i] == '_'); i++)
        digits += t.p[i] != '.';
    if (digits && i < t.n && (t.p[i] | 0x20) == 'e') {
        int64_t exponent;
        return pickle_decimal(span_from(t, i + 1), &exponent);
    }
    return digits && i == t.n;
}

/* Digits of a decimal line as Python's int() reads it, of any size; 0: it is none. */
static size_t int_digits(struct span t)
{
    t = span_trim(t);
    if (t.n && (t.p[0] == '-' || t.p[0] == '+'))
        t = span_from(t, 1);
    size_t digits = 0;
    for (size_t i = 0; i < t.n; i++) {
        bool digit = (uint8_t)(t.p[i] - '0') < 10;
        if (!digit && (t.p[i] != '_' || i == 0 || i + 1 == t.n || t.p[i - 1] == '_'))
            return 0;
        digits += digit;
    }
    return digits;
}

static void number_line(struct machine *m, const struct op *o)
{
    struct span t = o->text;
    if (o->code == 'F') {
        if (!float_is(t))
            machine_break(m, "a float that is none");
        machine_push(m, value_of(K_ATOM, 0));
        return;
    }
    if (o->code == 'L' && t.n && t.p[t.n - 1] == 'L')
        t.n--;
    size_t digits = int_digits(t);
    if (!digits || digits > INT_DIGITS_MAX)
        machine_break(m, digits ? "an integer of more digits than Python takes"
                                : "an integer that is none");
    machine_push(m, value_of(K_INT, o->at));
}

static void proto_and_frame(struct machine *m, const struct op *o)
{
    if (o->code == 0x80) {
        if (o->number > PROTO_MAX)
            machine_note(m, WEIGHTS_MALFORMED, "pickle-proto", "a protocol above 5");
        if (o->at != m->begin)
            machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-proto", "the protocol is set midway");
        return;
    }
    if (m->frame_end && o->at < m->frame_end)
        machine_note(m, WEIGHTS_MALFORMED, "pickle-frame", "a frame inside a frame");
    if (o->number > m->in.n - o->next) {
        machine_note(m, WEIGHTS_MALFORMED, "pickle-frame", "a frame longer than the file");
        m->frame_end = 0;
        return;
    }
    m->frame_end = o->next + (size_t)o->number;
}

static void extension(struct machine *m, const struct op *o)
{
    if (o->number == 0 || o->number >> 63)
        machine_break(m, "an extension code that cannot be");
    else
        machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-extension",
                     "a name from a registry of the loading process");
    machine_push(m, value_of(K_UNKNOWN, 0));
}

static void persistent(struct machine *m, const struct op *o)
{
    struct value id = o->code == 'P' ? value_of(K_ATOM, 0) : machine_pop(m);
    if (m->broken)
        return;
    torch_persistent(m, id);
}

static void duplicate(struct machine *m)
{
    struct value v = machine_pop(m);
    if (m->broken)
        return;
    if (value_holds(v) && value_kind(v) != K_TUPLE && value_kind(v) != K_FROZEN)
        machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-stack",
                     "doubles a container in hand, as no pickler does");
    machine_push(m, v);
    machine_push(m, v);
}

static void pop(struct machine *m)
{
    if (m->stack.n && value_kind(m->stack.v[m->stack.n - 1]) == K_MARK) {
        m->stack.n--;
        m->marks--;
        return;
    }
    (void)machine_pop(m);
}

static void new_object(struct machine *m, uint8_t code)
{
    if (code == 0x92 && value_kind(machine_pop(m)) != K_DICT)
        machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-call", "keyword arguments that are no dict");
    pickle_reduce(m);
}

/* Python writes texts as UTF-8 with lone surrogates let through, three bytes each. */
static bool text_valid(struct span text)
{
    for (;;) {
        size_t at = utf8_valid_prefix(text);
        const uint8_t *p = text.p + at;
        if (at == text.n)
            return true;
        if (text.n - at < 3 || p[0] != 0xed || (p[1] & 0xe0) != 0xa0 || (p[2] & 0xc0) != 0x80)
            return false;
        text = span_from(text, at + 3);
    }
}

static bool quoted(struct span t)
{
    return t.n >= 2 && (t.p[0] == '\'' || t.p[0] == '"') && t.p[t.n - 1] == t.p[0];
}

/* Pushes of constants and text. False: not such an opcode. */
static bool step_push(struct machine *m, const struct op *o)
{
    switch (o->code) {
    case 'K':
    case 'M':
    case 'J':
    case 0x8a:
    case 0x8b:
        machine_push(m, value_of(K_INT, o->at));
        return true;
    case 'X':
    case 0x8c:
    case 0x8d:
        if (!text_valid(o->text))
            machine_note(m, WEIGHTS_MALFORMED, "pickle-text", "text that is not UTF-8");
        machine_push(m, value_of(K_TEXT, o->at));
        return true;
    case 'S':
        if (!quoted(span_trim(o->text)))
            machine_break(m, "a string without quotes");
        machine_push(m, value_of(K_TEXT, o->at));
        return true;
    case 'T':
    case 'U':
    case 'V':
        machine_push(m, value_of(K_TEXT, o->at));
        return true;
    case 'N':
    case 'G':
    case 'B':
    case 'C':
    case 0x88:
    case 0x89:
    case 0x8e:
        machine_push(m, value_of(K_ATOM, 0));
        return true;
    case 0x96:
    case ']':
        machine_push(m, value_of(K_LIST, 0));
        return true;
    case '}':
        machine_push(m, value_of(K_DICT, 0));
        return true;
    case 0x8f:
        machine_push(m, value_of(K_SET, 0));
        return true;
    case 'I':
    case 'L':
    case 'F':
        number_line(m, o);
        return true;
    default:
        return false;
    }
}

/* Memo, marks and containers. False: not such an opcode. */
static bool step_shape(struct machine *m, const struct op *o)
{
    switch (o->code) {
    case 'q':
    case 'r':
        pickle_memo_put(m, (int64_t)o->number);
        return true;
    case 0x94:
        pickle_memo_put(m, (int64_t)m->memo_used);
        return true;
    case 'h':
    case 'j':
        pickle_memo_get(m, (int64_t)o->number);
        return true;
    case 'p':
    case 'g':
        pickle_memo_line(m, o);
        return true;
    case '(':
        m->marks++;
        machine_push(m, value_of(K_MARK, 0));
        return true;
    case ')':
    case 0x85:
    case 0x86:
    case 0x87:
        pickle_small_tuple(m, o->code == ')' ? 0 : o->code - 0x84U);
        return true;
    case 't':
    case 'l':
    case 'd':
    case 0x91:
        pickle_from_mark(m, o->code);
        return true;
    case 'a':
    case 's':
        pickle_add_one(m, o->code);
        return true;
    case 'e':
    case 'u':
    case 0x90:
        pickle_add_many(m, o->code);
        return true;
    default:
        return false;
    }
}

static void step_act(struct machine *m, const struct op *o)
{
    size_t first;
    switch (o->code) {
    case 'c':
        push_global(m, o->text, o->more);
        break;
    case 0x93:
        stack_global(m);
        break;
    case 'R':
        pickle_reduce(m);
        break;
    case 0x81:
    case 0x92:
        new_object(m, o->code);
        break;
    case 'i':
    case 'o':
        old_object(m, o);
        break;
    case 'b':
        build(m);
        break;
    case 'P':
    case 'Q':
        persistent(m, o);
        break;
    case 0x82:
    case 0x83:
    case 0x84:
        extension(m, o);
        break;
    case '2':
        duplicate(m);
        break;
    case '0':
        pop(m);
        break;
    case '1':
        if (machine_to_mark(m, &first))
            machine_drop_mark(m, first);
        break;
    case 0x97:
    case 0x98:
        machine_break(m, "a buffer that nobody supplies");
        break;
    default:
        proto_and_frame(m, o);
    }
}

static void check_frame(struct machine *m, const struct op *o)
{
    if (!m->frame_end || o->code == 0x95)
        return;
    if (o->next > m->frame_end && o->at < m->frame_end)
        machine_note(m, WEIGHTS_MALFORMED, "pickle-frame", "a frame that ends inside an opcode");
    if (o->next >= m->frame_end)
        m->frame_end = 0;
}

/* One pickle from m->at on. True at its STOP; then m->at is behind it. */
static bool one_pickle(struct machine *m)
{
    size_t passed = m->begin = m->at;
    struct op o = {0};
    m->stack.n = m->memo.n = m->far.n = m->memo_used = m->marks = 0;
    m->frame_end = 0;
    m->strange_key = m->broken = m->unfolds = m->folded = false;
    while (m->at < m->in.n && !m->broken) {
        pickle_fast(m);
        if (m->broken || m->at == m->in.n)
            break;
        const char *why = pickle_op(m->in, m->at, &o);
        if (why) {
            machine_break(m, why);
            return false;
        }
        check_frame(m, &o);
        if (o.code == '.') {
            (void)machine_pop(m);
            if (m->stack.n && !m->broken)
                machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-stack",
                             "ends with values left over, as no pickler does");
            m->at = o.next;
            if (m->broken || !m->outer)
                return !m->broken;
            joblib_return(m);
            continue;
        }
        m->next = o.next;
        if (!step_push(m, &o) && !step_shape(m, &o))
            step_act(m, &o);
        m->at = m->next;
        if (m->at - passed > PASSED_STEP) {
            look_passed(m->look, m->in.p + m->at);
            passed = m->at;
        }
    }
    if (!m->broken)
        machine_break(m, "ends without STOP");
    return false;
}

/* torch's old layout begins with this number as a pickle of its own. */
static bool legacy_is(struct span s)
{
    return span_starts(s, SPAN_LIT("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."));
}

enum { LEGACY_PICKLES = 5 };

/* What stands behind the last pickle. */
static void check_tail(struct machine *m)
{
    uint64_t want = 0, left = m->in.n - m->at;
    if (m->legacy && m->count == LEGACY_PICKLES) {
        if (!left)
            machine_note(m, WEIGHTS_OK, "pickle-tail", "the raw storages are not in this file");
        else if (!torch_legacy_bytes(m, &want) || want != left)
            machine_note(m, WEIGHTS_MALFORMED, "pickle-tail",
                         "the raw storages behind the pickles have another length than they say");
    } else if (left) {
        machine_note(m, WEIGHTS_MALFORMED, "pickle-tail", "bytes behind the last pickle");
    }
}

static void machine_free(struct machine *m)
{
    if (m->outer)
        joblib_return(m);
    free(m->stack.v);
    free(m->memo.v);
    free(m->far.v);
    free(m->cells.v);
    free(m->storages.v);
}

/* Every pickle of m->in, one after the other; what is behind them. */
static void all_pickles(struct machine *m)
{
    struct look *k = m->look;
    m->legacy = legacy_is(m->in);
    m->torch = m->legacy || (k->now && k->now->setting == IN_TORCH);
    while (m->at < m->in.n && m->count < PICKLES_MAX) {
        if (m->legacy && m->count == LEGACY_PICKLES)
            break;
        struct look_point before = look_point(k);
        size_t begin = m->at;
        if (one_pickle(m)) {
            m->count++;
            continue;
        }
        if (m->count &&
            (k->report->verdict != WEIGHTS_MALICIOUS || before.verdict == WEIGHTS_MALICIOUS))
            look_rewind(k, before); /* these bytes were no pickle; they are a tail */
        if (m->count)
            m->at = begin;
        break;
    }
    if (m->count)
        check_tail(m);
    if (m->joblib && !m->jumped && !m->plain)
        machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-global",
                     "imports a class that is not on the allow list without using it as joblib "
                     "does: joblib.numpy_pickle.NumpyArrayWrapper");
}

enum pickle_end pickle_look(struct look *k, struct span s)
{
    struct machine m = {.look = k, .in = s};
    all_pickles(&m);
    machine_free(&m);
    if (m.jumped) { /* pickle.load takes the bytes of the arrays for opcodes */
        struct machine other = {.look = k, .in = s, .plain = true};
        struct look_point before = look_point(k);
        all_pickles(&other);
        machine_free(&other);
        if (k->report->verdict != WEIGHTS_MALICIOUS || before.verdict == WEIGHTS_MALICIOUS)
            look_rewind(k, before);
    }
    return m.count ? PICKLE_WHOLE : PICKLE_BROKEN;
}
