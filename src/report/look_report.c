#include "report/look_report.h"

#include "report/check_report.h"

/* ---- ldd ---- */

static void print_missing(const struct out *o, const struct finding *f, struct arena *a)
{
	enum style style = f->severity == SEVERITY_BLOCKS ? STYLE_RED
	                   : f->severity == SEVERITY_RISK ? STYLE_YELLOW : STYLE_DIM;
	out_wrapped(o, 2, style,
	            arena_printf(a, "%s: %.*s: %.*s", finding_severity_name(f->severity), STR_ARG(f->object),
	                         STR_ARG(f->message)));
}

static bool ldd_table(const struct out *o, const struct ldd_result *r, struct arena *a)
{
	struct table t;
	table_init(&t, a, 4);
	table_cell(&t, STYLE_PLAIN, STR("LIBRARY"));
	table_cell(&t, STYLE_PLAIN, STR("PATH"));
	table_cell(&t, STYLE_PLAIN, STR("FOUND BY"));
	table_cell(&t, STYLE_PLAIN, STR("NEEDED BY"));
	for (size_t i = 0; i < r->prediction->loaded.n; i++) {
		const struct loaded *l = &r->prediction->loaded.p[i];
		unsigned depth = l->depth ? (l->depth > 10 ? 10 : l->depth) - 1 : 0;
		table_cell(&t, l->path.n ? STYLE_PLAIN : STYLE_RED,
		           arena_printf(a, "%*s%.*s", (int)(2 * depth), "", STR_ARG(l->name)));
		table_cell(&t, l->path.n ? STYLE_PLAIN : STYLE_RED, l->path.n ? l->path : STR("not found"));
		table_cell(&t, STYLE_DIM, l->rule);
		table_cell(&t, STYLE_DIM, l->needed_by);
	}
	if (r->prediction->loaded.n)
		table_print(&t, o);
	else if (r->prediction->verdict == VERDICT_RUNS)
		out_printf(o, STYLE_DIM, "needs no library\n");
	for (size_t i = 0; i < r->prediction->findings.n; i++)
		print_missing(o, &r->prediction->findings.p[i], a);
	return true;
}

bool ldd_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct ldd_result *r = result;
	if (!str_eq(format, STR("json")))
		return ldd_table(o, r, a);
	json_t *doc = json_object(), *libraries = json_array(), *findings = json_array();
	json_set_str(doc, "schema", STR("socle/ldd/1"));
	json_set_str(doc, "image", r->name);
	json_set_str(doc, "path", r->path);
	json_set_str(doc, "verdict", str_of(verdict_name(r->prediction->verdict)));
	for (size_t i = 0; i < r->prediction->loaded.n; i++) {
		const struct loaded *l = &r->prediction->loaded.p[i];
		json_t *j = json_object();
		json_set_str(j, "name", l->name);
		json_object_set_new(j, "path", l->path.n ? json_of_str(l->path) : json_null());
		json_set_str(j, "rule", l->rule);
		json_set_str(j, "needed_by", l->needed_by);
		json_object_set_new(j, "depth", json_integer(l->depth));
		json_array_append_new(libraries, j);
	}
	json_object_set_new(doc, "libraries", libraries);
	for (size_t i = 0; i < r->prediction->findings.n; i++) {
		const struct finding *f = &r->prediction->findings.p[i];
		json_t *j = json_object();
		json_set_str(j, "severity", str_of(finding_severity_name(f->severity)));
		json_set_str(j, "kind", str_of(finding_kind_name(f->kind)));
		json_set_str(j, "name", f->name);
		json_set_str_if(j, "object", f->object);
		json_set_str(j, "message", f->message);
		json_array_append_new(findings, j);
	}
	json_object_set_new(doc, "findings", findings);
	return json_write(doc, o->file);
}

/* ---- ls ---- */

static const char *type_word(const struct node *n)
{
	switch (node_type(n)) {
	case ENTRY_DIR: return "folder";
	case ENTRY_SYMLINK: return "link";
	case ENTRY_CHAR: return "character device";
	case ENTRY_BLOCK: return "block device";
	case ENTRY_FIFO: return "fifo";
	default: return "file";
	}
}

/* "-rwsr-xr-x", as ls -l writes it. */
static struct str mode_text(const struct node *n, struct arena *a)
{
	static const char types[] = "?-dl-cbp";
	unsigned mode = node_mode(n), type = node_type(n);
	char text[] = "?rwxrwxrwx";
	text[0] = type < sizeof types - 1 ? types[type] : '?';
	for (unsigned bit = 0; bit < 9; bit++)
		if (!(mode & (0400u >> bit)))
			text[1 + bit] = '-';
	if (mode & 04000)
		text[3] = mode & 0100 ? 's' : 'S';
	if (mode & 02000)
		text[6] = mode & 0010 ? 's' : 'S';
	if (mode & 01000)
		text[9] = mode & 0001 ? 't' : 'T';
	return arena_str(a, str_of(text));
}

