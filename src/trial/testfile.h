/* testfile: tests written in container-structure-test's format, schemaVersion 2.0.0, YAML or JSON.
 *
 * Taken: globalEnvVars, commandTests, fileExistenceTests, fileContentTests,
 * metadataTest, and of containerRunOptions the user. Its patterns are Go's
 * (RE2 syntax); re2.h says what becomes of them. Everything is checked: an
 * unknown key, a wrong type, a test without a name is an error that names file
 * and line. What the format has and a trial cannot do (licenseTests, privileged
 * containers, host folders) is refused, never passed over. */
#pragma once

#include "trial/trial.h"

struct test_file {
	VEC(struct trial_test)
	test;            /* commands, files, contents, metadata: the order in which that
			  * program runs them */
	struct str user; /* containerRunOptions.user; empty: not said */
};

/* `name` stands in front of messages. Everything that *out points to lives in `a`. ERR_INPUT,
 * ERR_LIMIT, ERR_UNSUPPORTED. */
MUST_USE bool test_file_parse(struct str text, const char *name, struct test_file *out,
			      struct arena *a, struct err *e);

MUST_USE bool test_file_read(const char *path, struct test_file *out, struct arena *a,
			     struct err *e);
