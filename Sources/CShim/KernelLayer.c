#define _GNU_SOURCE
#include "KernelLayer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

// RFC 863.
enum { discard = 9 };

int gatehouse_send_nothing(bool ipv6) {
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(discard)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(discard)};
    inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr);
    inet_pton(AF_INET6, "2001:db8::1", &v6.sin6_addr);
    int descriptor = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return -errno;
    const struct sockaddr *address = ipv6 ? (const struct sockaddr *)&v6 : (const struct sockaddr *)&v4;
    int status = sendto(descriptor, NULL, 0, 0, address, ipv6 ? sizeof v6 : sizeof v4) < 0 ? -errno : 0;
    close(descriptor);
    return status;
}
