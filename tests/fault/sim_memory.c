/* Files in memory, as SQLite wants them: what the connections of one process see of each other's writes, locks and
 * shared memory, without a call of the system. sim_disk.c stands before it and makes the faults. */
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/fault/sim_disk.h"

#include <assert.h>

#define FILES_MAX 8 /* a database, its log and its journal, twice */
#define REGIONS_MAX 32

struct handle;

struct content {
	char name[96]; /* "" none */
	bool exists;
	unsigned char *bytes;
	size_t len, room;
	struct handle *first; /* who has it open */
	void *regions[REGIONS_MAX];
};

struct handle {
	sqlite3_file base;
	struct content *content;
	int lock;                   /* SQLITE_LOCK_… of the database */
	unsigned shared, exclusive; /* slots of the shared memory that it holds */
	bool maps;
	struct handle *next;
};

static struct content contents[FILES_MAX];

static struct handle *handle_of(sqlite3_file *file)
{
	return (struct handle *)file;
}

/* --- contents */

static struct content *content_named(const char *name)
{
	struct content *unused = NULL;
	for (int i = 0; i < FILES_MAX; i++) {
		if (str_eq(contents[i].name, name))
			return &contents[i];
		if (!contents[i].name[0] && !unused)
			unused = &contents[i];
	}
	assert(unused);
	str_copy(unused->name, sizeof unused->name, name);
	return unused;
}

static void resize(struct content *content, size_t len)
{
	if (len > content->room) {
		content->room = len * 2;
		content->bytes = mem_realloc(content->bytes, content->room, 1);
	}
	if (len > content->len)
		memset(content->bytes + content->len, 0, len - content->len);
	content->len = len;
}

static void drop_regions(struct content *content)
{
	for (int i = 0; i < REGIONS_MAX; i++) {
		free(content->regions[i]);
		content->regions[i] = NULL;
	}
}

void memory_put(const char *name, const void *bytes, size_t len)
{
	struct content *content = content_named(name);
	resize(content, 0);
	content->exists = len > 0;
	resize(content, len);
	if (len)
		memcpy(content->bytes, bytes, len);
}

const void *memory_get(const char *name, size_t *len)
{
	const struct content *content = content_named(name);
	*len = content->len;
	return content->bytes;
}

void memory_release(void)
{
	for (int i = 0; i < FILES_MAX; i++) {
		drop_regions(&contents[i]);
		free(contents[i].bytes);
		contents[i] = (struct content){0};
	}
}

/* --- bytes */

static int file_read(sqlite3_file *file, void *to, int wanted, sqlite3_int64 at)
{
	const struct content *content = handle_of(file)->content;
	size_t len = (size_t)wanted, from = (size_t)at;
	size_t there = from >= content->len ? 0 : content->len - from;
	size_t n = there < len ? there : len;
	if (n)
		memcpy(to, content->bytes + from, n);
	memset((char *)to + n, 0, len - n);
	return n == len ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *file, const void *from, int wanted, sqlite3_int64 at)
{
	struct content *content = handle_of(file)->content;
	size_t end = (size_t)at + (size_t)wanted;
	if (end > content->len)
		resize(content, end);
	memcpy(content->bytes + at, from, (size_t)wanted);
	return SQLITE_OK;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	resize(handle_of(file)->content, (size_t)size);
	return SQLITE_OK;
}

static int file_sync(sqlite3_file *file, int flags)
{
	(void)file, (void)flags;
	return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)handle_of(file)->content->len;
	return SQLITE_OK;
}

/* --- locks of the database (sqlite.org/lockingv3.html) */

/* Somebody else holds this lock or a stronger one. */
static bool others_hold(const struct handle *handle, int lock)
{
	for (const struct handle *h = handle->content->first; h; h = h->next)
		if (h != handle && h->lock >= lock)
			return true;
	return false;
}

static int file_lock(sqlite3_file *file, int wanted)
{
	struct handle *handle = handle_of(file);
	if (handle->lock >= wanted)
		return SQLITE_OK;
	if (others_hold(handle, wanted == SQLITE_LOCK_SHARED ? SQLITE_LOCK_PENDING : SQLITE_LOCK_RESERVED))
		return SQLITE_BUSY;
	bool waits = wanted == SQLITE_LOCK_EXCLUSIVE && others_hold(handle, SQLITE_LOCK_SHARED);
	handle->lock = waits ? SQLITE_LOCK_PENDING : wanted;
	return waits ? SQLITE_BUSY : SQLITE_OK;
}

