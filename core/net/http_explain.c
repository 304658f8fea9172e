#include "core/net/http_call.h"

#include <string.h>

int refuse_private(const char *host, struct err *err)
{
	return err_set(err, ERR_PERMISSION,
	        "%s: this is a private address, of this machine or a network behind it; nothing was sent", host);
}

static void explain_connect(const struct http_call *call, struct err *err)
{
	long os = 0;
	curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &os);
	err_set(err, ERR_UNAVAILABLE, "%s: cannot connect: %s; is the server up, and is its name or port right?",
	        call->host, os ? strerror((int)os) : call->detail);
}

static void explain_timeout(const struct http_call *call, struct err *err)
{
	int64_t limit = call->timeout_ms;
	if (!call->handed_over && call->connect_timeout_ms < limit)
		limit = call->connect_timeout_ms;
	err_set(err, ERR_UNAVAILABLE, "%s: no %s within %g s", call->host,
	        call->handed_over ? "whole answer" : "connection", (double)limit / 1000);
}

static void explain_tls(const struct http_call *call, CURLcode code, struct err *err)
{
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		err_set(err, ERR_PROTOCOL,
		        "%s: its certificate is not accepted (%s); nothing was sent. If the server is yours, add its "
		        "authority's "
		        "certificate to this machine's (update-ca-certificates), or name the file in SSL_CERT_FILE",
		        call->host, call->detail);
	else if (code == CURLE_SSL_CACERT_BADFILE)
		err_set(err, ERR_CONFIG,
		        "the certificates to trust cannot be read (%s); check CURL_CA_BUNDLE and SSL_CERT_FILE, or "
		        "install "
		        "ca-certificates",
		        call->detail);
	else
		err_set(err, ERR_PROTOCOL, "%s: TLS 1.2 or newer could not be agreed on (%s)", call->host,
		        call->detail);
}

void http_explain(const struct http_call *call, CURLcode code, struct err *err)
{
	const char *detail = str_or(call->detail, curl_easy_strerror(code));
	if (call->over_cap) {
		err_set(err, ERR_LIMIT, "%s: the answer is larger than %zu bytes", call->host,
		        call->head_done ? call->response.body.max : HEADERS_MAX_BYTES);
		return;
	}
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		err_set(err, ERR_UNAVAILABLE,
		        "%s: this name does not resolve; check its spelling, and this machine's DNS", call->host);
		return;
	case CURLE_COULDNT_RESOLVE_PROXY:
		err_set(err, ERR_UNAVAILABLE,
		        "%s: the proxy's name does not resolve; check https_proxy in the environment", call->host);
		return;
	case CURLE_COULDNT_CONNECT:
		if (call->met_private)
			refuse_private(call->host, err);
		else
			explain_connect(call, err);
		return;
	case CURLE_OPERATION_TIMEDOUT: explain_timeout(call, err); return;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CONNECT_ERROR: explain_tls(call, code, err); return;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		err_set(err, ERR_PROTOCOL, "%s: the answer is not HTTP (%s)", call->host, detail);
		return;
	default:
		err_set(err, ERR_UNAVAILABLE, "%s: the connection failed before the answer was whole (%s)", call->host,
		        detail);
		return;
	}
}
