/* Which values name images: by the keys above them.
 *
 *     image: REF                             compose, Kubernetes, GitHub, GitLab, …
 *     image: {name: REF}, {reference: REF}   GitLab and Bitbucket; volumes of Kubernetes
 *     services: [REF, {name: REF}]           GitLab
 *     jobs: {JOB: {container: REF}}          GitHub
 *     KEY: docker://REF                      GitHub
 *
 * What stands below labels, environments and the like is data of somebody else. */
#include "yaml/parts.h"

#include <stdlib.h>

#include "core/limits.h"

struct frame { /* a mapping or sequence that is open */
	bool mapping, value_next; /* of a mapping: the key has been read */
	bool data;                /* below labels and the like */
	bool input;               /* below `with`: for an action */
	bool extension;           /* below a key of the file's own: x-…, .… */
	bool builds;              /* has `build` */
	bool parts;               /* has `tag`, `repository`, `registry`: an image in parts */
	bool known;               /* `key` is a scalar */
	struct str key;           /* the last that was read; of a sequence that under which it lies */
	size_t first;             /* images that were known when it began */
	size_t own;               /* 1 + the image that its `image` names, or that of what it merges */
	struct str anchor;        /* its own; empty: none */
	uint32_t line;            /* of the key */
};

struct merged { /* what a mapping with an anchor brings along (`<<: *anchor`) */
	size_t own;
	bool builds;
};

struct anchored {
	struct yaml_scalar scalar;
	size_t image;       /* 1 + index; 0: stands where no image does */
	struct yaml_image comments; /* those above it */
	bool extension;
	bool image_use, other_use;
};

struct finder {
	struct yaml_reader reader;
	struct yaml_images *out;
	struct arena *arena;
	struct frame frames[LIMIT_YAML_DEPTH + 1];
	unsigned depth;
	struct map anchors; /* name to struct anchored: the last of that name */
	struct map merges;  /* likewise, of mappings: to struct merged */
	VEC(struct anchored *) all_anchored;
	bool manifest;      /* the document has an apiVersion: Kubernetes' */
	struct map built;   /* values that `build:` makes */
	struct {
		uint32_t line, n, first; /* line 0: none yet; n: comments known by then */
	} above;            /* the last answer of first_above(): many images may stand on one line */
};

/* ---- Where we are ---- */

static struct frame *top(struct finder *f)
{
	return f->depth ? &f->frames[f->depth - 1] : NULL;
}

static const struct frame *above(const struct finder *f, unsigned steps)
{
	return f->depth > steps ? &f->frames[f->depth - 1 - steps] : NULL;
}

static bool key_is(const struct frame *x, const char *key)
{
	return x && x->known && str_eq(x->key, str_of(key));
}

static bool key_is_one_of(const struct frame *x, const char *list)
{
	struct str rest = str_of(list), word;
	while (x && x->known && str_word(&rest, &word))
		if (str_eq(x->key, word))
			return true;
	return false;
}

/* Lists of services, and what lies in them, are GitLab's: at the top, or in a job. */
static bool is_service_list(const struct finder *f, const struct frame *x, unsigned depth)
{
	return x && !x->mapping && key_is(x, "services") && depth <= 3 && !f->manifest;
}

enum place { PLACE_NONE, PLACE_IMAGE, PLACE_PREFIXED };

/* May the value that comes now name an image? */
static enum place place_of(const struct finder *f)
{
	const struct frame *x = above(f, 0), *up = above(f, 1);
	if (!x || x->data)
		return PLACE_NONE;
	if (!x->mapping)
		return is_service_list(f, x, f->depth) ? PLACE_IMAGE : PLACE_NONE;
	if (key_is(x, "image"))
		return PLACE_IMAGE;
	if (key_is_one_of(x, "name reference repository") && up && up->mapping && key_is(up, "image"))
		return PLACE_IMAGE;
	if (key_is(x, "name") && is_service_list(f, up, f->depth - 1))
		return PLACE_IMAGE;
	if (key_is(x, "container") && f->depth == 3 && key_is(&f->frames[0], "jobs"))
		return PLACE_IMAGE;
	return PLACE_PREFIXED;
}

/* ---- Comments ---- */

/* The first of the comments on lines of their own above `line`, one after the other. */
static uint32_t first_above(const struct finder *f, uint32_t line)
{
	uint32_t n = (uint32_t)f->out->comments.n, first = n;
	while (first && f->out->comments.p[first - 1].alone &&
	       f->out->comments.p[first - 1].line + (n - first) + 1 == line)
		first--;
	return first;
}

/* What stands behind the value has not been read yet: attach_behind(). */
static void attach_above(struct finder *f, struct yaml_image *image, uint32_t line)
{
	uint32_t n = (uint32_t)f->out->comments.n;
	if (f->above.line != line || f->above.n != n) {
		f->above.line = line;
		f->above.n = n;
		f->above.first = first_above(f, line);
	}
	image->comment_first = f->above.first;
	image->comment_count = n - f->above.first;
}

