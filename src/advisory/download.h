/* download: a file of a server, brought into a folder so that no cut costs what has come.
 *
 * The body is written to FOLDER/NAME.part; beside it NAME.part-of says of which state of which
 * address it is. A later try, or a later run, asks for the rest by Range and If-Range (RFC 9110,
 * 14.2 and 13.1.5); a server that knows no ranges, or has another state by now, sends all of it.
 * What was had whole before is asked for conditionally (13.1.2, 13.1.3). Redirects are followed,
 * never from https to http.
 *
 * Knows no advisories. One writer a folder: who calls holds its lock. */
#pragma once

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"
#include "os/http.h"
#include "os/patience.h"

struct downloader {
	struct http *http;
	const struct patience *patience;
	/* Told how many bytes of how many have come (UINT64_MAX: nobody knows), and as many as there
	 * shall be at the end of each try. NULL: nobody. */
	void (*progress)(uint64_t received_bytes, uint64_t awaited_bytes, void *context);
	void *progress_context;
};

/* What a server said of a state of a file; empty: nothing. */
struct download_state {
	struct str etag, last_modified;
};

enum download_outcome {
	DOWNLOAD_WHOLE,     /* lies at `path` */
	DOWNLOAD_UNCHANGED, /* the server has what was had */
	DOWNLOAD_MISSING    /* the server has no such file (404, 410) */
};

struct download {
	struct str url, folder, name;
	struct download_state had; /* what need not come again */
	uint64_t max_bytes;
	enum download_outcome outcome;
	struct str path;             /* FOLDER/NAME.part */
	struct download_state state; /* of what lies there */
	bool unreachable;            /* with an error: nobody answers there */
};

/* Brings d->url, asking as often as patience lasts. What has come stays for the next run where it
 * fails, but for what is larger than max_bytes (ERR_LIMIT); and where the file is missing, since it
 * may be of another address. ERR_IO names the address. */
MUST_USE bool download_run(struct download *d, const struct downloader *with, struct arena *a,
			   struct err *e);

/* Removes NAME.part and what is beside it: it was used, or is of no use. */
void download_remove(const struct download *d, struct arena *a);
