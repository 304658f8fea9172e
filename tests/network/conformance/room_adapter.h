/* The process of the adapter's row. */
#ifndef TESTS_NETWORK_CONFORMANCE_ROOM_ADAPTER_H
#define TESTS_NETWORK_CONFORMANCE_ROOM_ADAPTER_H

/* Carries bytes between its standard input and output and a socket of 127.0.0.1, until either ends: the exit status, 1
 * when it was the socket. */
int bridge(int port);

#endif
