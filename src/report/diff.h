/* diff: two texts as a unified diff that patch(1) reads. */
#pragma once

#include "report/text.h"

/* Nothing where they are the same. */
void diff_print(const struct out *o, struct str name, struct str before, struct str after);
