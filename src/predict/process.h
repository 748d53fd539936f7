/* process: an emulated process: the objects that a loader has mapped, in order.
 *
 * Shared by the two loaders (glibc.c, musl.c) and by the kernel's part
 * (exec.c). Inside predict only. */
#pragma once

#include "core/map.h"
#include "predict/predict.h"

enum libc_family { LIBC_NONE, LIBC_GLIBC, LIBC_MUSL };

struct object;
struct object_vec {
	struct object **p;
	size_t n, cap;
};

struct object {
	const struct node *node;      /* NULL for the host program of a module */
	const struct elf_object *elf;
	struct str path;              /* as opened */
	struct str_vec names;         /* names that find it again without a search */
	bool soname_added;            /* glibc: DT_SONAME is among them */
	struct object *loader;        /* who asked for it first; NULL: the process itself */
	struct str rule;
	struct str asked;             /* the name it was asked for by */
	uint32_t depth;
	bool is_main, is_loader;
	bool needs_mapped;        /* glibc: its DT_NEEDED have been followed */
	struct object_vec needs;  /* glibc: what they gave, in order */
	bool visited;             /* glibc: while sorting */
	const char *host;         /* whose symbols it was found to ask for */
};

struct libc_cache; /* ld.so.cache, see glibc_cache.h */

struct process {
	const struct predict_target *target;
	struct prediction *out;
	struct arena *arena;

	enum libc_family family;
	const struct node *loader_node;
	const struct elf_object *loader_elf;
	struct str loader_path; /* as PT_INTERP writes it */
	unsigned glibc_minor;   /* 36 for 2.36; 0: not known */

	struct object_vec objects; /* everything mapped, in order */
	struct object_vec scope;   /* symbol lookup order: global, then the module's own */
	size_t global_count;       /* of `scope`: what was there before a module was opened */
	struct object *main;       /* the program, or the module's host */
	struct object *module;     /* the library that is opened; NULL: a program is started */
	struct object_vec own;     /* glibc: the module and all that it needs, loaded or not */
	bool opening;              /* glibc: the program runs, the module is being opened */

	const struct libc_cache *cache;
	struct str_vec searched; /* of the search under way */
	size_t missing_libraries;
};

/* A new finding, to be filled in; `object` may be NULL. */
struct finding *process_finding(struct process *p, enum finding_severity s, enum finding_kind k,
                                const struct object *object, struct str name);

/* The value of an environment variable of the target, or an empty string. */
struct str target_env(const struct predict_target *t, struct str name);

/* A new object, and one that is mapped at once: last of p->objects; in no scope yet. */
struct object *process_new(struct process *p, const struct node *node, const struct elf_object *elf,
                           struct str path, struct object *loader, struct str name,
                           struct str rule);
struct object *process_add(struct process *p, const struct node *node, const struct elf_object *elf,
                           struct str path, struct object *loader, struct str name,
                           struct str rule);

bool object_in(const struct object_vec *v, const struct object *o);
/* True for what was loaded before a module is opened: the first p->global_count of p->scope. */
bool process_has_started_with(const struct process *p, const struct object *o);

bool str_in(const struct str_vec *v, struct str s);
void str_add_once(struct str_vec *v, struct str s, struct arena *a);

/* Looks a path up as an open() of the process does: a relative one from its folder. */
enum tree_miss process_open(const struct process *p, struct str path, struct node **node);
enum tree_miss target_open(const struct predict_target *t, struct str path, struct node **node);

/* The program that execvp(3) would start for `name`, which has no slash: a file with an execute
 * bit along PATH, whose empty elements are the working folder. NULL: none. */
struct node *target_in_path(const struct predict_target *t, struct str name, struct arena *a);

/* True where something was found already that ends the start. */
bool process_is_blocked(const struct process *p);

/* Reports a library that nobody found, along p->searched. */
void process_library_missing(struct process *p, struct object *needed_by, struct str name,
                             const char *why);

/* The loaders: load everything, then bind everything; findings tell what went wrong. */
void glibc_start(struct process *p);
void musl_start(struct process *p);

/* True where a program that extends itself by modules (Python, Node, …) provides `symbol` to
 * `module`; *host is its name, always the same pointer. */
bool host_provides(const struct elf_object *module, struct str symbol, const char **host);

/* The same for what an object of an opened module asks for; a note says so, once. */
bool process_host_provides(struct process *p, struct object *o, const struct elf_import *want);
