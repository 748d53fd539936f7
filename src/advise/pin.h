/* pin: every reference to an image gets the digest that its tag means today.
 *
 * The digest is the index's where the image has one, so that a pin is good for
 * every platform. The tag stays, the digest follows it; every other byte of the
 * file stays. Each name is asked once for all files. What cannot be pinned is
 * said to be so, with the reason, and left alone.
 *
 *     # socle ignore=pin reason         at the reference: it stays as it is
 *     # socle global ignore=pin reason  likewise all of the file's
 *
 * Reads texts, writes no files. */
#pragma once

#include "core/span.h"
#include "core/vec.h"
#include "image/reference.h"
#include "image/registry/registry.h"

enum pin_status {
	PIN_PINNED,     /* had no digest, gets one */
	PIN_CURRENT,    /* has one, and keeps it */
	PIN_UPDATED,    /* gets another one, or another tag */
	PIN_UNRESOLVED, /* has none that would do, and gets none */
	PIN_IGNORED     /* a comment says so, or it names what is built */
};
const char *pin_status_name(enum pin_status s);

struct pin_reference {
	struct span at;        /* where the reference stands; of one that is put together: its parts */
	unsigned line, column; /* from 1, in code points */
	struct str image;      /* as it stands in the file */
	enum pin_status status;
	struct str digest;     /* that it has in the end; empty: none */
	struct str result;     /* the whole reference in the end; empty where nothing changes */
	struct str reason;     /* may be empty */
	bool failed;           /* the registry could not be asked: `reason` says why */
	bool child;            /* the digest there is that of one platform's manifest */

	/* pin's own */
	bool settled;          /* its status needs nobody to be asked */
	bool shared;           /* stands elsewhere than where it is used */
	struct reference name;
	size_t tag, pinned, index; /* questions: the tag, the digest there, the index's content */
};

enum pin_kind { PIN_DOCKERFILE, PIN_YAML };

/* By the name, else by what the text begins with. */
enum pin_kind pin_kind_of(struct str name, struct str text);

struct dockerfile;
struct yaml_images;
struct pin_file {
	struct str name;
	struct str text;
	VEC(struct pin_reference) references; /* by place */
	struct str result;                    /* the text in the end */
	bool failed;                          /* some reference has: nothing of it changes */
	enum pin_kind kind;
	const struct dockerfile *dockerfile;  /* one of them: what was read */
	const struct yaml_images *yaml;
};

/* Finds the references in f->text; name and text are set. Views of both. ERR_INPUT or
 * ERR_LIMIT, with "NAME:LINE:COLUMN: " in front. */
MUST_USE bool pin_read(struct pin_file *f, struct arena *a, struct err *e);

struct pin_options {
	struct registry *registry; /* NULL: nobody is asked; a digest is taken for good */
	bool update;               /* older digests make way for what the tag means today */
	bool tighten;              /* tags that move make way for exact ones with their digest */
};

/* Decides on all references of all files, and makes the files' results. */
void pin(struct pin_file *files, size_t count, const struct pin_options *o, struct arena *a);

/* Nothing of the file changes after all: what would have is unresolved, for that reason. */
void pin_leave(struct pin_file *f, struct str reason);

/* Whether it would change, or cannot be what it should be. */
bool pin_is_missing(const struct pin_reference *r);
