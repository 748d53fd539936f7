/* The references of a YAML file, and the proof that a changed one is the same but for them. */
#include "advise/pin_parts.h"
#include "core/limits.h"
#include "yaml/images.h"

static bool ignores(const struct pin_file *f, const struct yaml_comment *c, bool global,
                    struct str *reason)
{
	struct ignore i;
	if (!ignore_read(span_text(f->text, c->at), &i) || i.global != global ||
	    !ignore_names(&i, STR("pin")))
		return false;
	*reason = i.reason;
	return true;
}

static bool is_ignored(const struct pin_file *f, const struct yaml_image *image, struct str *reason)
{
	for (uint32_t k = 0; k < image->comment_count; k++)
		if (ignores(f, &f->yaml->comments.p[image->comment_first + k], false, reason))
			return true;
	return false;
}

static bool is_all_ignored(const struct pin_file *f, struct str *reason)
{
	for (size_t k = 0; k < f->yaml->comments.n; k++)
		if (ignores(f, &f->yaml->comments.p[k], true, reason))
			return true;
	return false;
}

static void add_image(struct pin_file *f, const struct yaml_image *image, bool ignored,
                      struct str ignored_reason, struct arena *a)
{
	struct pin_reference *r = pin_add(f, image->at, image->value, a);
	if (ignored)
		pin_settle(r, PIN_IGNORED, ignored_reason);
	else if (image->state == YAML_IMAGE_OTHER)
		pin_settle(r, PIN_IGNORED, image->reason);
	else if (image->state == YAML_IMAGE_UNKNOWN && !pin_settle_parts(r, image->value))
		pin_settle(r, PIN_UNRESOLVED, image->reason);
}

/* Images on one line have the same comments: they are read once. */
static void add_images(struct pin_file *f, struct arena *a)
{
	const struct yaml_images *y = f->yaml;
	const struct yaml_image *last = NULL;
	struct str all_reason = STR(""), reason = STR("");
	bool all_ignored = is_all_ignored(f, &all_reason), ignored = false;
	for (size_t k = 0; k < y->images.n && k <= LIMIT_PIN_REFERENCES; k++) {
		const struct yaml_image *x = &y->images.p[k];
		if (!last || last->comment_first != x->comment_first ||
		    last->comment_count != x->comment_count)
			ignored = is_ignored(f, x, &reason);
		last = x;
		add_image(f, x, all_ignored || ignored, all_ignored ? all_reason : reason, a);
	}
}

bool pin_read_yaml(struct pin_file *f, struct arena *a, struct err *e)
{
	struct yaml_images *y = ARENA_NEW(a, struct yaml_images);
	if (!yaml_images_find(y, f->text, f->name, a, e))
		return false;
	f->yaml = y;
	add_images(f, a);
	return true;
}

/* ---- Proof ---- */

bool pin_yaml_holds(const struct pin_file *f)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	const struct yaml_images *before = f->yaml;
	struct yaml_images after;
	struct err ignored = ERR_INIT;
	if (!yaml_images_find(&after, f->result, f->name, &scratch, &ignored) ||
	    before->images.n != after.images.n || before->comments.n != after.comments.n)
		return false;
	for (size_t k = 0; k < before->images.n; k++) {
		const struct yaml_image *x = &before->images.p[k], *y = &after.images.p[k];
		const struct pin_reference *change = pin_change_at(f, x->at);
		if (x->state != y->state || !str_eq(change ? change->result : x->value, y->value))
			return false;
	}
	return true;
}
