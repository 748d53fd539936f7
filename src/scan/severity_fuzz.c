/* Any bytes: a score is within the scale, and the same for the same vector. */
#include <stdlib.h>

#include "scan/severity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct severity s, again;
	if (severity_of_vector(text, &s) &&
	    (!severity_of_vector(text, &again) || s.score_tenths > 100 || again.word != s.word))
		abort();
	enum severity_word word;
	if (severity_parse(text, &word) && severity_of_word(text) != word)
		abort();
	return 0;
}
