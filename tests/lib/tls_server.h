/* OpenSSL's own server on 127.0.0.1, with a certificate made for the test: TLS as others speak it. */
#ifndef TESTS_LIB_TLS_SERVER_H
#define TESTS_LIB_TLS_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct tls_server {
	pid_t pid;
	int in, out; /* of a server that hands bytes through: what is written to `in` goes to the client */
	int port;
	char dir[64], cert[96], key[96];
};

struct tls_setup {
	const char *ip; /* whom the certificate is for; the server is at 127.0.0.1 whatever it says */
	bool expired;
	bool pages;          /* answers requests with a page, instead of handing bytes through */
	const char *version; /* "-tls1_2": speaks it alone, at the security level 0 that old ones need; NULL: any */
};

int tls_server_start(struct tls_server *tls, const struct tls_setup *setup); /* -1: openssl does not start */
void tls_server_stop(struct tls_server *tls);

#endif
