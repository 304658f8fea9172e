/* The store among processes and threads: the bell, the lock, two writers, the worker. */
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/bell.h"
#include "core/store/db.h"
#include "core/base/os.h"
#include "core/store/lock.h"
#include "core/store/schema.h"
#include "core/store/worker.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* --- the bell */

struct listener {
	struct fixture *f;
	struct bell *bell;
	int64_t seq;
	int heard, changes, expected;
};

static void on_heard(void *arg)
{
	struct listener *l = arg;
	struct change_row rows[64];
	int count;
	l->heard++;
	while ((count = store_changes(l->f->store, &l->seq, rows, 64, &l->f->err)) > 0)
		l->changes += count;
	if (l->changes >= l->expected && l->bell) {
		bell_unwatch(l->bell);
		l->bell = NULL;
	}
}

static int tag_from_child(struct fixture *f, int commits)
{
	struct store *store;
	struct err err = ERR_INIT;
	struct arena arena = ARENA_INIT;
	if (store_open(f->uri, STORE_DESK, &store, &err))
		return 1;
	for (int i = 0; i < commits; i++) {
		char tag[16];
		struct action_result result;
		snprintf(tag, sizeof tag, "t%d", i % 20);
		struct action action = {.kind = (i / 20) % 2 ? ACTION_UNTAG : ACTION_TAG,
		        .case_id = 1,
		        .agent = "bob",
		        .arg = tag,
		        .text = ""};
		if (store_act(store, &action, NOON, &arena, &result, &err)) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		arena_reset(&arena);
	}
	store_close(store);
	arena_release(&arena);
	return 0;
}

