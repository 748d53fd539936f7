/* images: where YAML files name the images that somebody will pull.
 *
 * Compose, Kubernetes, and the CI of GitHub, GitLab and their like: the values of `image:`,
 * `docker://…`, a job's `container:`, GitLab's `image: {name: …}` and `services: […]`. libyaml
 * reads the file; what comes out are places in its text, byte for byte, so that an editor
 * touches nothing else. Which tool will read the file is not asked: the rules of all apply.
 *
 * Pure: no files, no network. Everything lives in the arena that was handed in. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/span.h"
#include "core/vec.h"

enum yaml_image_state {
	YAML_IMAGE_NAMED,   /* `at` holds the reference */
	YAML_IMAGE_UNKNOWN, /* templates, variables, escapes: `reason` says which */
	YAML_IMAGE_OTHER    /* no image to pull: what `build:` makes, a path; `reason` says what */
};

struct yaml_image {
	enum yaml_image_state state;
	struct span at;   /* the reference in the text; where it is not named, all of the value */
	struct str value; /* named: as it stands there, without docker:// */
	struct str reason;
	uint32_t comment_first, comment_count; /* those right above, and behind it on its line */
};

struct yaml_comment {
	struct span at; /* from "#" to the line's end */
	uint32_t line;  /* from 1 */
	bool alone;     /* nothing stands before it on its line */
};

struct yaml_images {
	VEC(struct yaml_image) images;     /* in the order of the file */
	VEC(struct yaml_comment) comments; /* likewise */
};

/* `text` must outlive the result. ERR_INPUT, or ERR_LIMIT, with "NAME:LINE:COLUMN: " in front,
 * where it is no YAML (1.1, as libyaml reads it) in UTF-8. */
MUST_USE bool yaml_images_find(struct yaml_images *y, struct str text, struct str name,
                               struct arena *a, struct err *e);

/* Whether lines of the text begin with "apiVersion:" and with "kind:": a Kubernetes manifest. */
bool yaml_is_manifest(struct str text);
