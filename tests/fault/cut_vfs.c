#include "tests/fault/cut_vfs.h"

#include "core/base/mem.h"
#include "core/base/vec.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define SECTOR 4096
#define FILES_MAX 8
#define SHM_MAX 64

struct bytes {
	unsigned char *p;
	size_t len;
};

enum op_kind { OP_WRITE, OP_TRUNCATE, OP_SYNC, OP_DELETE };

struct op {
	enum op_kind kind;
	int file;
	bool lasts;   /* OP_DELETE: the directory was synced, too */
	bool settled; /* on the disk for certain */
	size_t at;    /* of the write; the size of OP_TRUNCATE */
	struct bytes bytes;
};

struct content {
	struct bytes bytes;
	bool exists;
};

static struct {
	sqlite3_vfs vfs, *real;
	char *names[FILES_MAX];
	struct content seen[FILES_MAX], held[FILES_MAX]; /* held: what the disk holds for certain, before `until` */
	void *shm[FILES_MAX][SHM_MAX];
	int files;
	int64_t until;
	VEC(struct op) ops;
	bool records;
} cut;

/* --- contents */

static void content_resize(struct content *content, size_t len)
{
	if (len > content->bytes.len) {
		content->bytes.p = mem_realloc(content->bytes.p, len, 1);
		memset(content->bytes.p + content->bytes.len, 0, len - content->bytes.len);
	}
	content->bytes.len = len;
}

static void content_write(struct content *content, size_t at, const void *bytes, size_t len)
{
	content->exists = true;
	if (at + len > content->bytes.len)
		content_resize(content, at + len);
	if (len)
		memcpy(content->bytes.p + at, bytes, len);
}

static void content_copy(struct content *to, const struct content *from)
{
	content_resize(to, 0);
	content_write(to, 0, from->bytes.p, from->bytes.len);
	to->exists = from->exists;
}

/* The first `len` bytes of a write; whole otherwise. */
static void content_apply(struct content *content, const struct op *op, size_t len)
{
	switch (op->kind) {
	case OP_WRITE: content_write(content, op->at, op->bytes.p, len); break;
	case OP_TRUNCATE: content_resize(content, op->at); break;
	case OP_DELETE:
		content_resize(content, 0);
		content->exists = false;
		break;
	case OP_SYNC: break;
	}
}

static void record(struct op op, const void *bytes)
{
	if (cut.records) {
		struct op kept = op;
		kept.bytes.p = mem_alloc(op.bytes.len + 1);
		if (op.bytes.len)
			memcpy(kept.bytes.p, bytes, op.bytes.len);
		vec_push(&cut.ops, kept);
	}
}

/* --- files */

struct file {
	sqlite3_file base;
	int index;
};

static int index_of(sqlite3_file *file)
{
	return ((struct file *)file)->index;
}

static int find(const char *name)
{
	for (int i = 0; i < cut.files; i++)
		if (strcmp(cut.names[i], name) == 0)
			return i;
	return -1;
}

static int file_close(sqlite3_file *file)
{
	(void)file;
	return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at)
{
	const struct bytes *bytes = &cut.seen[index_of(file)].bytes;
	size_t from = (size_t)at, want = (size_t)len, have = from < bytes->len ? bytes->len - from : 0;
	if (have > want)
		have = want;
	if (have)
		memcpy(to, bytes->p + from, have);
	memset((char *)to + have, 0, want - have);
	return have < want ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int file_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 at)
{
	int i = index_of(file);
	struct op op = {.kind = OP_WRITE, .file = i, .at = (size_t)at, .bytes.len = (size_t)len};
	content_write(&cut.seen[i], op.at, from, op.bytes.len);
	record(op, from);
	return SQLITE_OK;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int i = index_of(file);
	content_resize(&cut.seen[i], (size_t)size);
	record((struct op){.kind = OP_TRUNCATE, .file = i, .at = (size_t)size}, NULL);
	return SQLITE_OK;
}

