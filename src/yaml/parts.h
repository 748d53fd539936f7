/* parts: what the files of the yaml floor share. Private to it. */
#pragma once

#include <yaml.h>

#include "core/map.h"
#include "yaml/images.h"

/* ---- reader.c: events with their places in the text ---- */

struct yaml_scalar {
	struct str value;  /* decoded; in the arena */
	struct span whole; /* with tag, anchor and quotes */
	struct span at;    /* where `value` stands byte for byte; n is 0 where it does not */
	struct str anchor; /* empty: none */
	bool plain;
};

enum yaml_node {
	YAML_NODE_SCALAR,
	YAML_NODE_ALIAS,
	YAML_NODE_OPEN_MAPPING,
	YAML_NODE_OPEN_SEQUENCE,
	YAML_NODE_CLOSE,
	YAML_NODE_NEW_DOCUMENT,
	YAML_NODE_END
};

struct yaml_reader {
	yaml_parser_t parser;
	struct str text, name;
	struct arena *arena;
	struct yaml_images *out;       /* its comments */
	size_t index, off;             /* a place: in code points, and in bytes */
	size_t comments_to;            /* comments are known up to there, */
	uint32_t line;                 /* which lies on this line */
	unsigned depth;
	enum yaml_node node;           /* the last that was read, and */
	struct yaml_scalar scalar;     /* what it holds; of an alias `whole` and `anchor`, of what opens `anchor` */
};

void yaml_reader_open(struct yaml_reader *r, struct str text, struct str name,
                      struct yaml_images *out, struct arena *a);
void yaml_reader_close(struct yaml_reader *r);
#define CLEANUP_YAML_READER __attribute__((cleanup(yaml_reader_close)))

/* The next node into r->node and r->scalar. */
MUST_USE bool yaml_reader_next(struct yaml_reader *r, struct err *e);

/* ---- value.c: what the value of `image:` means ---- */

/* Fills state, at, value and reason; false where it is no value at all (null, true). */
bool yaml_image_of(struct yaml_image *image, const struct yaml_scalar *s);
