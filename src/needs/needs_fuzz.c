/* Any bytes, as a shell script and as a dlopen note: both scanners come to an end. */
#include "needs/collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct str text = {(const char *)data, size};
	struct needs needs = {0};
	struct tree app;
	tree_init(&app, &a);
	struct collector c = {.out = &needs, .arena = &a, .app = &app};
	struct visit v = {app.root, false, STR_NONE};
	shell_needs(&c, &v, text);
	dlopen_note_needs(&c, &v, text);
	script_needs(&c, &v, text);
	ledger_finish(&c);
	arena_release(&a);
	return 0;
}
