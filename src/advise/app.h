/* app: the application that is to be judged: what it is, where it lies, what is started. */
#pragma once

#include "advise/above.h"
#include "needs/needs.h"

struct app {
	struct str name;    /* as written */
	struct image image; /* of an image with a configuration one layer: what is above its base */
	struct image whole; /* as it was opened */
	struct reference reference;
	bool is_image;      /* it has a configuration, and lies where it does */
	struct above above; /* of such an image */
	struct str at;      /* folder in the image, absolute: "/app" */
	struct str working_dir; /* that commands start in */
	struct str_vec command; /* that its configuration starts; empty: it says nothing, or the
	                         * person named entries */
	struct str_vec entries; /* paths in the image, absolute: named, or started by `command`; without
	                         * either all are looked for */
	struct str runtime;     /* "python", where that runs the first of `entries`; or empty */
	struct str source;  /* path on this machine (folder or file); empty: a tar */
	struct str architecture; /* of its programs; empty: it has none */
	struct str_vec unread;   /* what in it could not be read: paths in the image */
	size_t entry_count;  /* how many files are judged; 0: nothing can be started or loaded */
	struct needs needs;  /* of these */
};

struct app_options {
	struct str at;               /* empty: "/app"; for an image with a configuration "/" */
	struct str base_was;         /* what the image stands on; empty: looked for */
	const struct str_vec *entry; /* relative ones lie below `at`; of an image below its WORKDIR */
	bool exec_form; /* a shell form that needs no shell is taken for what it starts */
};

/* Lives in the context's arena. Of an image that has a configuration the application is what stands
 * above its base, unless `at` says where all of it lies. */
MUST_USE bool app_open(struct app *app, struct str text, const struct app_options *options,
                       const struct base_context *context, struct err *e);

/* Whether a language's runtime or a shell, rather than the kernel alone, runs what is in it. */
bool app_is_interpreted(const struct app *app);

/* What its health check starts; empty: there is none. */
struct str_vec app_health(const struct app *app, struct arena *a);

/* The application alone, in its place. */
MUST_USE bool app_tree(const struct app *app, struct tree *t, struct arena *a, struct err *e);

/* Its entries in `t` (which holds the application). ERR_USAGE for an entry that is not there. */
MUST_USE bool app_entries(const struct app *app, const struct tree *t, struct node_vec *entries,
                          struct arena *a, struct err *e);
