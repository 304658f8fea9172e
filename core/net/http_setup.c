#include "core/net/http_call.h"

#include "core/base/mem.h"
#include "core/base/secret.h"
#include "core/net/address.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

/* An address that is written out in a URL, IPv6 in brackets; numbers of other forms libcurl has made plain by now. */
static bool literal_address(const char *host, struct sockaddr_storage *out)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	char bare[64];
	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
		memcpy(out, &v4, sizeof v4);
		return true;
	}
	size_t len = strlen(host);
	if (host[0] != '[' || len < 3 || len - 2 >= sizeof bare)
		return false;
	snprintf(bare, sizeof bare, "%.*s", (int)(len - 2), host + 1);
	memcpy(out, &v6, sizeof v6);
	return inet_pton(AF_INET6, bare, &((struct sockaddr_in6 *)out)->sin6_addr) == 1;
}

static bool is_loopback(const char *host)
{
	struct sockaddr_storage address;
	if (str_ieq(host, "localhost"))
		return true;
	if (!literal_address(host, &address))
		return false;
	if (address.ss_family == AF_INET)
		return ntohl(((struct sockaddr_in *)&address)->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)&address)->sin6_addr);
}

static bool is_private_literal(const char *host)
{
	struct sockaddr_storage address;
	return literal_address(host, &address) && address_is_private((struct sockaddr *)&address);
}

static bool has_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
	curl_free(text);
	return has;
}

/* A URL may hold a token where a network knows no other place for it, so none is quoted in an error. */
static int check_url(struct http_call *call, const char *text, bool *loopback, struct err *err)
{
	int result = 0;
	char *scheme = NULL, *host = NULL;
	CURLUcode code = curl_url_set(call->url, CURLUPART_URL, text, 0);
	if (!code)
		code = curl_url_get(call->url, CURLUPART_SCHEME, &scheme, 0);
	if (!code)
		code = curl_url_get(call->url, CURLUPART_HOST, &host, 0);
	if (code) {
		result = err_set(err, ERR_USAGE, "malformed URL: %s", curl_url_strerror(code));
		goto out;
	}
	call->host = mem_strdup(host);
	*loopback = is_loopback(host);
	if (has_part(call->url, CURLUPART_USER) || has_part(call->url, CURLUPART_PASSWORD))
		result = err_set(err, ERR_USAGE, "%s: a URL must not hold a user name or password", host);
	else if (str_eq(scheme, "http") && !*loopback)
		result = err_set(err, ERR_USAGE,
		        "%s: plain http is refused, since others could read and change what is said; write https://",
		        host);
	else if (!str_eq(scheme, "http") && !str_eq(scheme, "https"))
		result = err_set(err, ERR_USAGE, "%s: expected https://, found %s://", host, scheme);
out:
	curl_free(scheme);
	curl_free(host);
	return result;
}

static bool is_clean(const char *value)
{
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* RFC 9110, 5.6.2: token. */
static bool is_token(const char *name)
{
	return *name && name[strspn(name, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
	                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0';
}

static void append(struct curl_slist **list, const char *line)
{
	*list = mem_checked(curl_slist_append(*list, line));
}

/* libcurl's spelling: "Name;" is a field with an empty value, "Name:" suppresses one of its own. The value is not
 * quoted in an error: it may be a token. */
static int add_field(struct http_call *call, const char *name, const char *prefix, const char *value, struct err *err)
{
	if (!is_token(name) || !is_clean(value))
		return err_set(err, ERR_USAGE, "%s: the header field %s holds characters that it must not", call->host,
		        is_token(name) ? name : "name");
	struct str line = STR_INIT;
	if (*value)
		str_addf(&line, "%s: %s%s", name, prefix, value);
	else
		str_addf(&line, "%s;", name);
	append(&call->fields, line.p);
	secret_release(&line);
	return 0;
}

static int set_fields(struct http_call *call, const struct http_request *request, struct err *err)
{
	int result = add_field(call, "Accept", "", str_or(request->accept, "application/json"), err);
	if (!result && request->content_type)
		result = add_field(call, "Content-Type", "", request->content_type, err);
	else if (!result)
		append(&call->fields, "Content-Type:");
	if (!result && request->bearer)
		result = add_field(call, "Authorization", "Bearer ", request->bearer, err);
	for (size_t i = 0; !result && i < request->headers_len; i++)
		result = add_field(call, request->headers[i].name, "", request->headers[i].value, err);
	/* Waiting for "100 Continue" gains nothing with bodies of this size. */
	append(&call->fields, "Expect:");
	curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->fields);
	return result;
}

static void set_method(struct http_call *call, const struct http_request *request)
{
	const char *method = str_or(request->method, "GET");
	bool reads = str_eq(method, "GET") || str_eq(method, "HEAD");
	size_t len = request->body ? request->body_len : 0;
	if (request->body || str_eq(method, "POST")) {
		call->body = mem_alloc(len + 1);
		call->body_len = len;
		if (request->body)
			memcpy(call->body, request->body, len);
		curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
		curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, call->body);
	}
	if (str_eq(method, "HEAD"))
		curl_easy_setopt(call->easy, CURLOPT_NOBODY, 1L);
	else if (!str_eq(method, "GET") || request->body)
		curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, method);
	/* When a reused connection turns out to be closed, libcurl sends the request again by itself, a POST too, and
	 * cannot know that the first was not read. On a fresh connection it never does (Curl_retry_request). */
	if (!reads)
		curl_easy_setopt(call->easy, CURLOPT_FRESH_CONNECT, 1L);
}

