#include "core/base/log.h"
#include "core/base/clock.h"
#include "core/base/secret.h"
#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROTATE_AT = 8 * 1024 * 1024, LINE_MAX_BYTES = 16 * 1024 };

/* A store's worker logs too, so that everything here is taken under the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = STDERR_FILENO;
static char program_name[32] = "curlew";
static enum log_level least_level = LOG_INFO;

static void rotate(const char *file)
{
	struct stat st;
	if (stat(file, &st) || !S_ISREG(st.st_mode) || st.st_size <= ROTATE_AT)
		return;
	struct str old = STR_INIT;
	str_addf(&old, "%s.1", file);
	rename(file, old.p); /* when it fails, the log goes on growing where it is */
	str_release(&old);
}

/* One that was made when others might read it: from now on they may not. */
static void keep_private(int fd)
{
	struct stat st;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & 077)
		fchmod(fd, 0600);
}

static void close_file(void)
{
	if (log_fd != STDERR_FILENO)
		close(log_fd);
	log_fd = STDERR_FILENO;
}

int log_open(const char *file, const char *program, enum log_level least, struct err *err)
{
	int fd = STDERR_FILENO;
	if (file) {
		rotate(file);
		fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			return err_set(err, ERR_IO, "cannot open the log %s: %s", file, strerror(errno));
		keep_private(fd);
	}
	pthread_mutex_lock(&lock);
	close_file();
	log_fd = fd;
	least_level = least;
	str_copy(program_name, sizeof program_name, program);
	pthread_mutex_unlock(&lock);
	return 0;
}

void log_close(void)
{
	pthread_mutex_lock(&lock);
	close_file();
	pthread_mutex_unlock(&lock);
	secret_forget_all();
}

/* A terminal that takes no UTF-8 takes bytes within it for controls. */
static bool takes_utf8(int fd)
{
	return !isatty(fd) || strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void add_visible(struct str *line, const char *text, size_t len, bool utf8)
{
	for (size_t i = 0; i < len;) {
		uint32_t cp;
		size_t n = utf8_decode(text + i, len - i, &cp);
		if (utf8_is_hidden(cp) || (!utf8 && cp >= 0x80) || !utf8_valid(text + i, n))
			for (size_t k = 0; k < n; k++)
				str_addf(line, "\\x%02x", (unsigned char)text[i + k]);
		else
			str_add(line, text + i, n);
		i += n;
	}
}

static void write_all(const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(log_fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* there is nowhere left to say so */
		p += n;
		len -= (size_t)n;
	}
}

void log_line(enum log_level level, const char *fmt, ...)
{
	static const char *const words[] = {"debug", "info", "warn", "error"};
	struct str text = STR_INIT, line = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&text, fmt, ap);
	va_end(ap);
	text.len = secret_hide(text.p, text.len);
	char when[32];
	time_format_rfc3339(clock_wall_ms(), when, sizeof when);

	pthread_mutex_lock(&lock);
	if (level >= least_level) {
		str_addf(&line, "%s %s %s[%ld]: ", when, words[level], program_name, (long)getpid());
		line.max = LINE_MAX_BYTES; /* what does not fit is left out, never cut in the middle of a mark */
		add_visible(&line, text.p, text.len, takes_utf8(log_fd));
		line.max++;
		str_addc(&line, '\n');
		write_all(line.p, line.len);
	}
	pthread_mutex_unlock(&lock);
	str_release(&text);
	str_release(&line);
}
