#include "core/base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- the filter */

#if defined __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCH AUDIT_ARCH_AARCH64
#elif defined __riscv && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#elif defined __arm__
#define ARCH AUDIT_ARCH_ARM
#endif

#ifdef ARCH

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define REFUSE BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define UNLESS(value, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count)
#define DENY(call) UNLESS(__NR_##call, 1), REFUSE

/* A call by another machine's numbers (of 32 bits, or x32) would pass by those below. */
#define NATIVE_ONLY LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0), REFUSE, LOAD(nr), NATIVE_NUMBERS
#ifdef __x86_64__
#define NATIVE_NUMBERS BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), REFUSE
#else
#define NATIVE_NUMBERS LOAD(nr)
#endif

#define OTHERS_MEMORY                                                                                                  \
	DENY(ptrace), DENY(process_vm_readv), DENY(process_vm_writev), DENY(pidfd_getfd), DENY(kcmp),                  \
	        DENY(perf_event_open)

/* io_uring would carry out what is denied as a call of its own. */
#define THE_KERNELS                                                                                                    \
	DENY(bpf), DENY(userfaultfd), DENY(io_uring_setup), DENY(io_uring_enter), DENY(io_uring_register),             \
	        DENY(init_module), DENY(finit_module), DENY(delete_module), DENY(kexec_load), DENY(reboot),            \
	        DENY(swapon), DENY(swapoff), DENY(acct), DENY(quotactl), DENY(settimeofday), DENY(clock_settime),      \
	        DENY(open_by_handle_at)

#define NAMESPACES_AND_KEYS                                                                                            \
	DENY(mount), DENY(umount2), DENY(pivot_root), DENY(chroot), DENY(unshare), DENY(setns), DENY(open_tree),       \
	        DENY(move_mount), DENY(fsopen), DENY(fsconfig), DENY(fsmount), DENY(fspick), DENY(mount_setattr),      \
	        DENY(add_key), DENY(request_key), DENY(keyctl)

#define PROGRAMS_AND_SOCKETS                                                                                           \
	DENY(execve), DENY(execveat), DENY(socket), DENY(connect), DENY(bind), DENY(listen), DENY(accept), DENY(accept4)

/* What is pushed into a terminal's input is read by the shell once the desk has left. */
#define KEYS_OF_A_TERMINAL                                                                                             \
	UNLESS(__NR_ioctl, 5), LOAD(args[1]), UNLESS(TIOCSTI, 1), REFUSE, UNLESS(TIOCLINUX, 1), REFUSE

static const struct sock_filter desk_filter[] = {
        NATIVE_ONLY, PROGRAMS_AND_SOCKETS, OTHERS_MEMORY, THE_KERNELS, NAMESPACES_AND_KEYS, KEYS_OF_A_TERMINAL, ALLOW};

static const struct sock_filter courier_filter[] = {NATIVE_ONLY, OTHERS_MEMORY, THE_KERNELS, ALLOW};

static void install(const struct sock_filter *filter, size_t len)
{
	const struct sock_fprog program = {.len = (unsigned short)len, .filter = (struct sock_filter *)filter};
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

#define INSTALL(filter) install(filter, sizeof filter / sizeof *filter)
#else
#define INSTALL(filter) ((void)0)
#endif

/* --- files */

/* Younger than Debian 12's headers. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (UINT64_C(1) << 14)
#endif

#define ON_FILES (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
#define IN_DIRS                                                                                                        \
	(ON_FILES | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |       \
	        LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER)
#define HANDLED                                                                                                        \
	(IN_DIRS | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK |         \
	        LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM)

static int landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
	return version > 0 ? (int)version : 0;
}

static uint64_t known_to(int version, uint64_t access)
{
	if (version < 2)
		access &= ~(uint64_t)LANDLOCK_ACCESS_FS_REFER;
	if (version < 3)
		access &= ~LANDLOCK_ACCESS_FS_TRUNCATE;
	return access;
}

static void permit(int ruleset, int fd, uint64_t access)
{
	const struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
	syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

static void permit_path(int ruleset, const char *path, uint64_t access)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return;
	permit(ruleset, fd, access);
	close(fd);
}

static void restrict_files(const char *const *dirs, size_t count)
{
	int version = landlock_version();
	const struct landlock_ruleset_attr attributes = {.handled_access_fs = known_to(version, HANDLED)};
	if (!version)
		return;
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
	if (ruleset < 0)
		return;
	for (size_t i = 0; i < count; i++)
		permit_path(ruleset, dirs[i], known_to(version, IN_DIRS));
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		permit(ruleset, fd, known_to(version, ON_FILES)); /* the terminal is opened once more */
	permit_path(ruleset, "/dev/null", known_to(version, ON_FILES));
	syscall(SYS_landlock_restrict_self, ruleset, 0);
	close(ruleset);
}

/* --- both */

void confine_desk(const char *const *dirs, size_t count)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	restrict_files(dirs, count);
	INSTALL(desk_filter);
}

void confine_courier(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	INSTALL(courier_filter);
}

void confine_facts(struct confine_facts *out)
{
	uint32_t action = SECCOMP_RET_ERRNO;
	*out = (struct confine_facts){.no_gain = true, .landlock = landlock_version()};
#ifdef ARCH
	out->filter = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
#endif
	(void)action;
}