static bool ls_table(const struct out *o, const struct ls_result *r, struct arena *a)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct node *n = r->nodes[i];
		struct str name = r->one_folder ? n->name : tree_path(n, a);
		enum style style = node_type(n) == ENTRY_DIR ? STYLE_BOLD
		                   : node_type(n) == ENTRY_SYMLINK ? STYLE_CYAN
		                   : node_mode(n) & 0111           ? STYLE_GREEN
		                                                   : STYLE_PLAIN;
		out_printf(o, STYLE_DIM, "%.*s %5u %5u %11llu  ", STR_ARG(mode_text(n, a)),
		           n->entry ? n->entry->uid : 0, n->entry ? n->entry->gid : 0,
		           (unsigned long long)node_size_bytes(n));
		out_text(o, style, name);
		if (node_type(n) == ENTRY_SYMLINK) {
			fputs(" -> ", o->file);
			out_text(o, STYLE_PLAIN, node_link(n));
		}
		fputc('\n', o->file);
	}
	return true;
}

bool ls_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct ls_result *r = result;
	if (!str_eq(format, STR("json")))
		return ls_table(o, r, a);
	json_t *doc = json_object(), *entries = json_array();
	json_set_str(doc, "schema", STR("socle/ls/1"));
	json_set_str(doc, "image", r->name);
	for (size_t i = 0; i < r->count; i++) {
		const struct node *n = r->nodes[i];
		json_t *j = json_object();
		json_set_str(j, "path", tree_path(n, a));
		json_set_str(j, "type", str_of(type_word(n)));
		json_set_str(j, "mode", arena_printf(a, "%04o", node_mode(n)));
		json_object_set_new(j, "uid", json_integer(n->entry ? n->entry->uid : 0));
		json_object_set_new(j, "gid", json_integer(n->entry ? n->entry->gid : 0));
		json_object_set_new(j, "size_bytes", json_of_number(node_size_bytes(n), true));
		json_set_str_if(j, "link", node_link(n));
		json_object_set_new(j, "layer", json_integer(n->layer));
		json_array_append_new(entries, j);
	}
	json_object_set_new(doc, "entries", entries);
	return json_write(doc, o->file);
}

/* ---- sizes ---- */

static struct str count_text(size_t n, bool known, struct arena *a)
{
	return known ? arena_printf(a, "%zu", n) : STR("-");
}

static struct str bytes_text(uint64_t bytes, bool known, struct arena *a)
{
	return known ? text_bytes(bytes, a) : STR("-");
}

static bool sizes_table(const struct out *o, const struct sizes_result *r, struct arena *a)
{
	static const char *const heads[] = {"IMAGE", "UNPACKED", "COMPRESSED", "OF ITS OWN",
	                                    "FILES", "LAYERS", "PACKAGES", "FACTS"};
	struct table t;
	table_init(&t, a, 8);
	for (size_t i = 0; i < 8; i++)
		table_cell(&t, STYLE_PLAIN, str_of(heads[i]));
	for (size_t i = 0; i < r->count; i++) {
		const struct sizes_row *row = &r->rows[i];
		table_cell(&t, STYLE_BOLD, row->name);
		table_number(&t, bytes_text(row->unpacked_bytes, row->sized, a));
		table_number(&t, bytes_text(row->compressed_bytes, row->compressed_bytes > 0, a));
		table_number(&t, bytes_text(row->own_bytes, row->sized, a));
		table_number(&t, count_text(row->files, row->counted, a));
		table_number(&t, count_text(row->layers, row->counted, a));
		table_number(&t, count_text(row->packages, row->counted, a));
		table_cell(&t, STYLE_DIM, str_of(provenance_name(row->provenance)));
	}
	table_print(&t, o);
	if (r->count > 1) {
		out_printf(o, STYLE_DIM, "together ");
		out_text(o, STYLE_BOLD, text_bytes(r->together_bytes, a));
		out_printf(o, STYLE_DIM, ", shared layers counted once\n");
	}
	return true;
}

