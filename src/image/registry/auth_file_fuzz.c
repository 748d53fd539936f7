/* Any text as config.json and as a helper's answer. */
#include <stdlib.h>

#include "image/registry/auth_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct auth_said said;
	struct credential c;
	struct str text = {(const char *)data, size};
	if (auth_file_find(text, STR("docker.io"), STR("library/alpine"), &said, &a, &e))
		basic_authorization(&said.credential, &a);
	else if (e.code == ERR_NONE)
		abort();
	if (helper_answer_parse(text, &c, &a, &e))
		basic_authorization(&c, &a);
	return 0;
}
