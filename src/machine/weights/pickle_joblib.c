/* SPDX-License-Identifier: Apache-2.0 */
/*
 * joblib writes the bytes of an array between the opcodes, behind the BUILD of a wrapper that says
 * how many there are (joblib.numpy_pickle.NumpyArrayWrapper): a byte n and n bytes that align them
 * where the wrapper says so, then the elements, or one whole pickle where these are objects. Only
 * joblib's own loader reads that way: the same file is read once more as pickle.load would.
 */
#include "num.h"
#include "pickle_int.h"

#include <stdlib.h>

bool joblib_wants(const struct machine *m, size_t first)
{
    size_t at = first;
    if (at && value_kind(m->stack.v[at - 1]) == K_MARK)
        at--;
    struct value callee = at ? m->stack.v[at - 1] : value_of(K_UNSET, 0);
    if (value_kind(callee) != K_GLOBAL || value_extra(callee) == NAME_BAD)
        return false;
    enum name_use use = pickle_name_use(value_name(callee));
    return use == USE_DTYPE || use == USE_CODEC || use == USE_BYTES;
}

static bool text_of(const struct machine *m, struct value v, char text[PICKLE_NAME_MAX],
                    struct span *out)
{
    size_t n;
    if (value_kind(v) != K_TEXT || !pickle_text(m->in, value_extra(v), text, &n))
        return false;
    *out = span(text, n);
    return true;
}

uint64_t joblib_width(const struct machine *m, struct value args)
{
    const struct value *v;
    size_t n;
    char text[PICKLE_NAME_MAX];
    struct span s;
    uint64_t width;
    if (!pickle_members(m, args, &v, &n) || n == 0 || !text_of(m, v[0], text, &s) || s.n < 2 ||
        failed(num_u64(span_from(s, 1), JOBLIB_OBJECTS / 4 - 1, &width)))
        return 0;
    if (s.p[0] == 'O')
        return JOBLIB_OBJECTS;
    return s.p[0] == 'U' ? 4 * width : width;
}

/* The product of a kept tuple of numbers. */
static bool product(const struct machine *m, struct value shape, uint64_t *out)
{
    const struct value *v;
    size_t n;
    *out = 1;
    if (value_kind(shape) == K_TUPLE && value_cell(shape) == 0)
        return false;
    if (!pickle_members(m, shape, &v, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        int64_t d;
        if (!pickle_int_of(m, v[i], &d) || d < 0 || __builtin_mul_overflow(*out, (uint64_t)d, out))
            return false;
    }
    return true;
}

void joblib_state(struct machine *m, size_t first)
{
    struct wrapped a = {0};
    for (size_t i = first; i + 1 < m->stack.n; i += 2) {
        char text[PICKLE_NAME_MAX];
        struct span key;
        struct value v = m->stack.v[i + 1];
        if (!text_of(m, m->stack.v[i], text, &key))
            continue;
        if (span_is(key, "shape"))
            a.shape = product(m, v, &a.elements);
        else if (span_is(key, "numpy_array_alignment_bytes"))
            a.aligned = value_kind(v) == K_INT;
        else if (span_is(key, "dtype") && value_kind(v) == K_INSTANCE &&
                 pickle_name_use(value_name(v)) == USE_DTYPE)
            a.width = value_width(v);
    }
    a.dtype = a.width != 0;
    if (a.shape && a.dtype)
        m->array = a;
}

/* The pickle in hand waits; another begins. */
static void nest(struct machine *m)
{
    struct machine *around = m->outer ? NULL : malloc(sizeof *around);
    if (!around) {
        machine_note(m, WEIGHTS_SUSPICIOUS, "limit", "arrays of objects inside each other");
        return;
    }
    *around = *m;
    m->outer = around;
    m->stack = m->far = (struct values){0};
    m->memo = (struct memo){0};
    m->memo_used = m->marks = m->frame_end = 0;
    m->begin = m->next;
}

void joblib_return(struct machine *m)
{
    struct machine *around = m->outer;
    free(m->stack.v);
    free(m->far.v);
    free(m->memo.v);
    m->stack = around->stack;
    m->far = around->far;
    m->memo = around->memo;
    m->memo_used = around->memo_used;
    m->marks = around->marks;
    m->frame_end = around->frame_end;
    m->outer = NULL;
    free(around);
    /* the array takes the wrapper's place, which is on top already */
}

void joblib_array(struct machine *m)
{
    struct wrapped a = m->array;
    uint64_t bytes;
    m->array = (struct wrapped){0};
    if (!a.shape || !a.dtype) {
        machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-array",
                     "an array whose bytes cannot be followed");
        return;
    }
    m->jumped = true;
    if (a.width == JOBLIB_OBJECTS) {
        nest(m);
        return;
    }
    size_t at = m->next;
    if (a.aligned && at < m->in.n)
        at += 1 + (size_t)m->in.p[at];
    if (__builtin_mul_overflow(a.elements, a.width, &bytes) || at > m->in.n || bytes > m->in.n - at)
        machine_break(m, "an array longer than the file");
    else
        m->next = at + (size_t)bytes;
    if (m->next > m->frame_end)
        m->frame_end = 0;
}
