/* re2: Go's regular expressions said as POSIX extended ones. Pure.
 *
 * container-structure-test matches with Go's regexp (RE2 syntax); socle's tests
 * match with regex(7). This module writes the one as the other, or says what
 * cannot be written. Both look anywhere in the text, so whether something
 * matches does not depend on greediness: "*?" becomes "*".
 *
 * Where the two still differ:
 *   - text is bytes, not code points: "." takes one byte of a UTF-8 letter, and
 *     a class may name ASCII alone ("[äö]" is refused; "(ä|ö)" does it);
 *   - flags may stand at the very beginning alone: (?i), (?m), (?s);
 *   - with (?m) a negated class does not take a newline;
 *   - \pN, \PN (Unicode classes) and \C are refused. */
#pragma once

#include "core/arena.h"
#include "core/err.h"

/* *posix is what pattern_check() takes. ERR_INPUT says what is wrong. */
MUST_USE bool re2_to_posix(struct str re2, struct arena *a, struct str *posix, struct err *e);
