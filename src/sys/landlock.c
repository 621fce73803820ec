/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock by raw system calls: the headers of Debian 12 stop at the second version of the
 * interface, the kernel may be older or newer. Only as much of the attributes is passed as the
 * kernel's version knows, and what it does not know is not asked for.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox_int.h"
#include "sys_int.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

/* Rights on files, by bit; in the order in which versions added them. */
enum {
    FS_EXECUTE = 1 << 0,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_REMOVE_DIR = 1 << 4,
    FS_REMOVE_FILE = 1 << 5,
    FS_MAKE_DIR = 1 << 7,
    FS_MAKE_REG = 1 << 8,
    FS_ABI1 = (1 << 13) - 1,
    FS_REFER = 1 << 13,     /* 2 */
    FS_TRUNCATE = 1 << 14,  /* 3 */
    FS_IOCTL_DEV = 1 << 15, /* 5 */
};
enum { NET_BIND_TCP = 1 << 0, NET_CONNECT_TCP = 1 << 1 };     /* 4 */
enum { SCOPE_ABSTRACT_UNIX = 1 << 0, SCOPE_SIGNAL = 1 << 1 }; /* 6 */
enum { RULE_PATH_BENEATH = 1, RULE_NET_PORT = 2, ASK_VERSION = 1 };

struct ruleset_attr {
    uint64_t fs, net, scoped;
};
struct path_attr {
    uint64_t allowed;
    int32_t parent_fd;
} __attribute__((packed));
struct port_attr {
    uint64_t allowed, port;
};

/* What a file that is no directory can be granted. */
#define FS_OF_FILE (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

static int abi_bound = -1;

void sandbox_limit_landlock(int abi)
{
    abi_bound = abi;
}

int sandbox_landlock_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
    if (abi < 0)
        abi = 0;
    return (int)(abi_bound >= 0 && abi > abi_bound ? abi_bound : abi);
}

static uint64_t fs_of(int abi)
{
    return (uint64_t)FS_ABI1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
           (abi >= 5 ? FS_IOCTL_DEV : 0);
}

static uint64_t rights_of(enum sandbox_access access)
{
    uint64_t read = FS_READ_FILE | FS_READ_DIR;
    if (access == SANDBOX_PATH_READ)
        return read;
    return read | FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG |
           FS_REFER | FS_TRUNCATE;
}

static struct err add_path(int rules, const char *path, uint64_t rights)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == EACCES ? OK : io_error();
    struct stat st;
    if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
        rights &= FS_OF_FILE;
    struct path_attr a = {.allowed = rights, .parent_fd = fd};
    struct err e = OK;
    if (syscall(SYS_landlock_add_rule, rules, RULE_PATH_BENEATH, &a, 0) < 0)
        e = io_error();
    close(fd);
    return e;
}

static struct err add_rules(int rules, const struct sandbox *box, const struct ruleset_attr *all)
{
    for (size_t i = 0; i < box->path_count; i++)
        TRY(add_path(rules, box->paths[i].path, rights_of(box->paths[i].access) & all->fs));
    if (!(all->net & NET_CONNECT_TCP))
        return OK;
    for (size_t i = 0; i < box->port_count; i++) {
        struct port_attr a = {.allowed = NET_CONNECT_TCP, .port = box->connect_ports[i]};
        if (syscall(SYS_landlock_add_rule, rules, RULE_NET_PORT, &a, 0) < 0)
            return io_error();
    }
    return OK;
}

struct err landlock_enter(const struct sandbox *box, struct sandbox_report *out)
{
    int abi = sandbox_landlock_abi();
    out->landlock_abi = abi;
    if (abi == 0)
        return OK;
    struct ruleset_attr all = {.fs = fs_of(abi)};
    size_t size = sizeof all.fs;
    if (abi >= 4) {
        all.net = (uint64_t)NET_BIND_TCP | (box->any_port ? 0 : NET_CONNECT_TCP);
        size += sizeof all.net;
    }
    if (abi >= 6) {
        all.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
        size += sizeof all.scoped;
    }
    int rules = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
    if (rules < 0)
        return io_error();
    struct err e = add_rules(rules, box, &all);
    if (!failed(e) && syscall(SYS_landlock_restrict_self, rules, 0) < 0)
        e = io_error();
    close(rules);
    TRY(e);
    out->holds |= SANDBOX_FILES;
    if (abi >= 4)
        out->holds |= SANDBOX_PORTS;
    if (abi >= 6)
        out->holds |= SANDBOX_SCOPES;
    return OK;
}