/* Comments behind a value on the line where it ends. Both are in the file's order. */
static void attach_behind(struct yaml_images *y, struct str text)
{
	size_t off = 0, next = 0;
	uint32_t line = 1;
	for (size_t i = 0; i < y->images.n; i++) {
		struct yaml_image *x = &y->images.p[i];
		for (; off < span_end(x->at); off++)
			line += text.p[off] == '\n';
		while (next < y->comments.n && y->comments.p[next].at.off < off)
			next++;
		if (next == y->comments.n || y->comments.p[next].line != line || y->comments.p[next].alone)
			continue;
		if (x->comment_count && x->comment_first + x->comment_count != next)
			continue;
		if (!x->comment_count)
			x->comment_first = (uint32_t)next;
		x->comment_count++;
	}
}

/* ---- Images ---- */

static size_t add_image(struct finder *f, const struct yaml_scalar *s,
                        const struct yaml_image *comments)
{
	struct yaml_image image;
	if (!yaml_image_of(&image, s))
		return 0;
	image.comment_first = comments->comment_first;
	image.comment_count = comments->comment_count;
	*vec_push(&f->out->images, f->arena) = image;
	return f->out->images.n;
}

static void set_aside(struct yaml_image *image, enum yaml_image_state state, struct str reason)
{
	image->state = state;
	image->reason = reason;
}

/* Keys of the file's own, for others to refer to: x-… (compose), .… (GitLab). */
static bool is_extension(const struct finder *f)
{
	const struct frame *x = above(f, 0);
	return x && (x->extension || (f->depth == 1 && x->known && x->key.n &&
	                              (x->key.p[0] == '.' || str_starts(x->key, STR("x-")))));
}

static void take_value(struct finder *f)
{
	const struct yaml_scalar *s = &f->reader.scalar;
	struct frame *x = top(f);
	enum place place = place_of(f);
	bool prefixed = str_starts(s->value, STR("docker://"));
	struct yaml_image comments = {0};
	size_t image = 0;
	if (s->anchor.n || place == PLACE_IMAGE || prefixed)
		attach_above(f, &comments, x && x->mapping ? x->line : f->reader.line);
	if (place == PLACE_IMAGE || (place == PLACE_PREFIXED && prefixed))
		image = add_image(f, s, &comments);
	if (image && x->input)
		set_aside(&f->out->images.p[image - 1], YAML_IMAGE_OTHER,
		          STR("the input of an action, which may build it"));
	if (image && key_is(x, "image"))
		x->own = image;
	if (!s->anchor.n)
		return;
	struct anchored *anchored = ARENA_NEW(f->arena, struct anchored);
	*anchored = (struct anchored){.scalar = *s, .image = image, .comments = comments,
	                              .extension = is_extension(f)};
	*map_put(&f->anchors, f->arena, s->anchor, NULL) = (uintptr_t)anchored;
	*vec_push(&f->all_anchored, f->arena) = anchored;
}

/* Of a scalar: what lies in a mapping that an alias brings in is seen where it stands. */
static void use_anchor(struct finder *f, bool image)
{
	struct anchored *anchored = map_get(&f->anchors, f->reader.scalar.anchor);
	if (anchored && image)
		anchored->image_use = true;
	else if (anchored)
		anchored->other_use = true;
}

/* `<<: *anchor` and `<<: [*anchor]` (yaml.org/type/merge): what stands here wins. */
static void merge(struct finder *f)
{
	struct frame *x = top(f);
	const struct merged *m = map_get(&f->merges, f->reader.scalar.anchor);
	if (x && !x->mapping && f->depth > 1)
		x = &f->frames[f->depth - 2];
	if (!m || !key_is(x, "<<"))
		return;
	x->builds |= m->builds;
	x->own = x->own ? x->own : m->own;
}

static void take_alias(struct finder *f)
{
	use_anchor(f, place_of(f) == PLACE_IMAGE);
	merge(f);
}

/* An anchor at an image's place, or one of the file's own keys that only images use, is where the
 * reference is to be changed. */
static void settle_anchors(struct finder *f)
{
	for (size_t i = 0; i < f->all_anchored.n; i++) {
		struct anchored *x = f->all_anchored.p[i];
		if (!x->image && x->image_use)
			x->image = add_image(f, &x->scalar, &x->comments);
		else if (x->image)
			x->extension = true;
		if (x->image && (x->other_use || !x->extension))
			set_aside(&f->out->images.p[x->image - 1], YAML_IMAGE_UNKNOWN,
			          STR("an anchor that stands for more than images"));
	}
}

/* ---- Keys ---- */

static void take_key(struct finder *f)
{
	struct frame *x = top(f);
	x->known = f->reader.node == YAML_NODE_SCALAR;
	x->key = f->reader.scalar.value;
	x->line = f->reader.line;
	/* At the top it is a job of that name: GitLab's. */
	x->builds |= f->depth > 1 && key_is(x, "build");
	x->parts |= key_is_one_of(x, "tag imageTag newTag repository registry");
	x->value_next = true;
	f->manifest |= f->depth == 1 && key_is(x, "apiVersion");
	if (f->reader.node == YAML_NODE_ALIAS)
		use_anchor(f, false);
}

