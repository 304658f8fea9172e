/* Read before every file that clang-tidy looks at: tells its analyzer what it cannot see across files, that err_set
 * never gives 0, so that a value is set wherever no error was returned. */
#ifndef TESTS_LINT_ANALYZE_H
#define TESTS_LINT_ANALYZE_H

#include "core/base/err.h"

#define err_set(...) (err_set(__VA_ARGS__), -ERR_FAILED)

#endif
