#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// Options are macros that Swift cannot read. No renegotiation (RFC 5246's costs the server more than the client), no
// compression (CRIME), the server's order of ciphers.
static inline uint64_t gatehouse_server_options(void) {
    return SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE;
}

// Stacks are macros for each type of element. The names that a certificate gives its holder (RFC 5280 section 4.2.1.6):
// their count, and of one its kind, 1 mail, 2 host, 6 URI, else 0; `bytes` are not ended by a zero.
static inline int gatehouse_names_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }

static inline int gatehouse_name(const GENERAL_NAMES *names, int index, const unsigned char **bytes, int *count) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
    if (name->type != GEN_EMAIL && name->type != GEN_DNS && name->type != GEN_URI) return 0;
    *bytes = ASN1_STRING_get0_data(name->d.ia5);
    *count = ASN1_STRING_length(name->d.ia5);
    return name->type;
}