static void open_frame(struct finder *f)
{
	const struct frame *x = top(f);
	struct frame new = {.mapping = f->reader.node == YAML_NODE_OPEN_MAPPING,
	                    .first = f->out->images.n, .anchor = f->reader.scalar.anchor};
	if (x) {
		new.data = x->data || (x->mapping && !x->value_next) ||
		           key_is_one_of(x, "labels annotations environment env variables args data "
		                            "stringData matchLabels selector properties outputs inputs");
		new.input = x->input || key_is(x, "with");
		new.extension = is_extension(f);
	}
	if (x && !new.mapping) {
		new.known = x->known;
		new.key = x->key;
	}
	f->frames[f->depth++] = new;
}

static void close_frame(struct finder *f)
{
	struct frame *x = top(f);
	const struct frame *up = above(f, 1);
	if (x->anchor.n) {
		struct merged *m = ARENA_NEW(f->arena, struct merged);
		*m = (struct merged){x->own, x->builds};
		*map_put(&f->merges, f->arena, x->anchor, NULL) = (uintptr_t)m;
	}
	if (x->own && x->builds) {
		struct yaml_image *image = &f->out->images.p[x->own - 1];
		set_aside(image, YAML_IMAGE_OTHER, STR("names what build makes"));
		map_put(&f->built, f->arena, image->value, NULL);
	}
	/* image: NAME beside tag: TAG, as values of charts have it. */
	if (x->own && x->parts && !x->builds && !x->input)
		set_aside(&f->out->images.p[x->own - 1], YAML_IMAGE_UNKNOWN,
		          STR("put together from several keys"));
	for (size_t i = x->first; x->parts && key_is(up, "image") && i < f->out->images.n; i++)
		set_aside(&f->out->images.p[i], YAML_IMAGE_UNKNOWN, STR("put together from several keys"));
	f->depth--;
}

/* ---- All of it ---- */

/* A scalar or a closed collection was a value: a key comes next. */
static void value_is_over(struct finder *f)
{
	struct frame *x = top(f);
	if (x && x->mapping)
		x->value_next = false;
}

static void take_node(struct finder *f)
{
	struct frame *x = top(f);
	bool is_key = x && x->mapping && !x->value_next;
	switch (f->reader.node) {
	case YAML_NODE_SCALAR:
	case YAML_NODE_ALIAS:
		if (is_key) {
			take_key(f);
			return;
		}
		if (f->reader.node == YAML_NODE_SCALAR)
			take_value(f);
		else
			take_alias(f);
		value_is_over(f);
		return;
	case YAML_NODE_OPEN_MAPPING:
	case YAML_NODE_OPEN_SEQUENCE:
		open_frame(f);
		return;
	case YAML_NODE_CLOSE:
		close_frame(f);
		x = top(f);
		/* A collection may be a key, too: one that means nothing here. */
		if (x && x->mapping && !x->value_next) {
			x->known = false;
			x->value_next = true;
		} else {
			value_is_over(f);
		}
		return;
	case YAML_NODE_NEW_DOCUMENT:
		f->depth = 0;
		f->manifest = false;
		f->anchors = f->merges = (struct map){0};
		return;
	case YAML_NODE_END:
		return;
	}
}

/* The image of one service may be what another one builds. */
static void settle_built(struct finder *f)
{
	for (size_t i = 0; i < f->out->images.n; i++) {
		struct yaml_image *x = &f->out->images.p[i];
		if (x->state == YAML_IMAGE_NAMED && map_find(&f->built, x->value))
			set_aside(x, YAML_IMAGE_OTHER, STR("names what build makes"));
	}
}

static int by_place(const void *a, const void *b)
{
	const struct yaml_image *x = a, *y = b;
	return (x->at.off > y->at.off) - (x->at.off < y->at.off);
}

static bool find(struct finder *f, struct err *e)
{
	do {
		if (!yaml_reader_next(&f->reader, e))
			return false;
		take_node(f);
	} while (f->reader.node != YAML_NODE_END);
	settle_anchors(f);
	settle_built(f);
	if (f->out->images.n)
		qsort(f->out->images.p, f->out->images.n, sizeof *f->out->images.p, by_place);
	attach_behind(f->out, f->reader.text);
	return true;
}

bool yaml_images_find(struct yaml_images *y, struct str text, struct str name, struct arena *a,
                      struct err *e)
{
	*y = (struct yaml_images){0};
	if (text.n > LIMIT_YAML_BYTES)
		return err_set(e, ERR_LIMIT, "%.*s: has more than %u bytes", STR_ARG(name),
		               LIMIT_YAML_BYTES);
	struct finder *f = ARENA_NEW(a, struct finder);
	f->out = y;
	f->arena = a;
	yaml_reader_open(&f->reader, text, name, y, a);
	bool ok = find(f, e);
	yaml_reader_close(&f->reader);
	return ok;
}

bool yaml_is_manifest(struct str text)
{
	bool version = false, kind = false;
	struct str line;
	while (!(version && kind) && str_next(&text, '\n', &line)) {
		version |= str_starts(line, STR("apiVersion:"));
		kind |= str_starts(line, STR("kind:"));
	}
	return version && kind;
}
