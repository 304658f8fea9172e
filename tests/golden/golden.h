/* Runs the golden screens of a folder as tests: each *.golden is one, and its name the sentence it proves. README.md
 * says how they are written. With UPDATE=1 in the environment the screens are rewritten instead of compared. */
#ifndef TESTS_GOLDEN_GOLDEN_H
#define TESTS_GOLDEN_GOLDEN_H

/* The exit status of the program. folder: below the folder that CURLEW_GOLDEN names, default tests/golden. locale: of
 * the terminal; one without UTF-8 draws in ASCII, and its screens are checked to hold nothing else. */
int golden_run(const char *folder, const char *locale);

#endif