static void every_commit_of_another_process_is_heard(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", NOON, "hello"));
	uv_loop_t loop;
	struct listener l = {.f = f, .seq = store_change_last(f->store, &f->err), .expected = 200};
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(bell_watch(&loop, f->path, on_heard, &l, &l.bell, &f->err), 0);
	pid_t child = fork();
	if (!child)
		_exit(tag_from_child(f, 200));
	uv_run(&loop, UV_RUN_DEFAULT);
	int status;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(l.changes, 200);
	assert_true(l.heard <= 201); /* one for having been opened */
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void many_rings_at_once_are_one_call(void **state)
{
	struct fixture *f = *state;
	uv_loop_t loop;
	struct listener l = {.f = f, .expected = 1000};
	uv_loop_init(&loop);
	assert_int_equal(bell_watch(&loop, f->path, on_heard, &l, &l.bell, &f->err), 0);
	for (int i = 0; i < 500; i++)
		bell_ring(f->path);
	uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(l.heard, 1);
	bell_unwatch(l.bell);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void rings_between_pausing_and_listening_wake_nobody(void **state)
{
	struct fixture *f = *state;
	uv_loop_t loop;
	struct listener l = {.f = f, .expected = 1000};
	uv_loop_init(&loop);
	assert_int_equal(bell_watch(&loop, f->path, on_heard, &l, &l.bell, &f->err), 0);
	bell_ring(f->path);
	bell_pause(l.bell);
	for (int i = 0; i < 50; i++)
		bell_ring(f->path);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(l.heard, 0);
	assert_int_equal(bell_listen(l.bell, &f->err), 0);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(l.heard, 0);
	bell_ring(f->path);
	uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(l.heard, 1);
	bell_unwatch(l.bell);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

/* --- two writers */

static void two_processes_write_at_once_and_neither_is_turned_away(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", NOON, "hello"));
	pid_t child = fork();
	if (!child)
		_exit(tag_from_child(f, 300));
	for (int i = 0; i < 300; i++) {
		char id[16];
		snprintf(id, sizeof id, "p%d", i);
		assert_int_equal(take_one(f, post_in("@kim", id, "", NOON + i, "hi")), 1);
	}
	int status;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(count_of(f, ""), 2);
}

/* --- the lock */

static void the_lock_is_one_couriers_and_says_whose(void **state)
{
	struct fixture *f = *state;
	struct courier_lock mine = COURIER_LOCK_INIT, other = COURIER_LOCK_INIT;
	struct courier_holder holder;
	assert_false(courier_lock_holder(f->path, &holder));
	assert_int_equal(courier_lock_take(f->path, &mine, &f->err), 0);
	assert_int_equal(courier_lock_take(f->path, &other, &f->err), -ERR_BUSY);
	assert_int_equal(other.fd, -1);
	assert_true(courier_lock_holder(f->path, &holder));
	assert_int_equal(holder.pid, getpid());
	assert_string_equal(holder.version, CURLEW_VERSION);
	assert_int_equal(holder.schema, SCHEMA_VERSION);
	courier_lock_release(&mine);
	assert_false(courier_lock_holder(f->path, &holder));
	assert_int_equal(courier_lock_take(f->path, &other, &f->err), 0);
	courier_lock_release(&other);
}

static void a_killed_courier_holds_no_lock(void **state)
{
	struct fixture *f = *state;
	struct courier_lock lock = COURIER_LOCK_INIT;
	int ready[2];
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (!child) {
		struct err err = ERR_INIT;
		if (courier_lock_take(f->path, &lock, &err) || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	char byte;
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(courier_lock_take(f->path, &lock, &f->err), -ERR_BUSY);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(courier_lock_take(f->path, &lock, &f->err), 0);
	courier_lock_release(&lock);
	close(ready[0]);
	close(ready[1]);
}

static void the_lock_can_be_taken_before_there_is_a_store(void **state)
{
	struct fixture *f = *state;
	struct courier_lock lock = COURIER_LOCK_INIT;
	char dir[160], path[200], file[240];
	snprintf(dir, sizeof dir, "%s/new", f->dir);
	snprintf(path, sizeof path, "%s/desk.db", dir);
	snprintf(file, sizeof file, "%s-courier", path);
	assert_int_equal(courier_lock_take(path, &lock, &f->err), 0);
	struct stat st;
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	courier_lock_release(&lock);
	unlink(file);
	rmdir(dir);
}

/* --- the worker */

struct job {
	struct work work;
	int number;
};

struct worker_test {
	struct worker *worker;
	pthread_mutex_t gate; /* the first job waits here until all are submitted */
	int ran[16], ran_count, done[16], done_count;
	bool resubmit;
};

static void job_run(struct work *work, struct store *store)
{
	struct job *job = (struct job *)work;
	struct worker_test *t = work->owner;
	if (job->number == 0) {
		pthread_mutex_lock(&t->gate);
		pthread_mutex_unlock(&t->gate);
	}
	const struct kase *kase;
	work->result = store_case(store, 1, "", &work->arena, &kase, &work->err);
	t->ran[t->ran_count++] = job->number;
}

static void job_done(struct work *work);

static void submit(struct worker_test *t, int number, enum work_class class)
{
	struct job *job = mem_alloc(sizeof *job);
	job->work.run = job_run;
	job->work.done = job_done;
	job->work.owner = t;
	job->number = number;
	worker_submit(t->worker, &job->work, class);
}

static void job_done(struct work *work)
{
	struct worker_test *t = work->owner;
	assert_int_equal(work->result, 0);
	t->done[t->done_count++] = ((struct job *)work)->number;
	if (t->resubmit) {
		t->resubmit = false;
		submit(t, 9, WORK_NORMAL);
	}
}

static int open_desk(void *fixture, struct store **out, struct err *err)
{
	(void)err;
	*out = fixture_open(fixture, STORE_DESK);
	return 0;
}

static void an_agents_own_write_passes_what_has_not_begun(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", NOON, "hello"));
	uv_loop_t loop;
	struct worker_test t = {.gate = PTHREAD_MUTEX_INITIALIZER};
	uv_loop_init(&loop);
	pthread_mutex_lock(&t.gate);
	assert_int_equal(worker_start(&loop, open_desk, f, &t.worker, &f->err), 0);
	submit(&t, 0, WORK_URGENT);
	submit(&t, 1, WORK_NORMAL);
	submit(&t, 2, WORK_NORMAL);
	submit(&t, 3, WORK_URGENT);
	submit(&t, 4, WORK_URGENT);
	pthread_mutex_unlock(&t.gate);
	while (t.done_count < 5)
		uv_run(&loop, UV_RUN_ONCE);
	static const int order[] = {0, 3, 4, 1, 2};
	for (int i = 0; i < 5; i++) {
		assert_int_equal(t.ran[i], order[i]);
		assert_int_equal(t.done[i], order[i]);
	}
	worker_stop(t.worker);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void stopping_the_worker_finishes_what_was_promised(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", NOON, "hello"));
	uv_loop_t loop;
	struct worker_test t = {.gate = PTHREAD_MUTEX_INITIALIZER, .resubmit = true};
	uv_loop_init(&loop);
	assert_int_equal(worker_start(&loop, open_desk, f, &t.worker, &f->err), 0);
	for (int i = 1; i <= 4; i++)
		submit(&t, i, WORK_NORMAL);
	worker_stop(t.worker);
	assert_int_equal(t.done_count, 5); /* the one that a done() submitted too */
	assert_int_equal(t.done[4], 9);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static int open_nothing(void *arg, struct store **out, struct err *err)
{
	(void)arg;
	(void)out;
	return err_set(err, ERR_IO, "the disk is gone");
}

static void a_store_that_cannot_be_opened_is_told_with_its_reason(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;
	uv_loop_t loop;
	struct worker *worker;
	uv_loop_init(&loop);
	assert_int_equal(worker_start(&loop, open_nothing, NULL, &worker, &f->err), 0);
	assert_int_equal(worker_opened(worker, &err), -ERR_IO);
	assert_string_equal(err.text, "the disk is gone");
	worker_stop(worker);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

/* --- export */

static int count_post(void *arg, const struct account *account, const struct post *post,
        const struct customer *customer, int64_t case_id)
{
	int64_t *count = arg;
	assert_string_equal(account->name, "acme");
	assert_int_equal(post->id, ++*count);
	assert_true((customer != NULL) == (post->direction == DIR_IN));
	assert_int_equal(case_id, 1);
	return *count == 1200 ? 7 : 0;
}

static void an_export_gives_every_post_in_order_and_can_be_ended(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "0", "", NOON, "first"));
	take_one(f, post_out("out", "0", NOON + 1, "second"));
	int64_t count = 0;
	assert_int_equal(store_export(f->store, count_post, &count, &f->err), 0);
	assert_int_equal(count, 2);
	struct incoming items[1300];
	for (int i = 0; i < 1300; i++)
		items[i] = post_in("@sam", arena_printf(&f->arena, "%d", i + 1), "0", NOON + 2 + i, "more");
	take(f, items, 1300);
	count = 0;
	assert_int_equal(store_export(f->store, count_post, &count, &f->err), 7);
}

static void a_checkpoint_empties_the_log_and_waits_for_nobody(void **state)
{
	struct fixture *f = *state;
	char wal[200];
	struct stat st;
	snprintf(wal, sizeof wal, "%s-wal", f->path);
	take_one(f, post_in("@sam", "1", "", NOON, "hello"));
	assert_int_equal(stat(wal, &st), 0);
	assert_true(st.st_size > 0);
	assert_int_equal(store_checkpoint(f->store, false, &f->err), 0);
	assert_int_equal(store_checkpoint(f->store, true, &f->err), 0);
	assert_int_equal(stat(wal, &st), 0);
	assert_true(st.st_size == 0);
	assert_int_equal(count_of(f, ""), 1);
}

/* --- desks */

static void a_process_that_has_a_dead_desks_number_is_not_that_desk(void **state)
{
	struct fixture *f = *state;
	if (os_portable && !os_process_started(getpid()))
		skip();
	int64_t desk_id;
	int count = -1;
	assert_int_equal(store_desk_open(f->store, "alice", &desk_id, &f->err), 0);
	assert_int_equal(store_desk_open(f->store, "bob", &desk_id, &f->err), 0);
	struct db *db = NULL;
	assert_int_equal(db_open(f->path, DB_WRITE, &db, &f->err), 0);
	db_begin(db);
	db_run(db, "UPDATE desk SET started=started-1 WHERE agent='bob'", "");
	assert_int_equal(db_commit(db, &f->err), 0);
	db_close(db);
	assert_int_equal(store_desks(f->store, &count, &f->err), 0);
	assert_int_equal(count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(every_commit_of_another_process_is_heard),
	        TEST(many_rings_at_once_are_one_call),
	        TEST(rings_between_pausing_and_listening_wake_nobody),
	        TEST(two_processes_write_at_once_and_neither_is_turned_away),
	        TEST(the_lock_is_one_couriers_and_says_whose),
	        TEST(a_killed_courier_holds_no_lock),
	        TEST(the_lock_can_be_taken_before_there_is_a_store),
	        TEST(an_agents_own_write_passes_what_has_not_begun),
	        TEST(a_store_that_cannot_be_opened_is_told_with_its_reason),
	        TEST(stopping_the_worker_finishes_what_was_promised),
	        TEST(an_export_gives_every_post_in_order_and_can_be_ended),
	        TEST(a_process_that_has_a_dead_desks_number_is_not_that_desk),
	        TEST(a_checkpoint_empties_the_log_and_waits_for_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