static int file_unlock(sqlite3_file *file, int wanted)
{
	struct handle *handle = handle_of(file);
	if (handle->lock > wanted)
		handle->lock = wanted;
	return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *file, int *out)
{
	struct handle *handle = handle_of(file);
	*out = handle->lock >= SQLITE_LOCK_RESERVED || others_hold(handle, SQLITE_LOCK_RESERVED);
	return SQLITE_OK;
}

/* --- shared memory (sqlite.org/c3ref/io_methods.html, sqlite.org/walformat.html) */

static int shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
	struct handle *handle = handle_of(file);
	*out = NULL;
	handle->maps = true;
	if (region >= REGIONS_MAX)
		return SQLITE_FULL;
	void **at = &handle->content->regions[region];
	if (!*at && extend)
		*at = mem_alloc((size_t)size);
	*out = *at;
	return SQLITE_OK;
}

static int shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	struct handle *handle = handle_of(file);
	unsigned slots = ((1u << n) - 1) << offset;
	bool exclusive = flags & SQLITE_SHM_EXCLUSIVE;
	if (flags & SQLITE_SHM_UNLOCK) {
		*(exclusive ? &handle->exclusive : &handle->shared) &= ~slots;
		return SQLITE_OK;
	}
	for (const struct handle *h = handle->content->first; h; h = h->next)
		if (h != handle && slots & (h->exclusive | (exclusive ? h->shared : 0)))
			return SQLITE_BUSY;
	*(exclusive ? &handle->exclusive : &handle->shared) |= slots;
	return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *file)
{
	(void)file;
}

/* The last one takes it along: who comes next begins with an empty one, and rebuilds it from the log. */
static int shm_unmap(sqlite3_file *file, int remove)
{
	struct handle *handle = handle_of(file);
	bool used = false;
	(void)remove;
	handle->maps = false;
	handle->shared = handle->exclusive = 0;
	for (const struct handle *h = handle->content->first; h; h = h->next)
		used |= h->maps;
	if (!used)
		drop_regions(handle->content);
	return SQLITE_OK;
}

/* --- a file's life */

static int file_close(sqlite3_file *file)
{
	struct handle *handle = handle_of(file);
	for (struct handle **p = &handle->content->first; *p; p = &(*p)->next)
		if (*p == handle) {
			*p = handle->next;
			break;
		}
	return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
	(void)file, (void)op, (void)arg;
	return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *file)
{
	(void)file;
	return 4096;
}

static int file_characteristics(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
        .iVersion = 2,
        .xClose = file_close,
        .xRead = file_read,
        .xWrite = file_write,
        .xTruncate = file_truncate,
        .xSync = file_sync,
        .xFileSize = file_size,
        .xLock = file_lock,
        .xUnlock = file_unlock,
        .xCheckReservedLock = file_check_reserved,
        .xFileControl = file_control,
        .xSectorSize = file_sector_size,
        .xDeviceCharacteristics = file_characteristics,
        .xShmMap = shm_map,
        .xShmLock = shm_lock,
        .xShmBarrier = shm_barrier,
        .xShmUnmap = shm_unmap,
};

/* --- the VFS */

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *out, int flags, int *out_flags)
{
	(void)vfs;
	struct handle *handle = handle_of(out);
	*handle = (struct handle){.content = name ? content_named(name) : NULL};
	if (!handle->content)
		return SQLITE_CANTOPEN; /* a temporary one: the store has none (PRAGMA temp_store=MEMORY) */
	handle->base.pMethods = &methods;
	handle->content->exists = true;
	handle->next = handle->content->first;
	handle->content->first = handle;
	if (out_flags)
		*out_flags = flags;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
	(void)vfs, (void)sync_dir;
	struct content *content = content_named(name);
	content->exists = false;
	resize(content, 0);
	return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	(void)vfs, (void)flags;
	*out = content_named(name)->exists;
	return SQLITE_OK;
}

static int vfs_full_pathname(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	(void)vfs;
	str_copy(out, (size_t)size, name);
	return SQLITE_OK;
}

sqlite3_vfs *memory_vfs(void)
{
	static sqlite3_vfs vfs;
	vfs = *sqlite3_vfs_find("unix");
	vfs.szOsFile = (int)sizeof(struct handle);
	vfs.pNext = NULL;
	vfs.zName = "memory";
	vfs.xOpen = vfs_open;
	vfs.xDelete = vfs_delete;
	vfs.xAccess = vfs_access;
	vfs.xFullPathname = vfs_full_pathname;
	return &vfs;
}
