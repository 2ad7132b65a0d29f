// Socket calls that the Glibc overlay does not show (GNU extensions), or that need a C union of address types.
#ifndef GATEHOUSE_SOCKETS_H
#define GATEHOUSE_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

// What one accepted or bound socket's address says: 4 or 16 bytes in network order, or 0 for a Unix socket.
struct gatehouse_address {
    uint8_t octets[16];
    uint8_t length;
    uint16_t port;
};

// A listening TCP socket, non-blocking and close-on-exec: the descriptor, or a negative errno. `reuse_port` lets
// several processes share the port (SO_REUSEPORT; libuv 1.44 has no option for it). IPv6 sockets take IPv6 only.
int gatehouse_listen_tcp(const struct gatehouse_address *address, int backlog, bool reuse_port);

// A listening Unix socket at `path` that only its owner may connect to (mode 0600), or a negative errno.
int gatehouse_listen_unix(const char *path, int backlog);

// Whether a process answers on the Unix socket at `path`: 0 if one does, else a negative errno. -ECONNREFUSED means
// that the file was left behind, -ENOTSOCK that it is no socket.
int gatehouse_probe_unix(const char *path);

// Makes a listening TCP socket that another process has opened one of ours: non-blocking, close-on-exec, without delay.
// 0, or a negative errno; -EINVAL if it does not listen.
int gatehouse_adopt_listener(int descriptor);

// Sends one datagram to the Unix socket at `path` without waiting; `@` begins a name outside the file system
// (sd_notify(3)). 0, or a negative errno.
int gatehouse_notify(const char *path, const char *text);

// Accepts one connection, non-blocking and close-on-exec (accept4 is a GNU extension): the descriptor, or a negative
// errno. Fills in the peer's address.
int gatehouse_accept(int listener, struct gatehouse_address *peer);

// The local address of a socket: 0, or a negative errno.
int gatehouse_local_address(int descriptor, struct gatehouse_address *local);

// Who connected to a Unix socket, as the kernel saw it at connect(2) (SO_PEERCRED; struct ucred is a GNU extension):
// 0, or a negative errno.
int gatehouse_peer_credentials(int descriptor, uint32_t *user, uint32_t *group, int32_t *process);

#endif
