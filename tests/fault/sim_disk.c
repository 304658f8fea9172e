/* A VFS between SQLite and the files in memory: each file knows whose it is, and does to that one's writes what the
 * simulation asked for. Waits for locks move the simulated time; a sync costs nothing, since nobody pulls a plug here:
 * what a killed process had written stays written. */
#include "tests/fault/sim_disk.h"

struct disk {
	int until;       /* writes that still go well; -1: no fault is coming */
	int failing;     /* writes that fail then */
	int code;        /* as SQLite says it */
	bool dies, dead; /* at the first failure everything ends */
	bool troubled;
	int busy; /* refusals of the write lock */
};

static struct disk disks[ACTOR_COUNT];

struct file {
	sqlite3_file base;
	enum sim_actor owner;
	sqlite3_file *real; /* behind this struct, in the same memory */
};

static sqlite3_file *real(sqlite3_file *file)
{
	return ((struct file *)file)->real;
}

/* --- what is asked for */

void disk_heal(enum sim_actor actor)
{
	disks[actor] = (struct disk){.until = -1};
}

void disk_full(enum sim_actor actor, int after, int writes)
{
	disks[actor] = (struct disk){.until = after, .failing = writes, .code = SQLITE_FULL, .troubled = true};
}

void disk_error(enum sim_actor actor, int after)
{
	disks[actor] = (struct disk){.until = after, .failing = 1, .code = SQLITE_IOERR_WRITE, .troubled = true};
}

void disk_die(enum sim_actor actor, int after)
{
	disks[actor] =
	        (struct disk){.until = after, .failing = 1, .code = SQLITE_IOERR_WRITE, .dies = true, .troubled = true};
}

void disk_kill(enum sim_actor actor)
{
	disks[actor] = (struct disk){.until = -1, .dead = true, .troubled = true};
}

bool disk_dead(enum sim_actor actor)
{
	return disks[actor].dead;
}

bool disk_troubled(enum sim_actor actor)
{
	return disks[actor].troubled;
}

void disk_busy(enum sim_actor actor, int tries)
{
	disks[actor].busy = tries;
	disks[actor].troubled = true;
}

/* SQLITE_OK, or how this write fails. */
static int next_write(enum sim_actor owner)
{
	struct disk *disk = &disks[owner];
	if (disk->dead)
		return SQLITE_IOERR_WRITE;
	if (disk->until < 0)
		return SQLITE_OK;
	if (disk->until > 0) {
		disk->until--;
		return SQLITE_OK;
	}
	disk->dead = disk->dies;
	int code = disk->code;
	if (--disk->failing <= 0)
		disk->until = -1;
	sim_note("  disk: a write fails%s", disk->dead ? ", and the process is killed" : "");
	return code;
}

/* --- files */

static int file_close(sqlite3_file *file)
{
	return real(file)->pMethods ? real(file)->pMethods->xClose(real(file)) : SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at)
{
	return real(file)->pMethods->xRead(real(file), to, len, at);
}

static int file_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 at)
{
	enum sim_actor owner = ((struct file *)file)->owner;
	bool was_dead = disks[owner].dead;
	int code = next_write(owner);
	if (code != SQLITE_OK && disks[owner].dead && !was_dead)
		real(file)->pMethods->xWrite(real(file), from, len / 2, at);
	return code ? code : real(file)->pMethods->xWrite(real(file), from, len, at);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int code = next_write(((struct file *)file)->owner);
	return code ? code : real(file)->pMethods->xTruncate(real(file), size);
}

static int file_sync(sqlite3_file *file, int flags)
{
	(void)flags;
	int code = next_write(((struct file *)file)->owner);
	return code == SQLITE_FULL ? SQLITE_IOERR_FSYNC : code;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return real(file)->pMethods->xFileSize(real(file), size);
}

static int file_lock(sqlite3_file *file, int kind)
{
	return real(file)->pMethods->xLock(real(file), kind);
}

static int file_unlock(sqlite3_file *file, int kind)
{
	return real(file)->pMethods->xUnlock(real(file), kind);
}

static int file_check_reserved(sqlite3_file *file, int *out)
{
	return real(file)->pMethods->xCheckReservedLock(real(file), out);
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
	return real(file)->pMethods->xFileControl(real(file), op, arg);
}

static int file_sector_size(sqlite3_file *file)
{
	return real(file)->pMethods->xSectorSize(real(file));
}

static int file_characteristics(sqlite3_file *file)
{
	return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
	return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
}

/* Slot 0 of the shared locks is the write lock (sqlite.org/walformat.html, "WAL Locks"). */
static int file_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	struct disk *disk = &disks[((struct file *)file)->owner];
	bool takes = flags & SQLITE_SHM_LOCK && flags & SQLITE_SHM_EXCLUSIVE && offset == 0;
	if (takes && disk->busy > 0) {
		disk->busy--;
		return SQLITE_BUSY;
	}
	return real(file)->pMethods->xShmLock(real(file), offset, n, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
	real(file)->pMethods->xShmBarrier(real(file));
}

static int file_shm_unmap(sqlite3_file *file, int remove)
{
	return real(file)->pMethods->xShmUnmap(real(file), remove);
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
        .xShmMap = file_shm_map,
        .xShmLock = file_shm_lock,
        .xShmBarrier = file_shm_barrier,
        .xShmUnmap = file_shm_unmap,
};

/* --- the VFS */

static sqlite3_vfs *behind;

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *out, int flags, int *out_flags)
{
	(void)vfs;
	struct file *file = (struct file *)out;
	*file = (struct file){.owner = sim.acting, .real = (sqlite3_file *)(file + 1)};
	int code = behind->xOpen(behind, name, file->real, flags, out_flags);
	file->base.pMethods = file->real->pMethods ? &methods : NULL;
	return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
	(void)vfs, (void)sync_dir;
	return disks[sim.acting].dead ? SQLITE_IOERR_DELETE : behind->xDelete(behind, name, 0);
}

static int vfs_randomness(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	for (int i = 0; i < len; i++) /* seeds SQLite's own generator, once a process: no choice of a run hangs on it */
		out[i] = (char)(i * 37 + 11);
	return len;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	int ms = us / 1000 + 1;
	sim.mono += ms;
	sim.wall += ms;
	return us;
}

void disk_install(void)
{
	static sqlite3_vfs vfs;
	for (int i = 0; i < ACTOR_COUNT; i++)
		disk_heal((enum sim_actor)i);
	if (behind)
		return;
	/* One thread, and nobody asks what memory is in use: SQLite needs no mutexes. */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	behind = memory_vfs();
	sqlite3_vfs_register(behind, 0);
	vfs = *behind;
	vfs.szOsFile += (int)sizeof(struct file);
	vfs.pNext = NULL;
	vfs.zName = "simulated";
	vfs.xOpen = vfs_open;
	vfs.xDelete = vfs_delete;
	vfs.xRandomness = vfs_randomness;
	vfs.xSleep = vfs_sleep;
	sqlite3_vfs_register(&vfs, 1);
}