static int file_sync(sqlite3_file *file, int flags)
{
	(void)flags;
	record((struct op){.kind = OP_SYNC, .file = index_of(file)}, NULL);
	return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)cut.seen[index_of(file)].bytes.len;
	return SQLITE_OK;
}

static int file_lock(sqlite3_file *file, int how)
{
	(void)file;
	(void)how;
	return SQLITE_OK;
}

static int file_is_reserved(sqlite3_file *file, int *reserved)
{
	(void)file;
	*reserved = 0;
	return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
	(void)file;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *file)
{
	(void)file;
	return SECTOR;
}

/* What the system's file system says of itself on Linux: a torn write spoils none but its own bytes. */
static int file_traits(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
	(void)extend;
	void **at = &cut.shm[index_of(file)][region];
	assert(region < SHM_MAX);
	if (!*at)
		*at = mem_alloc((size_t)size);
	*out = *at;
	return SQLITE_OK;
}

static int shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	(void)file;
	(void)offset;
	(void)n;
	(void)flags;
	return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *file)
{
	(void)file;
}

static void shm_drop(int i)
{
	for (int region = 0; region < SHM_MAX; region++) {
		free(cut.shm[i][region]);
		cut.shm[i][region] = NULL;
	}
}

static int shm_unmap(sqlite3_file *file, int delete)
{
	(void)delete;
	shm_drop(index_of(file));
	return SQLITE_OK;
}

/* --- the file system */

static const sqlite3_io_methods methods = {.iVersion = 2,
        .xClose = file_close,
        .xRead = file_read,
        .xWrite = file_write,
        .xTruncate = file_truncate,
        .xSync = file_sync,
        .xFileSize = file_size,
        .xLock = file_lock,
        .xUnlock = file_lock,
        .xCheckReservedLock = file_is_reserved,
        .xFileControl = file_control,
        .xSectorSize = file_sector,
        .xDeviceCharacteristics = file_traits,
        .xShmMap = shm_map,
        .xShmLock = shm_lock,
        .xShmBarrier = shm_barrier,
        .xShmUnmap = shm_unmap};

static int fs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	(void)vfs;
	const char *known = name ? name : "(temporary)";
	int i = find(known);
	file->pMethods = NULL;
	if (i < 0) {
		assert(cut.files < FILES_MAX);
		i = cut.files++;
		cut.names[i] = mem_strdup(known);
	}
	cut.seen[i].exists = true;
	((struct file *)file)->index = i;
	file->pMethods = &methods;
	if (out_flags)
		*out_flags = flags;
	return SQLITE_OK;
}

static int fs_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
	(void)vfs;
	int i = find(name);
	if (i < 0 || !cut.seen[i].exists)
		return SQLITE_IOERR_DELETE_NOENT;
	struct op op = {.kind = OP_DELETE, .file = i, .lasts = sync_dir != 0};
	content_apply(&cut.seen[i], &op, 0);
	record(op, NULL);
	return SQLITE_OK;
}

static int fs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
	(void)vfs;
	int i = find(name);
	*result = i >= 0 && cut.seen[i].exists && (flags != SQLITE_ACCESS_EXISTS || cut.seen[i].bytes.len);
	return SQLITE_OK;
}

static int fs_full_name(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	(void)vfs;
	return snprintf(out, (size_t)size, "%s", name) < size ? SQLITE_OK : SQLITE_CANTOPEN;
}

void cut_begin(void)
{
	cut.real = sqlite3_vfs_find(NULL);
	cut.vfs = *cut.real;
	cut.vfs.zName = "cut";
	cut.vfs.szOsFile = sizeof(struct file);
	cut.vfs.pNext = NULL;
	cut.vfs.xOpen = fs_open;
	cut.vfs.xDelete = fs_delete;
	cut.vfs.xAccess = fs_access;
	cut.vfs.xFullPathname = fs_full_name;
	cut.records = true;
	sqlite3_vfs_register(&cut.vfs, 1);
}

