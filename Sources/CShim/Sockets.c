#define _GNU_SOURCE
#include "Sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void read_address(const struct sockaddr_storage *storage, struct gatehouse_address *address) {
    memset(address, 0, sizeof *address);
    if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)storage;
        memcpy(address->octets, &v4->sin_addr, 4);
        address->length = 4;
        address->port = ntohs(v4->sin_port);
    } else if (storage->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)storage;
        memcpy(address->octets, &v6->sin6_addr, 16);
        address->length = 16;
        address->port = ntohs(v6->sin6_port);
    }
}

static socklen_t write_address(const struct gatehouse_address *address, struct sockaddr_storage *storage) {
    memset(storage, 0, sizeof *storage);
    if (address->length == 4) {
        struct sockaddr_in *v4 = (struct sockaddr_in *)storage;
        v4->sin_family = AF_INET;
        v4->sin_port = htons(address->port);
        memcpy(&v4->sin_addr, address->octets, 4);
        return sizeof *v4;
    }
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)storage;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address->port);
    memcpy(&v6->sin6_addr, address->octets, 16);
    return sizeof *v6;
}

static int write_path(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path)
        return -ENAMETOOLONG;
    strcpy(address->sun_path, path);
    return 0;
}

// Closes `descriptor` and hands on the errno that made it useless.
static int give_up(int descriptor) {
    int cause = errno;
    close(descriptor);
    return -cause;
}

static int switch_on(int descriptor, int level, int option) {
    int on = 1;
    return setsockopt(descriptor, level, option, &on, sizeof on);
}

int gatehouse_listen_tcp(const struct gatehouse_address *address, int backlog, bool reuse_port) {
    struct sockaddr_storage storage;
    socklen_t length = write_address(address, &storage);
    int descriptor = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return -errno;
    // TCP_NODELAY on the listener is inherited by every accepted socket on Linux: one call instead of one each.
    if (switch_on(descriptor, SOL_SOCKET, SO_REUSEADDR) || switch_on(descriptor, IPPROTO_TCP, TCP_NODELAY) ||
        (reuse_port && switch_on(descriptor, SOL_SOCKET, SO_REUSEPORT)) ||
        (storage.ss_family == AF_INET6 && switch_on(descriptor, IPPROTO_IPV6, IPV6_V6ONLY)) ||
        bind(descriptor, (struct sockaddr *)&storage, length) || listen(descriptor, backlog))
        return give_up(descriptor);
    return descriptor;
}

int gatehouse_listen_unix(const char *path, int backlog) {
    struct sockaddr_un address;
    int status = write_path(path, &address);
    if (status < 0)
        return status;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return -errno;
    // The mode is set between bind and listen: until listen nobody can connect, so there is no moment of weaker rights.
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address))
        return give_up(descriptor);
    if (chmod(path, 0600) || listen(descriptor, backlog)) {
        int cause = errno;
        unlink(path);
        errno = cause;
        return give_up(descriptor);
    }
    return descriptor;
}

int gatehouse_probe_unix(const char *path) {
    struct sockaddr_un address;
    struct stat found;
    int status = write_path(path, &address);
    if (status < 0)
        return status;
    if (lstat(path, &found))
        return -errno;
    if (!S_ISSOCK(found.st_mode))
        return -ENOTSOCK;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return -errno;
    // EAGAIN is a full backlog: somebody listens, but slowly.
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) && errno != EAGAIN)
        return give_up(descriptor);
    close(descriptor);
    return 0;
}

int gatehouse_adopt_listener(int descriptor) {
    int listens = 0;
    socklen_t length = sizeof listens;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length))
        return -errno;
    if (!listens)
        return -EINVAL;
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) || fcntl(descriptor, F_SETFD, FD_CLOEXEC) ||
        switch_on(descriptor, IPPROTO_TCP, TCP_NODELAY))
        return -errno;
    return 0;
}

int gatehouse_notify(const char *path, const char *text) {
    struct sockaddr_un address;
    int status = write_path(path, &address);
    if (status < 0)
        return status;
    socklen_t length = sizeof address;
    if (path[0] == '@') {
        address.sun_path[0] = 0;
        length = offsetof(struct sockaddr_un, sun_path) + strlen(path);
    }
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return -errno;
    if (sendto(descriptor, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address, length) < 0)
        return give_up(descriptor);
    close(descriptor);
    return 0;
}

int gatehouse_accept(int listener, struct gatehouse_address *peer) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    storage.ss_family = AF_UNSPEC;
    int descriptor = accept4(listener, (struct sockaddr *)&storage, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0)
        return -errno;
    read_address(&storage, peer);
    return descriptor;
}

int gatehouse_local_address(int descriptor, struct gatehouse_address *local) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    if (getsockname(descriptor, (struct sockaddr *)&storage, &length))
        return -errno;
    read_address(&storage, local);
    return 0;
}

int gatehouse_peer_credentials(int descriptor, uint32_t *user, uint32_t *group, int32_t *process) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length))
        return -errno;
    *user = credentials.uid;
    *group = credentials.gid;
    *process = credentials.pid;
    return 0;
}
