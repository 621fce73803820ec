/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stacks are switched by the C library's ucontext: two system calls for the signal mask are nothing
 * beside a slice, and it knows what this processor wants (shadow stacks, arm64's registers).
 * Sanitizers are told of every switch, for they watch the stack.
 */
#include "fiber.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "clock.h"
#include "pace.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#endif
#ifdef WATCHED
#include <sanitizer/common_interface_defs.h>
#else
#define __sanitizer_start_switch_fiber(keep, bottom, size)  ((void)(keep), (void)(bottom))
#define __sanitizer_finish_switch_fiber(keep, bottom, size) ((void)(bottom), (void)(size))
#endif

struct fiber {
    struct pace pace;
    ucontext_t caller, own;
    uint8_t *map; /* the guard page, then the stack */
    size_t page, stack;
    fiber_fn *fn;
    void *arg;
    uint64_t until_ns;
    bool begun, cancelled; /* begun: fn has not returned */
    const void *caller_bottom;
    size_t caller_size;
};

/* From the fiber to its caller; `gone`: for good. */
static void go_back(struct fiber *f, bool gone)
{
    void *kept = NULL;
    __sanitizer_start_switch_fiber(gone ? NULL : &kept, f->caller_bottom, f->caller_size);
    swapcontext(&f->own, &f->caller);
    __sanitizer_finish_switch_fiber(kept, &f->caller_bottom, &f->caller_size);
}

static struct err turn(struct pace *p)
{
    struct fiber *f = (struct fiber *)((char *)p - offsetof(struct fiber, pace));
    if (!f->cancelled && clock_mono_ns() >= f->until_ns)
        go_back(f, false);
    return f->cancelled ? err(ERR_CLOSED) : OK;
}

struct err fiber_new(size_t stack, struct fiber **out)
{
    struct fiber *f = calloc(1, sizeof *f);
    if (!f)
        return err(ERR_NOMEM);
    f->pace.turn = turn;
    f->page = (size_t)sysconf(_SC_PAGESIZE);
    f->stack = (stack + f->page - 1) / f->page * f->page;
    f->map = mmap(NULL, f->page + f->stack, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool good =
        f->map != MAP_FAILED && mprotect(f->map + f->page, f->stack, PROT_READ | PROT_WRITE) == 0;
    if (!good) {
        if (f->map != MAP_FAILED)
            munmap(f->map, f->page + f->stack);
        free(f);
        return err(ERR_NOMEM);
    }
    *out = f;
    return OK;
}

void fiber_free(struct fiber *f)
{
    if (!f)
        return;
    munmap(f->map, f->page + f->stack);
    free(f);
}

/* makecontext passes int: the pointer comes in two. */
static void enter(unsigned high, unsigned low)
{
    struct fiber *f = (struct fiber *)((uintptr_t)high << 16 << 16 | low);
    __sanitizer_finish_switch_fiber(NULL, &f->caller_bottom, &f->caller_size);
    f->fn(f->arg);
    f->begun = false;
    go_back(f, true);
}

void fiber_begin(struct fiber *f, fiber_fn *fn, void *arg)
{
    f->fn = fn;
    f->arg = arg;
    f->begun = true;
    f->cancelled = false;
    getcontext(&f->own);
    f->own.uc_stack.ss_sp = f->map + f->page;
    f->own.uc_stack.ss_size = f->stack;
    f->own.uc_link = NULL;
    uintptr_t self = (uintptr_t)f;
    makecontext(&f->own, (void (*)(void))enter, 2, (unsigned)(self >> 16 >> 16), (unsigned)self);
}

bool fiber_run(struct fiber *f, uint64_t slice_ns)
{
    void *kept = NULL;
    f->until_ns = clock_mono_ns() + slice_ns;
    pace_at_work = &f->pace;
    __sanitizer_start_switch_fiber(&kept, f->map + f->page, f->stack);
    swapcontext(&f->caller, &f->own);
    __sanitizer_finish_switch_fiber(kept, NULL, NULL);
    pace_at_work = NULL;
    return !f->begun;
}

void fiber_cancel(struct fiber *f)
{
    if (!f->begun)
        return;
    f->cancelled = true;
    fiber_run(f, 0);
}
