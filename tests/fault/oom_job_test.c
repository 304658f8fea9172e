/* A desk's questions to the store, and an import, when memory is gone: an error is told or the program stops, and the
 * store stays whole. */
#include "core/store/worker.h"
#include "tests/fault/store_again.h"
#include "tui/import_record.h"
#include "tui/job.h"

/* --- import */

static bool import(void)
{
	static const char line[] = "{\"account\":\"acme\",\"remote_id\":\"77\",\"created_at\":\"2026-08-21T10:02:33Z\","
	                           "\"author\":{\"remote_id\":\"9\",\"handle\":\"@kim\"},\"text\":\"it came broken\"}";
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	const struct account *accounts = NULL;
	struct incoming row;
	int count = 0, fresh = 0;
	struct store *store = store_again(STORE_DESK);
	json *record = store ? json_parse(line, sizeof line - 1, &err) : NULL;
	bool well = record && store_accounts(store, &arena, &accounts, &count, &err) == 0;
	const struct account *account = well ? import_account(record, accounts, count, &err) : NULL;
	well = account && import_record(record, account, NOON, &arena, &row, &err) == 0 &&
	       store_ingest(store, account->id, &row, 1, NULL, NULL, &fresh, &err) == 0 && fresh == 1;
	json_free(record);
	arena_release(&arena);
	store_close(store);
	return well;
}

static void an_import_without_memory_tells_an_error_or_stops_cleanly(void **state)
{
	place = *state;
	take_one(place, post_in("@sam", "1", "", NOON, "where is it?"));
	keep_store();
	sweep(import);
	check_whole();
}

/* --- a desk's questions; its worker's thread is this one */

struct worker {
	struct store *store;
};

void worker_submit(struct worker *worker, struct work *work, enum work_class class)
{
	(void)class;
	work->run(work, worker->store);
	work->done(work);
	arena_release(&work->arena);
	free(work);
}

static int answers, refused;

static void on_answer(void *arg, struct event *event)
{
	(void)arg;
	answers++;
	refused += event->err != NULL;
}

static bool ask(void)
{
	static const struct desk_setup setup = {.agent = "alice", .language = "en"};
	struct worker worker = {.store = store_again(STORE_DESK)};
	if (!worker.store)
		return false;
	struct job_desk desk = {.setup = &setup, .schema = store_schema_version(worker.store), .answer = on_answer};
	struct effect view = {.kind = FX_CASE, .request = 1};
	struct effect tag = {.kind = FX_ACT, .request = 2};
	struct effect draft = {.kind = FX_DRAFT_SAVE, .request = 3};
	int64_t seq = 0;
	view.kase.case_id = 1;
	view.kase.max_items = 50;
	tag.action = (struct action){.kind = ACTION_TAG, .case_id = 1, .agent = "alice", .arg = "late", .text = ""};
	draft.draft =
	        (struct draft){.case_id = 1, .text = "we look", .to_remote_id = "", .warning = "", .language = "en"};
	answers = refused = 0;
	job_submit(&desk, &worker, &view);
	job_submit(&desk, &worker, &tag);
	job_submit(&desk, &worker, &draft);
	job_submit_feed(&desk, &worker, &seq);
	store_close(worker.store);
	return answers >= 3 && !refused;
}

static void a_desks_questions_without_memory_are_answered_with_an_error_or_it_stops_cleanly(void **state)
{
	place = *state;
	take_one(place, post_in("@sam", "1", "", NOON, "where is it?"));
	keep_store();
	sweep(ask);
	check_whole();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(an_import_without_memory_tells_an_error_or_stops_cleanly),
	        TEST(a_desks_questions_without_memory_are_answered_with_an_error_or_it_stops_cleanly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
