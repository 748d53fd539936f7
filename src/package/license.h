/* license: what records say of licences, as expressions of SPDX (specification 2.3, annex D). Pure. */
#pragma once

#include "core/arena.h"

/* "MIT and (Apache-2.0 OR GPL-2.0+ WITH Classpath-exception-2.0)" with identifiers as the SPDX
 * License List writes them and operators in capitals; empty where it is no expression, or names
 * what is not on the list. */
struct str license_expression(struct str declared, struct arena *a);

/* Whether an expression is one identifier of the list: "MIT", and not "GPL-2.0+ WITH …". */
bool license_is_id(struct str expression);
