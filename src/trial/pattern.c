/* Patterns of tests: POSIX extended regular expressions, regex(7). "(?i)" at the beginning makes
 * case not matter, "(?m)" lets ^ and $ stand at every line (REG_NEWLINE); POSIX gives "(?" no
 * meaning of its own. */
#include <regex.h>

#include "trial/judge.h"

static int compile(regex_t *re, struct str pattern)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	int flags = REG_EXTENDED;
	if (str_starts(pattern, STR("(?i)"))) {
		flags |= REG_ICASE;
		pattern = str_skip(pattern, 4);
	}
	if (str_starts(pattern, STR("(?m)"))) {
		flags |= REG_NEWLINE;
		pattern = str_skip(pattern, 4);
	}
	return regcomp(re, arena_cstr(&scratch, pattern), flags);
}

bool pattern_check(struct str pattern, struct err *e)
{
	regex_t re;
	char why[128];
	if (pattern.n > 0 && memchr(pattern.p, 0, pattern.n))
		return err_set(e, ERR_USAGE, "a pattern holds a NUL");
	int problem = compile(&re, pattern);
	if (problem) {
		regerror(problem, &re, why, sizeof why);
		return err_set(e, ERR_USAGE, "pattern '%.*s': %s", STR_ARG(pattern), why);
	}
	regfree(&re);
	return true;
}

bool pattern_matches(struct str pattern, struct str text)
{
	regex_t re;
	if (compile(&re, pattern) != 0)
		return false;
	/* REG_STARTEND (glibc and the BSDs): output may hold a NUL. */
	regmatch_t part = {.rm_so = 0, .rm_eo = (regoff_t)text.n};
	bool found = regexec(&re, text.p ? text.p : "", 1, &part, REG_STARTEND) == 0;
	regfree(&re);
	return found;
}