void cut_end(void)
{
	sqlite3_vfs_unregister(&cut.vfs);
	sqlite3_vfs_register(cut.real, 1);
	for (size_t i = 0; i < cut.ops.len; i++)
		free(cut.ops.at[i].bytes.p);
	vec_release(&cut.ops);
	for (int i = 0; i < cut.files; i++) {
		shm_drop(i);
		free(cut.names[i]);
		free(cut.seen[i].bytes.p);
		free(cut.held[i].bytes.p);
	}
	memset(&cut, 0, sizeof cut);
}

int64_t cut_now(void)
{
	return (int64_t)cut.ops.len;
}

int64_t cut_next_sync(int64_t after)
{
	for (size_t i = (size_t)(after + 1); i < cut.ops.len; i++)
		if (cut.ops.at[i].kind == OP_SYNC)
			return (int64_t)i;
	return -1;
}

/* --- the cut */

/* xorshift64* */
static uint64_t draw(uint64_t *luck)
{
	*luck ^= *luck >> 12;
	*luck ^= *luck << 25;
	*luck ^= *luck >> 27;
	return *luck * UINT64_C(0x2545F4914F6CDD1D);
}

/* What was written to a file before its sync is on the disk for certain. */
static void settle(int file, int64_t before)
{
	for (int64_t i = 0; i < before; i++) {
		struct op *op = &cut.ops.at[i];
		if (op->file != file || op->settled)
			continue;
		content_apply(&cut.held[file], op, op->bytes.len);
		op->settled = true;
	}
}

/* The names that came and went are on the disk, too. */
static void settle_directory(int64_t before)
{
	for (int64_t i = 0; i < before; i++)
		if (cut.ops.at[i].kind == OP_DELETE)
			settle(cut.ops.at[i].file, i + 1);
}

/* SQLite syncs the directory with the first sync of a new file (os_unix.c, unixSync), and when it is asked to with a
 * deletion. */
static void advance(int64_t at)
{
	for (; cut.until < at; cut.until++) {
		const struct op *op = &cut.ops.at[cut.until];
		struct content *held = &cut.held[op->file];
		if (op->kind == OP_SYNC) {
			if (!held->exists)
				settle_directory(cut.until);
			settle(op->file, cut.until);
			held->exists = true;
		} else if (op->kind == OP_DELETE && op->lasts) {
			settle_directory(cut.until + 1);
		}
	}
}

/* Of what was not synced each piece is there, or not, or in part; in any order. */
static void scatter(int file, int64_t at, uint64_t *luck)
{
	VEC(const struct op *) loose = {0};
	for (int64_t i = 0; i < at; i++)
		if (cut.ops.at[i].file == file && !cut.ops.at[i].settled)
			vec_push(&loose, &cut.ops.at[i]);
	bool in_order = draw(luck) % 2;
	unsigned there = (unsigned)(draw(luck) % 5) * 25; /* of a hundred */
	for (size_t left = loose.len; left; left--) {
		size_t pick = in_order ? loose.len - left : (size_t)(draw(luck) % left);
		const struct op *op = loose.at[pick];
		if (!in_order)
			loose.at[pick] = loose.at[left - 1];
		if (draw(luck) % 100 >= there)
			continue;
		bool torn = draw(luck) % 4 == 0;
		size_t len = torn && op->bytes.len ? (size_t)(draw(luck) % op->bytes.len) : op->bytes.len;
		content_apply(&cut.seen[file], op, len);
	}
	vec_release(&loose);
}

void cut_power(int64_t at, uint64_t luck)
{
	cut.records = false;
	luck = luck * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)at + 1;
	advance(at);
	for (int i = 0; i < cut.files; i++) {
		shm_drop(i);
		content_copy(&cut.seen[i], &cut.held[i]);
		scatter(i, at, &luck);
	}
}
