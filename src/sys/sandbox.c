/* SPDX-License-Identifier: Apache-2.0 */
/* The ladder. Each process climbs it once, at the end of its start-up. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox_int.h"
#include "sys_int.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE              65 /* Linux 6.3 */
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

void sandbox_add_path(struct sandbox *box, const char *path, enum sandbox_access access)
{
    if (box->path_count == SANDBOX_PATHS_MAX)
        return; /* less is allowed, never more */
    box->paths[box->path_count].path = path;
    box->paths[box->path_count++].access = access;
}

void sandbox_add_port(struct sandbox *box, uint16_t port)
{
    for (size_t i = 0; i < box->port_count; i++)
        if (box->connect_ports[i] == port)
            return;
    if (box->port_count < SANDBOX_PORTS_MAX)
        box->connect_ports[box->port_count++] = port;
}

static struct err limit(int what, rlim_t to)
{
    struct rlimit r = {to, to};
    return setrlimit(what, &r) < 0 ? io_error() : OK;
}

static struct err set_limits(const struct sandbox *box)
{
    TRY(limit(RLIMIT_CORE, 0));
    return box->may_fork ? OK : limit(RLIMIT_NPROC, 0);
}

/* True when no capability is left in any set that counts. */
static bool drop_capabilities(void)
{
    for (int c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
        prctl(PR_CAPBSET_DROP, c, 0, 0, 0); /* only with CAP_SETPCAP */
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    return syscall(SYS_capset, &head, none) == 0;
}

/* The steps that need the table: what only a process that starts no other can bear. */
static struct err close_in(const struct sandbox *box, struct sandbox_report *out)
{
    if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == 0)
        out->holds |= SANDBOX_NO_WRITE_EXEC;
    TRY(calls_enter(box));
    out->holds |= SANDBOX_CALLS;
    return OK;
}

struct err sandbox_enter(const struct sandbox *box, struct sandbox_report *out)
{
    bool starts_others = box->call_count == 0;
    *out = (struct sandbox_report){0};
    TRY(set_limits(box));
    out->holds |= SANDBOX_LIMITS;
    if (drop_capabilities())
        out->holds |= SANDBOX_CAPABILITIES;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return io_error();
    out->holds |= SANDBOX_NO_NEW_PRIVILEGES;
    if (!starts_others)
        TRY(landlock_enter(box, out));
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return io_error();
    out->holds |= SANDBOX_NOT_DUMPABLE;
    return starts_others ? OK : close_in(box, out);
}

const char *sandbox_step_name(enum sandbox_step s)
{
    static const char *const names[] = {"limits",       "capabilities",  "no_new_privileges",
                                        "files",        "ports",         "scopes",
                                        "not_dumpable", "no_write_exec", "calls"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if ((unsigned)s == 1U << i)
            return names[i];
    return "?";
}
