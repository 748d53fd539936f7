/* made: a catalogue, bases and applications of a test's own making, in a folder that goes with it.
 * For tests alone. */
#pragma once

#include <stdlib.h>

#include "advise/pick.h"
#include "needs/app_test.h"

static char made_folder[] = "/tmp/socle-advise-XXXXXX";

static inline int made_begin(void **state)
{
	(void)state;
	return mkdtemp(made_folder) ? 0 : -1;
}

static inline int made_end(void **state)
{
	(void)state;
	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", made_folder);
	return system(command);
}

/* What a test works with; zeroed but for what made_open() fills in. */
struct made {
	struct arena arena;
	struct catalogue catalogue;
	struct image_options options;
	struct store store;
	struct base_context bases;
	struct cure_shelf shelf;
	struct app app;
	struct str_vec names;
	struct pick_request request;
};

static inline void made_open(struct made *m, const char *catalogue)
{
	struct err e = ERR_INIT;
	struct str cache = arena_printf(&m->arena, "%s/cache", made_folder);
	m->options.platform = STR("linux/amd64");
	m->store.dir_fd = -1;
	if (!catalogue_parse(&m->catalogue, str_of(catalogue), "made", &m->arena, &e))
		fail_msg("%s", e.message);
	m->bases = (struct base_context){.catalogue = &m->catalogue, .store = &m->store,
	                                 .image_options = &m->options, .cache = cache,
	                                 .arena = &m->arena};
	m->request = (struct pick_request){.app = &m->app, .names = &m->names, .shelf = &m->shelf,
	                                   .judge_options.x86_level = 1,
	                                   .wishes = {.max_size_bytes = UINT64_MAX,
	                                              .today = STR("2026-11-24")}};
}

static inline void made_close(struct made *m)
{
	char command[64];
	arena_release(&m->arena);
	snprintf(command, sizeof command, "rm -rf %s/*", made_folder);
	if (system(command))
		fail_msg("%s", command);
}
#define CLEANUP_MADE __attribute__((cleanup(made_close)))

/* Facts of a base as `socle bases learn` keeps them. */
static inline void made_learn(struct made *m, const char *name, const struct app_file *files)
{
	struct err e = ERR_INIT;
	struct buf record = BUF_INIT(16 << 20);
	struct facts_builder *b = facts_builder_new(&m->arena);
	struct str path = base_cache_file(&m->bases, "learned", STR("amd64"), str_of(name), ".facts");
	for (const struct app_file *f = files; f->path; f++)
		app_add(b, f, &m->arena);
	if (!facts_builder_encode(b, STR(""), 0, &record, &e) ||
	    !folder_make(arena_cstr(&m->arena, str_dirname(path)), &e) ||
	    !file_replace(path.p, buf_str(&record), 0644, &e))
		fail_msg("%s", e.message);
	facts_builder_release(b);
	buf_release(&record);
}

/* The application: a folder with these files (text alone). */
static inline void made_app(struct made *m, const struct app_file *files, const char *entry)
{
	struct err e = ERR_INIT;
	struct str_vec entries = {0};
	struct app_options options = {.entry = &entries};
	struct str folder = arena_printf(&m->arena, "%s/app", made_folder);
	for (const struct app_file *f = files; f->path; f++) {
		struct str path = arena_printf(&m->arena, "%s/app/%s", made_folder, f->path);
		if (!folder_make(arena_cstr(&m->arena, str_dirname(path)), &e) ||
		    !file_replace(path.p, str_of(f->text), f->mode ? f->mode : 0755, &e))
			fail_msg("%s", e.message);
	}
	if (entry)
		*vec_push(&entries, &m->arena) = str_of(entry);
	if (!app_open(&m->app, folder, &options, &m->bases, &e))
		fail_msg("%s", e.message);
}

static inline struct pick_result made_pick(struct made *m)
{
	struct pick_result result;
	struct err e = ERR_INIT;
	if (!pick(&result, &m->request, &m->bases, &m->arena, &e))
		fail_msg("%s", e.message);
	return result;
}

/* "name (state): first reason\n", every rung a line. */
static inline const char *made_ladder(struct made *m, const struct pick_result *r)
{
	struct str text = STR("");
	for (size_t i = 0; i < r->count; i++) {
		const struct rung *g = &r->rungs[i];
		text = arena_printf(&m->arena, "%.*s%s%.*s (%s): %.*s\n", STR_ARG(text),
		                    g->chosen ? "> " : "", STR_ARG(g->base.name),
		                    rung_state_name(g->state),
		                    STR_ARG(g->reasons.n ? g->reasons.p[0] : STR("-")));
	}
	return arena_cstr(&m->arena, text);
}
