#include "core/network/media_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int media_file_size(const struct attachment *file, int64_t limit, int64_t *size, struct err *err)
{
	struct stat st;
	if (stat(file->path, &st))
		return err_set(err, ERR_NOT_FOUND, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_DATA, "it is no file");
	if (!attachment_type(file->path))
		return err_set(err, ERR_DATA, "it is no picture, video or sound by its name");
	if (st.st_size > limit)
		return err_set(err, ERR_LIMIT, "it has %.1f MB, the server takes %.1f", (double)st.st_size / 1e6,
		        (double)limit / 1e6);
	*size = st.st_size;
	return 0;
}

static int read_some(int fd, int64_t at, size_t len, struct str *bytes, struct err *err)
{
	char buffer[65536];
	while (len) {
		ssize_t n = pread(fd, buffer, len < sizeof buffer ? len : sizeof buffer, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(err, ERR_IO, "%s", n ? strerror(errno) : "it has become shorter");
		if (str_add(bytes, buffer, (size_t)n))
			return err_set(err, ERR_LIMIT, "it is too long");
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int media_file_read(const struct attachment *file, int64_t at, size_t len, struct str *bytes, struct err *err)
{
	int fd = open(file->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_NOT_FOUND, "%s", strerror(errno));
	int rc = read_some(fd, at, len, bytes, err);
	close(fd);
	return rc;
}

static void begin_part(struct str *form, const char *boundary, const char *name)
{
	str_addf(form, "--%s\r\nContent-Disposition: form-data; name=\"%s\"", boundary, name);
}

void form_field(struct str *form, const char *boundary, const char *name, const char *value)
{
	begin_part(form, boundary, name);
	str_addf(form, "\r\n\r\n%s\r\n", value);
}

void form_file(struct str *form, const char *boundary, const char *name, const struct attachment *file,
        const struct str *bytes)
{
	begin_part(form, boundary, name);
	str_addf(form, "; filename=\"file%s\"\r\nContent-Type: %s\r\n\r\n", strrchr(file->path, '.'),
	        attachment_type(file->path));
	str_add(form, bytes->p, bytes->len);
	str_adds(form, "\r\n");
}

void form_end(struct str *form, const char *boundary)
{
	str_addf(form, "--%s--\r\n", boundary);
}
