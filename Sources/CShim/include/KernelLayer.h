// Whether a filter of the kernel keeps this process inside is found out by trying.
#ifndef GATEHOUSE_KERNEL_LAYER_H
#define GATEHOUSE_KERNEL_LAYER_H

#include <stdbool.h>

// Sends an empty datagram to an address that is reserved for documentation (RFC 5737, RFC 3849), discard port: 0, or a
// negative errno; -EPERM or -EACCES if a filter does not let it out. It takes no address, so that it cannot be used for more.
int gatehouse_send_nothing(bool ipv6);

#endif
