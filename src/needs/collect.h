/* collect: what the files of the needs floor share while needs are collected.
 * Private to src/needs/. */
#pragma once

#include "core/map.h"
#include "needs/needs.h"

/* A file that is still to be looked at. */
struct visit {
	const struct node *node;
	bool aside; /* not reached from an entry: its needs are one step less sure */
	struct str where; /* what speaks, where it is no file: "HEALTHCHECK" */
};

struct version_group; /* versions.c */

struct collector {
	struct needs *out;
	struct arena *arena;
	const struct tree *app;

	struct map index;    /* kind and name to 1 + the need's index */
	struct map files;    /* last component of a path to its struct named */
	struct map seen;     /* inode */
	VEC(struct visit) queue;
	size_t done; /* of the queue */

	/* Bits (1 << enum needs_libc) that objects reached, and the others, were built for. */
	unsigned libc_reached, libc_aside;
	enum needs_libc libc_first; /* of the first one reached */
	uint16_t machine;           /* of the first object reached; 0: none yet */
	uint8_t class_bits;
	VEC(struct version_group *) versions;
	struct map version_index;
	bool optional; /* what is started now is not told in needs.started */
	bool dotnet, dotnet_invariant; /* .NET is used; every configuration does without ICU */
};

/* `list` holds words with blanks between. */
static inline bool is_one_of(struct str word, const char *list)
{
	struct str rest = str_of(list), one;
	while (str_word(&rest, &one))
		if (str_eq(one, word))
			return true;
	return false;
}

/* ---- ledger.c: what was found ---- */

void collect_need(struct collector *c, const struct visit *v, enum need_kind kind, struct str name,
                  enum certainty certainty, struct str how);
void ledger_finish(struct collector *c); /* sorts, and drops evidence told twice */

/* ---- files.c: what the application itself has ---- */

void files_index(struct collector *c);
/* A library that a loader could take for `name`, asked for by the object `from`. */
const struct node *files_library(const struct collector *c, struct str name,
                                 const struct node *from);
/* A file with execute permission: a path, or a name as in PATH. */
const struct node *files_executable(const struct collector *c, struct str name);
bool files_have(const struct collector *c, struct str name);
/* True for what lies in a folder of dependencies: node_modules, site-packages … */
bool files_is_dependency(const struct node *n);
/* Links followed; NULL where they lead nowhere. */
const struct node *files_resolve(const struct collector *c, const struct node *n);
void files_enqueue(struct collector *c, const struct node *n, bool aside);

/* ---- One kind of evidence each ---- */

void object_needs(struct collector *c, const struct visit *v, const struct elf_object *elf);
void versions_add(struct collector *c, const struct visit *v, const struct elf_object *elf);
void versions_finish(struct collector *c);
void call_needs(struct collector *c, const struct visit *v, const struct elf_object *elf);
void path_needs(struct collector *c, const struct visit *v, const struct elf_object *elf);
void dlopen_note_needs(struct collector *c, const struct visit *v, struct str json);
/* A file of the application that is started; a command's own are told in needs.started. */
void command_starts(struct collector *c, const struct visit *v, const struct node *own);
void command_needs(struct collector *c, const struct needs_command *command,
                   struct str working_dir);
bool is_shell(struct str command);
void script_needs(struct collector *c, const struct visit *v, struct str shebang);
void shell_needs(struct collector *c, const struct visit *v, struct str text);
/* The runtime that the command `name` belongs to, or nothing. */
void runtime_of_command(struct collector *c, const struct visit *v, struct str command,
                        struct str how);
void runtime_of_module(struct collector *c, const struct visit *v, const struct elf_object *elf);
void runtime_of_entry(struct collector *c, const struct visit *v);
void runtime_of_file(struct collector *c, const struct node *n);
void runtime_finish(struct collector *c);
