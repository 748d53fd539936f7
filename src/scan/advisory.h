/* advisory: what an OSV record says of a vulnerability, as far as a scan asks for it.
 *
 * OSV (the OSV schema, https://ossf.github.io/osv-schema/) is the one format of advisories. Its
 * sentences are not kept: identifiers, packages, ranges of versions and severities are. Pure: a
 * text in, values out. */
#pragma once

#include "core/buf.h"
#include "core/jnode.h"
#include "scan/severity.h"

/* The four kinds of event in a range ("affected[].ranges[].events fields"). */
enum event_type { EVENT_INTRODUCED, EVENT_FIXED, EVENT_LAST_AFFECTED, EVENT_LIMIT };

struct version_event {
	enum event_type type;
	struct str version; /* of EVENT_INTRODUCED, "0": before all others; of EVENT_LIMIT, "*":
			       behind */
};

/* ECOSYSTEM or SEMVER; those of GIT speak of commits, which no package has. */
struct version_range {
	VEC(struct version_event) events; /* as written */
};

/* What a Go advisory holds for: one entry of ecosystem_specific.imports. Empty lists: any. */
struct go_import {
	struct str_vec goos, goarch;
};

struct affected {
	struct str ecosystem; /* "Debian:12", "PyPI" */
	struct str name;
	VEC(struct version_range) ranges;
	struct str_vec versions;       /* that are affected beside the ranges */
	VEC(struct go_import) imports; /* none: any platform */
	struct str module; /* modular RPM: "nodejs:18", several with a blank between; empty: not
			      said */
	struct str_vec
		binaries; /* SUSE: of the source package `name`, the binary ones; empty: all */
	struct severity severity;
};

struct advisory {
	struct str id;                  /* "DEBIAN-CVE-2024-1234" */
	struct str modified, published; /* RFC 3339 */
	struct str withdrawn;           /* RFC 3339; empty: it stands */
	struct str_vec aliases, upstream, related;
	struct severity severity;
	VEC(struct affected) affected;
};

/* Views of what `osv` was read from, or in the arena. ERR_INPUT for what is no OSV record: no "id"
 * and no "modified". Members that are of an unexpected type count as missing. */
MUST_USE bool advisory_read(struct advisory *out, const struct jnode *osv, struct arena *a,
			    struct err *e);

/* Appends the record again as OSV on one line, with what struct advisory holds and nothing else:
 * advisory_read() of it gives the same. */
MUST_USE bool advisory_write(const struct advisory *in, struct buf *to, struct err *e);

/* Likewise without "affected", and one entry of that alone. */
MUST_USE bool advisory_write_head(const struct advisory *in, struct buf *to, struct err *e);
MUST_USE bool affected_write(const struct affected *in, struct buf *to, struct err *e);

/* An entry as affected_write() wrote it; false where it is none. */
bool affected_read(struct affected *out, const struct jnode *entry, struct arena *a);
