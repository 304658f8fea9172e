#include "core/base/child.h"

#include "core/base/mem.h"
#include "core/base/os.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* Who and where they are; the agents that they may ask for a secret; how the network is reached; which curlew this is.
 * A star at the end stands for any rest. */
static const char *const kept[] = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "LC_*", "TZ", "TERM",
        "COLORTERM", "TERMINFO", "TERMINFO_DIRS", "TMPDIR", "EDITOR", "VISUAL", "DISPLAY", "WAYLAND_DISPLAY", "TMUX",
        "XDG_*", "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "SSH_TTY", "GPG_TTY", "GNUPGHOME", "PASSWORD_STORE_*",
        "https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "CURL_CA_BUNDLE",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "CURLEW_*"};

enum { KEPT = sizeof kept / sizeof *kept, SIGNALS = 32 };

/* `name` is "NAME=value". */
static bool matches(const char *pattern, const char *name)
{
	size_t len = strlen(pattern);
	if (pattern[len - 1] == '*')
		return strncmp(pattern, name, len - 1) == 0;
	return strncmp(pattern, name, len) == 0 && name[len] == '=';
}

static bool is_kept(const char *name)
{
	for (int i = 0; i < KEPT; i++)
		if (matches(kept[i], name))
			return true;
	return false;
}

char **child_environment(void)
{
	size_t count = 0, len = 0;
	while (environ && environ[count])
		count++;
	char **list = mem_alloc((count + 1) * sizeof *list);
	for (size_t i = 0; i < count; i++)
		if (is_kept(environ[i]))
			list[len++] = environ[i];
	return list;
}

void child_keep_descriptors(void)
{
	os_close_at_exec(STDERR_FILENO + 1);
}

void child_become(const char *program, char *const args[])
{
	environ = child_environment();
	execvp(program, args);
}

void child_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, usual;
	sigemptyset(&none);
	sigemptyset(&usual);
	for (int number = 1; number < SIGNALS; number++)
		if (number != SIGKILL && number != SIGSTOP)
			sigaddset(&usual, number);
	posix_spawnattr_init(attributes);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &usual);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}
