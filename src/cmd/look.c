/* socle ldd, ls and sizes: look inside any application or base, by facts. */
#include <stdlib.h>

#include "cmd/commands.h"
#include "cmd/open.h"
#include "report/look_report.h"

int cmd_ldd(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	struct base b;
	struct tree t;
	struct judge_options options;
	struct prediction prediction;
	if (s->args.n != 2)
		return session_usage(s, "ldd wants an image and the path of a file in it");
	if (!workplace_open(&w, s, &e) || !workplace_tree(&w, s, s->args.p[0], &b, &t, &e) ||
	    !workplace_judge_options(s, b.architecture, &options, &e))
		return session_fail(&e);

	struct node *n;
	if (tree_lookup(&t, NULL, s->args.p[1], true, &n) != TREE_FOUND) {
		session_complain("%.*s: no such file in %.*s", STR_ARG(s->args.p[1]), STR_ARG(b.name));
		return EXIT_NOTHING;
	}
	struct predict_target target = {.tree = &t,
	                                .x86_level = options.x86_level,
	                                .x86_intel = options.x86_intel,
	                                .env = str_vec_join(&b.image.config.env, &options.env,
	                                                    s->arena),
	                                .working_dir = b.image.config.working_dir};
	predict(&target, (const struct node *const[]){n}, 1, &prediction, s->arena);
	struct ldd_result result = {
		.name = b.name, .path = tree_path(n, s->arena), .prediction = &prediction};
	if (!session_render(s, ldd_render, &result, &e))
		return session_fail(&e);
	return prediction.verdict == VERDICT_RUNS ? EXIT_YES : EXIT_NO;
}

/* ---- ls ---- */

struct listing {
	struct arena *arena;
	struct node_vec nodes;
	const struct node *skip;
};

static bool list_node(const struct node *n, void *context)
{
	struct listing *l = context;
	if (n != l->skip)
		*vec_push(&l->nodes, l->arena) = n;
	return true;
}

int cmd_ls(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	struct base b;
	struct tree t;
	if (s->args.n < 1 || s->args.n > 2)
		return session_usage(s, "ls wants an image and, if you like, a path in it");
	if (!workplace_open(&w, s, &e) || !workplace_tree(&w, s, s->args.p[0], &b, &t, &e))
		return session_fail(&e);

	struct str path = s->args.n > 1 ? s->args.p[1] : STR("/");
	struct node *n;
	if (tree_lookup(&t, NULL, path, true, &n) != TREE_FOUND &&
	    tree_lookup(&t, NULL, path, false, &n) != TREE_FOUND) {
		session_complain("%.*s: no such file in %.*s", STR_ARG(path), STR_ARG(b.name));
		return EXIT_NOTHING;
	}
	struct listing l = {.arena = s->arena, .skip = n};
	bool recursive = session_flag(s, "recursive");
	if (node_type(n) != ENTRY_DIR)
		*vec_push(&l.nodes, s->arena) = n;
	else if (recursive)
		tree_walk(&t, n, s->arena, list_node, &l);
	else
		l.nodes.p = node_children(n, s->arena, &l.nodes.n);
	struct ls_result result = {.name = b.name, .nodes = l.nodes.p, .count = l.nodes.n,
	                           .one_folder = !recursive && node_type(n) == ENTRY_DIR};
	if (!session_render(s, ls_render, &result, &e))
		return session_fail(&e);
	return EXIT_YES;
}

/* ---- sizes ---- */

/* What an image adds to those above it in the table: its size less the layers they share. The
 * folders of a merged tree belong to no layer alone, so that nothing new is nothing. */
static uint64_t own_bytes(const struct base *b, struct map *seen, struct arena *a)
{
	uint64_t shared_bytes = 0;
	size_t shared = 0;
	for (size_t i = 0; i < b->image.layer_count; i++) {
		const struct facts *f = b->image.layers[i];
		bool added = true;
		if (f->diff_id.n)
			map_put(seen, a, f->diff_id, &added);
		shared += !added;
		shared_bytes += added ? 0 : f->unpacked_bytes;
	}
	bool all_shared = shared > 0 && shared == b->image.layer_count;
	return all_shared || shared_bytes > b->size_bytes ? 0 : b->size_bytes - shared_bytes;
}

static struct sizes_row row_of(const struct base *b, struct map *seen, struct arena *a)
{
	struct sizes_row row = {.name = b->name,
	                        .unpacked_bytes = b->size_bytes,
	                        .files = b->file_count,
	                        .packages = b->package_count,
	                        .layers = b->image.layer_count,
	                        .provenance = b->provenance,
	                        .sized = base_is_sized(b),
	                        .counted = b->has_facts,
	                        .own_bytes = own_bytes(b, seen, a)};
	for (size_t i = 0; i < b->image.layer_count; i++)
		row.compressed_bytes += b->image.layers[i]->compressed_bytes;
	return row;
}

int cmd_sizes(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	if (s->args.n < 1)
		return session_usage(s, "sizes wants at least one image");
	if (!workplace_open(&w, s, &e))
		return session_fail(&e);
	w.image_options.single_file_ok = true;

	struct base *bases = arena_array(s->arena, s->args.n, sizeof *bases);
	struct sizes_row *rows = arena_array(s->arena, s->args.n, sizeof *rows);
	struct sizes_result result = {.rows = rows, .count = s->args.n};
	struct map seen = {0};
	if (!workplace_bases(&w, s->args.p, s->args.n, bases, &e))
		return session_fail(&e);
	for (size_t i = 0; i < s->args.n; i++) {
		rows[i] = row_of(&bases[i], &seen, s->arena);
		result.together_bytes += rows[i].own_bytes;
	}
	if (!session_render(s, sizes_render, &result, &e))
		return session_fail(&e);
	return EXIT_YES;
}
