/* report: what the keeper tells socle about one test, and how it travels.
 *
 * The keeper stands next to code that nobody trusts. So what comes from it is
 * read like any foreign input: bounded, checked, copied. Pure.
 *
 * One report is a frame: length of the rest (4 bytes), then fields in the order
 * of report_encode(), integers of 8 bytes, all little-endian; a string is its
 * length and its bytes. */
#pragma once

#include "core/buf.h"
#include "trial/trial.h"

struct report_file {
	bool there;
	char type;     /* as ls shows it: '-', 'd', 'l', 'c', 'b', 'p', 's' */
	uint32_t mode; /* 07777 */
	uint32_t uid, gid;
	bool readable, cut; /* content was read; it is longer than LIMIT_TRIAL_CONTENT_BYTES */
	struct str content;
};

enum report_kind { REPORT_TEST, REPORT_ERROR };

struct report {
	enum report_kind kind;
	uint32_t error_code; /* REPORT_ERROR: the trial could not be made; why holds the message */

	bool started, timed_out, out_of_memory, too_many_tasks, observed;
	bool http_done, http_oddly;
	int exit, http_status;
	uint64_t duration_us;
	struct str out, err;
	bool out_cut, err_cut;
	struct str why; /* the keeper's own reason for a failure: not started, a step failed */
	struct report_file file;
	VEC(struct trial_missing) missing;
	struct str_vec notes;
};

/* Appends a whole frame. ERR_LIMIT where it would pass the buffer's maximum. */
MUST_USE bool report_encode(const struct report *r, struct buf *b, struct err *e);

/* `frame` without its length. What *r points to lives in `a`. */
MUST_USE bool report_decode(struct str frame, struct report *r, struct arena *a, struct err *e);

/* Why a test failed whose command "before" or "after" it did: the command, and why that failed. */
struct str report_step(const char *when, const struct str_vec *argv, struct str why, struct arena *a);