static void set_trust(CURL *easy)
{
	const char *file = str_or(getenv("CURL_CA_BUNDLE"), getenv("SSL_CERT_FILE"));
	if (file && *file) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, file);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* else Debian's directory is trusted beside it */
	}
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

/* The address is looked at here, after the name was resolved and when it is used: a name server cannot say one thing
 * first and another one later. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_call *call = arg;
	(void)purpose;
	if (call->public_only && address_is_private(&address->addr)) {
		call->met_private = true;
		return CURL_SOCKET_BAD;
	}
	int fd = socket(address->family, address->socktype, address->protocol);
	if (fd >= 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static void set_transport(struct http_call *call, CURLSH *share, bool loopback)
{
	CURL *easy = call->easy;
	curl_easy_setopt(easy, CURLOPT_CURLU, call->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_SHARE, share);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* A name server that does not answer must not hold up the loop when the request is given up. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, HTTP_USER_AGENT);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->detail);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call);
	/* A compressed stream would keep its newest event in the decompressor. */
	if (!call->streaming)
		curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	if (loopback)
		curl_easy_setopt(easy, CURLOPT_PROXY, "");
	set_trust(easy);
}

static bool has_proxy(void)
{
	static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (*str_or(getenv(names[i]), ""))
			return true;
	return false;
}

/* Where there is a proxy, every public address is beyond it, whatever no_proxy says; and the connection to the proxy
 * itself, mostly at a private address, is none of the request's. */
static int set_reach(struct http_call *call, const struct http_request *request, bool loopback, struct err *err)
{
	if (!request->public_only || loopback)
		return 0;
	if (is_private_literal(call->host))
		return refuse_private(call->host, err);
	if (has_proxy())
		curl_easy_setopt(call->easy, CURLOPT_NOPROXY, "");
	else
		call->public_only = true;
	return 0;
}

int http_call_setup(struct http_call *call, const struct http_request *request, CURLSH *share, struct err *err)
{
	bool loopback = false;
	call->url = curl_url();
	call->easy = curl_easy_init();
	if (!call->url || !call->easy)
		return err_set(err, ERR_INTERNAL, "libcurl gives no handle");
	if (!is_token(str_or(request->method, "GET")))
		return err_set(err, ERR_USAGE, "malformed request method");
	int result = check_url(call, request->url, &loopback, err);
	if (!result)
		result = set_fields(call, request, err);
	if (result)
		return result;
	set_method(call, request);
	set_transport(call, share, loopback);
	return set_reach(call, request, loopback, err);
}

/* Tokens are in the fields, and what a login trades in the body. libcurl's own copies are beyond our reach. */
static void wipe(struct http_call *call)
{
	for (struct curl_slist *field = call->fields; field; field = field->next)
		secret_wipe(field->data, strlen(field->data));
	secret_wipe(call->body, call->body_len);
}

void http_call_free(struct http_call *call)
{
	curl_easy_cleanup(call->easy);
	curl_url_cleanup(call->url);
	wipe(call);
	curl_slist_free_all(call->fields);
	headers_release(&call->response.headers);
	str_release(&call->response.body);
	free(call->body);
	free(call->host);
	free(call);
}
