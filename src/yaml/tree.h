/* yaml_tree: a YAML document read strictly into one's own structs.
 *
 * A mapping is described by a table of fields; every key must be in it, none
 * twice. libyaml resolves aliases to nodes, so a small file may describe a huge
 * tree: every visit of a node is counted against LIMIT_YAML_NODES. */
#pragma once

#include <yaml.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/vec.h"

struct yaml_tree {
	yaml_document_t *doc;
	const char *name; /* of the file, for messages */
	struct arena *arena;
	unsigned visited;
};

/* Reads `node` into the field's place. */
typedef bool yaml_reader(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e);

struct yaml_field {
	const char *key;
	yaml_reader *read;
	size_t offset; /* into the struct of the mapping */
	bool required;
};

/* Reads the one document of `text` by `read`, which gets its root; `name` is the file's, for
 * messages. ERR_LIMIT above LIMIT_TEXT_FILE_BYTES; ERR_INPUT for what is no YAML, empty, or more
 * than one document. */
MUST_USE bool yaml_read(struct str text, const char *name, yaml_reader *read, void *into,
			struct arena *a, struct err *e);

/* Fills what `into` points to. `what` names the mapping ("a command test"). */
MUST_USE bool yaml_mapping(struct yaml_tree *t, yaml_node_t *node, const char *what,
			   const struct yaml_field *field, size_t fields, void *into,
			   struct err *e);

/* Calls `read` for each item, with `into` as it is. Null is an empty sequence. */
MUST_USE bool yaml_sequence(struct yaml_tree *t, yaml_node_t *node, yaml_reader *read, void *into,
			    struct err *e);

/* Readers for struct str, bool, int (decimal), struct str_vec (a sequence of scalars). */
yaml_reader yaml_string, yaml_bool, yaml_int, yaml_strings;

/* err_set() with "<file>:<line>: " in front; false. */
bool yaml_error(const struct yaml_tree *t, const yaml_node_t *node, struct err *e,
		enum err_code code, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

bool yaml_is_null(const yaml_node_t *node);
