/* curlewd: the courier. It holds the store's courier lock and the tokens, and runs in the background unless told
 * otherwise.
 *
 * Starting in the background, a child does the work in the caller's session, where token commands may still ask on the
 * terminal, and says how it went on a pipe: "ready", "busy: …" (another courier is there; no failure) or "error: …".
 * Only then does it leave the session. The parent passes that line on, to --ready-fd or to people, and ends. */
#include "core/base/confine.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/os.h"
#include "core/base/paths.h"
#include "core/courier/login.h"
#include "core/courier/plain.h"
#include "core/courier/session.h"
#include "core/store/lock.h"
#include "core/text/plain.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#define LARGE_BLOCK (256 * 1024) /* bytes, that the system takes back at once */

struct options {
	const char *config, *login, *adapter;
	bool foreground, once, check;
	int ready_fd; /* -1 for none */
};

static const char usage[] = "usage: curlewd [-c FILE] [--foreground] [--once] [--check] [--login ACCOUNT]\n"
                            "               [--check-adapter COMMAND] [--ready-fd N] [--version] [--help]\n";

static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
#define X(letter, name, value) {name, sizeof(value) > 1 ? required_argument : no_argument, NULL, letter},
#include "core/courier/options.def"
#undef X
		{NULL, 0, NULL, 0}
	};
	int64_t fd = -1;
	int c;
	opterr = 0; /* it would print the word as it is */
	for (int at = optind; (c = getopt_long(argc, argv, "+:c:", longs, NULL)) != -1; at = optind) {
		switch (c) {
		case 'c': options->config = optarg; break;
		case 'f': options->foreground = true; break;
		case 'o': options->once = true; break;
		case 'k': options->check = true; break;
		case 'a': options->adapter = optarg; break;
		case 'l': options->login = optarg; break;
		case 'r':
			if (!parse_i64(optarg, &fd) || fd < 0 || fd > 65535 || fcntl((int)fd, F_GETFD) < 0) {
				plain_line(stderr, "curlewd: --ready-fd: \"%s\" is no open descriptor", optarg);
				return -1;
			}
			options->ready_fd = (int)fd;
			fcntl((int)fd, F_SETFD, FD_CLOEXEC);
			break;
		case 'V': printf("curlewd %s\n", CURLEW_VERSION); exit(0);
		case 'h': fputs(usage, stdout); exit(0);
		default:
			plain_line(stderr, "curlewd: %s %s", c == ':' ? "a value is missing behind" : "unknown option",
			        argv[at]);
			fputs(usage, stderr);
			return -1;
		}
	}
	if (optind < argc)
		plain_line(stderr, "curlewd: unknown word \"%s\"", argv[optind]);
	if (optind < argc)
		fputs(usage, stderr);
	return optind < argc ? -1 : 0;
}

/* One line to a pipe, whatever is in the text; whoever reads it may be gone. */
static void say(int fd, const char *word, const char *text)
{
	struct str line = STR_INIT;
	plain_addf(&line, "%s%s%s\n", word, *text ? ": " : "", text);
	if (write(fd, line.p, line.len) < 0)
		log_line(LOG_DEBUG, "nobody waits for \"%s\"", word);
	str_release(&line);
}

/* --- the work, in the process that stays */

struct courier {
	struct config config;
	struct session_secrets secrets;
	struct courier_lock lock;
	struct store *store;
};

static void use_time_zone(const struct config *config)
{
	if (*config->desk.timezone) {
		setenv("TZ", config->desk.timezone, 1);
		tzset();
	}
}

/* Mailers come by the right to their queue through a set-group-id bit: only then may what is started gain anything.
 * After the token commands, which may be sudo. */
static void confine(const struct config *config)
{
	for (size_t i = 0; i < config->teams_len; i++)
		if (config->teams[i].escalate.how == CONFIG_ESCALATE_MAIL)
			return;
	confine_courier();
}

/* The lock before everything else: who loses it has touched nothing. */
static int courier_begin(struct courier *courier, const char *config_file, struct err *err)
{
	int rc = config_load(config_file, &courier->config, NULL, err);
	if (rc)
		return rc;
	use_time_zone(&courier->config);
	rc = courier_lock_take(courier->config.desk.store.path, &courier->lock, err);
	if (rc == 0)
		rc = session_secrets_read(&courier->secrets, &courier->config, err);
	if (rc)
		return rc;
	confine(&courier->config);
	struct str uri = STR_INIT;
	str_addf(&uri, "sqlite:%s", courier->config.desk.store.path);
	rc = store_open(uri.p, STORE_COURIER, &courier->store, err);
	str_release(&uri);
	return rc;
}

static void courier_end(struct courier *courier)
{
	struct err err = ERR_INIT;
	if (courier->store) {
		if (store_checkpoint(courier->store, true, &err))
			log_line(LOG_WARN, "checkpoint: %s", err.text);
		store_close(courier->store);
	}
	courier_lock_release(&courier->lock);
	session_secrets_release(&courier->secrets, &courier->config);
	config_release(&courier->config);
	log_close();
}

static int courier_work(struct courier *courier, bool once, bool linger)
{
	struct err err = ERR_INIT;
	int rc = session_run(&(struct session_setup){.config = &courier->config,
	                             .secrets = &courier->secrets,
	                             .store = courier->store,
	                             .once = once,
	                             .linger = linger},
	        &err);
	if (rc)
		log_line(LOG_ERROR, "%s", err.text);
	return rc ? err_exit_status(err.code) : 0;
}

