/* The desk when memory is gone: it stops cleanly, wherever that is. */
#include "tests/fault/failing_heap.h"
#include "tests/lib/desk_driver.h"
#include "tui/view/view.h"

static bool desk(void)
{
	struct driver *driver = driver_new();
	struct frame frame;
	struct seen seen;
	driver_keys(driver, "jjr");
	driver_type(driver, "It floats.");
	driver_keys(driver, "^X<Esc>");
	frame_init(&frame, 24, 80, false);
	view_draw(driver->state, &frame, &seen);
	frame_release(&frame);
	driver_free(driver);
	return true;
}

static void a_desk_without_memory_stops_cleanly(void **state)
{
	(void)state;
	sweep(desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_desk_without_memory_stops_cleanly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
