/* SPDX-License-Identifier: Apache-2.0 */
/* Between net.c and net_addr.c: addresses as the kernel has them. */
#ifndef SANCTUM_SYS_NET_INT_H
#define SANCTUM_SYS_NET_INT_H

#include <sys/socket.h>

#include "net.h"

/* Fill sa; returns its length, 0 when a is no IP address. */
socklen_t net_to_sockaddr(const struct net_addr *a, struct sockaddr_storage *sa);
/* Total: a family that is none of ours gives NET_NONE. */
void net_from_sockaddr(const struct sockaddr_storage *sa, struct net_addr *out);

#endif
