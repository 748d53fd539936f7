/* Any bytes: every word and command lies in the script. */
#include <stdlib.h>

#include "dockerfile/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct str text, struct str part)
{
	if (part.p < text.p || part.p + part.n > text.p + text.n)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct script s;
	struct str text = arena_str(&a, (struct str){(const char *)data, size});
	script_read(&s, text, &a);
	for (size_t i = 0; i < s.commands.n; i++) {
		inside(text, s.commands.p[i].raw);
		for (size_t w = 0; w < s.commands.p[i].words.n; w++)
			inside(text, s.commands.p[i].words.p[w].raw);
		command_verb(&s.commands.p[i]);
	}
	arena_release(&a);
	return 0;
}
