/* cmocka, and a comparison that says which case it was. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/str.h"

static inline void expect_str(struct str got, const char *want, const char *what)
{
	if (str_eq(got, str_of(want)))
		return;
	fail_msg("%s\n  want %s\n  got  %.*s", what, want, STR_ARG(got));
}