static int fail(const struct err *err)
{
	plain_line(stderr, "curlewd: %s", err->text);
	return err_exit_status(err->code);
}

static int run_here(const struct options *options)
{
	struct courier courier = {.lock = COURIER_LOCK_INIT};
	struct err err = ERR_INIT;
	int status;
	log_open(NULL, "curlewd", LOG_INFO, NULL);
	int rc = courier_begin(&courier, options->config, &err);
	if (rc == 0) {
		if (options->ready_fd >= 0)
			say(options->ready_fd, "ready", "");
		status = courier_work(&courier, options->once, false);
	} else {
		bool busy = err.code == ERR_BUSY;
		if (options->ready_fd >= 0)
			say(options->ready_fd, busy ? "busy" : "error", err.text);
		status = fail(&err);
		status = busy ? 0 : status;
	}
	courier_end(&courier);
	return status;
}

/* --- in the background */

static int open_log_file(struct err *err)
{
	char *dir = path_state_dir();
	char *file = path_join(dir, "curlewd.log");
	int rc = path_make_dirs(dir, 0700, err);
	if (rc == 0)
		rc = log_open(file, "curlewd", LOG_INFO, err);
	free(file);
	free(dir);
	return rc;
}

static void detach(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	setsid();
	signal(SIGHUP, SIG_IGN);
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	if (chdir("/"))
		log_line(LOG_WARN, "chdir /: %s", strerror(errno));
}

static int run_child(const struct options *options, int ready)
{
	struct courier courier = {.lock = COURIER_LOCK_INIT};
	struct err err = ERR_INIT;
	int status = 0;
	int rc = courier_begin(&courier, options->config, &err);
	if (rc == 0)
		rc = open_log_file(&err);
	if (rc) {
		say(ready, err.code == ERR_BUSY ? "busy" : "error", err.text);
		status = err.code == ERR_BUSY ? 0 : err_exit_status(err.code);
		close(ready);
	} else {
		detach();
		say(ready, "ready", "");
		close(ready);
		status = courier_work(&courier, false, true);
	}
	courier_end(&courier);
	return status;
}

/* What the child says goes on to whoever waits; when it died without a word, its status does. */
static int relay(const struct options *options, int from, pid_t child)
{
	char line[1024];
	size_t len = 0;
	ssize_t got;
	int status = 0;
	while (len < sizeof line - 1 && (got = read(from, line + len, sizeof line - 1 - len)) != 0) {
		if (got > 0)
			len += (size_t)got;
		else if (errno != EINTR)
			break;
	}
	line[len] = '\0';
	if (!len)
		snprintf(line, sizeof line, "error: the courier ended before it was ready\n");
	if (options->ready_fd >= 0) {
		if (write(options->ready_fd, line, strlen(line)) < 0)
			plain_line(stderr, "curlewd: --ready-fd: %s", strerror(errno));
	} else if (!str_starts(line, "ready")) {
		plain_line(stderr, "curlewd: %.*s", (int)strcspn(line, "\n"), line);
	}
	if (str_starts(line, "ready"))
		return 0;
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}

static int run_detached(struct options *options)
{
	int ends[2];
	if (pipe(ends)) {
		plain_line(stderr, "curlewd: no pipe: %s", strerror(errno));
		return 71;
	}
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	pid_t child = fork();
	if (child < 0) {
		plain_line(stderr, "curlewd: no further process: %s", strerror(errno));
		return 71;
	}
	if (child == 0) {
		close(ends[0]);
		if (options->ready_fd >= 0)
			close(options->ready_fd);
		return run_child(options, ends[1]);
	}
	close(ends[1]);
	int status = relay(options, ends[0], child);
	close(ends[0]);
	return status;
}

/* --- login and check: the network half of the desk's commands */

static int run_command(const struct options *options)
{
	struct config config;
	struct err err = ERR_INIT;
	int status = 0;
	log_open(NULL, "curlewd", LOG_WARN, NULL);
	if (config_load(options->config, &config, NULL, &err))
		status = fail(&err);
	else if (options->check)
		status = check_run(&config, stdout);
	else if (login_run(&config, options->login, stdin, stdout, &err))
		status = fail(&err);
	config_release(&config);
	return status;
}

/* Desks run on the same processors, and a key is echoed first: what the courier does can wait the moment that takes. */
static void give_way(void)
{
	enum { NICE = 5 };
	if (getpriority(PRIO_PROCESS, 0) < NICE)
		setpriority(PRIO_PROCESS, 0, NICE);
}

int main(int argc, char **argv)
{
	struct options options = {.ready_fd = -1};
	setlocale(LC_CTYPE, ""); /* what a terminal may be told */
	os_heap_lean(LARGE_BLOCK);
	if (parse_options(argc, argv, &options))
		return 64;
	os_keep_memory_private(); /* tokens are in it */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is told like a full disk */
	uv_replace_allocator(mem_for_library, mem_again_for_library, mem_array_for_library, free);
	if (options.adapter)
		return check_adapter(options.adapter, stdout);
	if (options.login || options.check)
		return run_command(&options);
	give_way();
	return options.foreground || options.once ? run_here(&options) : run_detached(&options);
}