static json_t *json_of_row(const struct sizes_row *row)
{
	json_t *j = json_object();
	json_set_str(j, "image", row->name);
	json_object_set_new(j, "unpacked_bytes", json_of_number(row->unpacked_bytes, row->sized));
	json_object_set_new(j, "compressed_bytes",
	                    json_of_number(row->compressed_bytes, row->compressed_bytes > 0));
	json_object_set_new(j, "own_bytes", json_of_number(row->own_bytes, row->sized));
	json_object_set_new(j, "files", json_of_number(row->files, row->counted));
	json_object_set_new(j, "layers", json_of_number(row->layers, row->counted));
	json_object_set_new(j, "packages", json_of_number(row->packages, row->counted));
	json_set_str(j, "provenance", str_of(provenance_name(row->provenance)));
	return j;
}

bool sizes_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct sizes_result *r = result;
	if (!str_eq(format, STR("json")))
		return sizes_table(o, r, a);
	json_t *doc = json_object(), *images = json_array();
	json_set_str(doc, "schema", STR("socle/sizes/1"));
	for (size_t i = 0; i < r->count; i++)
		json_array_append_new(images, json_of_row(&r->rows[i]));
	json_object_set_new(doc, "images", images);
	json_object_set_new(doc, "together_bytes", json_of_number(r->together_bytes, true));
	return json_write(doc, o->file);
}

/* ---- bases ---- */

static const char *libc_word(enum catalogue_libc l)
{
	static const char *const word[] = {"-", "none", "glibc", "musl", "uclibc"};
	return word[l];
}

static bool bases_table(const struct out *o, const struct bases_result *r, struct arena *a)
{
	static const char *const heads[] = {"BASE",  "SIZE",        "LIBC",  "SHELL",
	                                    "PACKAGES", "SUPPORTED TO", "FACTS", "NOTE"};
	struct table t;
	table_init(&t, a, 8);
	for (size_t i = 0; i < 8; i++)
		table_cell(&t, STYLE_PLAIN, str_of(heads[i]));
	for (size_t i = 0; i < r->count; i++) {
		const struct base *b = &r->bases[i];
		const struct catalogue_base *d = b->entry;
		table_cell(&t, d->deprecated.n ? STYLE_DIM : STYLE_BOLD, b->name);
		table_number(&t, base_size_text(b, a));
		table_cell(&t, STYLE_PLAIN,
		           d->libc_version.n ? arena_printf(a, "%s %.*s", libc_word(d->libc),
		                                            STR_ARG(d->libc_version))
		                             : str_of(libc_word(d->libc)));
		table_cell(&t, STYLE_PLAIN, text_dash(d->shell));
		table_cell(&t, STYLE_PLAIN, text_dash(d->package_manager));
		table_cell(&t, STYLE_PLAIN, text_dash(d->support_end));
		table_cell(&t, b->at_hand ? STYLE_GREEN : STYLE_DIM,
		           b->at_hand ? arena_printf(a, "%s, at hand", provenance_name(b->provenance))
		                      : str_of(provenance_name(b->provenance)));
		table_cell(&t, STYLE_YELLOW,
		           d->deprecated.n ? arena_printf(a, "deprecated: %.*s", STR_ARG(d->deprecated))
		                           : STR(""));
	}
	table_print(&t, o);
	return true;
}

static json_t *json_of_base(const struct base *b)
{
	const struct catalogue_base *d = b->entry;
	json_t *j = json_object();
	json_set_str(j, "base", b->name);
	json_set_str(j, "provenance", str_of(provenance_name(b->provenance)));
	json_object_set_new(j, "at_hand", json_boolean(b->at_hand));
	json_object_set_new(j, "size_bytes", json_of_number(b->size_bytes, base_is_sized(b)));
	json_set_str_if(j, "repository", d->repository);
	json_object_set_new(j, "tags", json_of_strs(&d->tags));
	json_set_str_if(j, "publisher", d->publisher);
	json_set_str_if(j, "family", d->family);
	json_set_str(j, "libc", str_of(libc_word(d->libc)));
	json_set_str_if(j, "libc_version", d->libc_version);
	json_set_str_if(j, "shell", d->shell);
	json_set_str_if(j, "package_manager", d->package_manager);
	json_object_set_new(j, "architectures", json_of_strs(&d->architectures));
	json_set_str_if(j, "support_end", d->support_end);
	json_set_str_if(j, "deprecated", d->deprecated);
	json_set_str_if(j, "facts", b->source);
	return j;
}

bool bases_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct bases_result *r = result;
	if (!str_eq(format, STR("json")))
		return bases_table(o, r, a);
	json_t *doc = json_object(), *bases = json_array();
	json_set_str(doc, "schema", STR("socle/bases/1"));
	for (size_t i = 0; i < r->count; i++)
		json_array_append_new(bases, json_of_base(&r->bases[i]));
	json_object_set_new(doc, "bases", bases);
	return json_write(doc, o->file);
}
