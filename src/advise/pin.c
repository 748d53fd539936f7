#include "advise/pin_parts.h"

#include <stdlib.h>
#include <strings.h>

#include "core/limits.h"
#include "image/reference_name.h"

const char *pin_status_name(enum pin_status s)
{
	static const char *const names[] = {"pinned", "current", "updated", "unresolved", "ignored"};
	return names[s];
}

bool pin_is_missing(const struct pin_reference *r)
{
	return r->status == PIN_PINNED || r->status == PIN_UPDATED || r->status == PIN_UNRESOLVED;
}

/* ---- Reading ---- */

struct pin_reference *pin_add(struct pin_file *f, struct span at, struct str image,
                              struct arena *a)
{
	struct pin_reference *r = vec_push(&f->references, a);
	*r = (struct pin_reference){.at = at, .image = image, .tag = NO_QUESTION,
	                            .pinned = NO_QUESTION, .index = NO_QUESTION};
	return r;
}

void pin_settle(struct pin_reference *r, enum pin_status status, struct str reason)
{
	r->settled = true;
	r->status = status;
	r->reason = reason;
}

bool pin_settle_parts(struct pin_reference *r, struct str value)
{
	struct str digest = str_skip(value, str_index(value, '@') + 1);
	if (!digest_is_sound(digest))
		return false;
	pin_settle(r, PIN_CURRENT, STR("put together from parts; its digest is not checked"));
	r->digest = digest;
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct pin_reference *x = a, *y = b;
	if (x->at.off != y->at.off)
		return x->at.off < y->at.off ? -1 : 1;
	return (x->at.n > y->at.n) - (x->at.n < y->at.n);
}

/* In the file's order, one place once: an ARG may hold the image of several stages. */
static void sort(struct pin_file *f)
{
	size_t n = 0;
	if (f->references.n)
		qsort(f->references.p, f->references.n, sizeof *f->references.p, by_place);
	for (size_t i = 0; i < f->references.n; i++) {
		struct pin_reference *r = &f->references.p[i];
		if (!n || by_place(&f->references.p[n - 1], r) != 0)
			f->references.p[n++] = *r;
		else if (r->status == PIN_IGNORED)
			f->references.p[n - 1] = *r;
	}
	f->references.n = n;
}

/* One walk over the text for all of them: a line may be as long as the file. */
static void find_places(struct pin_file *f)
{
	size_t off = str_starts(f->text, STR("\xef\xbb\xbf")) ? 3 : 0;
	unsigned line = 1, column = 1;
	for (size_t i = 0; i < f->references.n; i++) {
		struct pin_reference *r = &f->references.p[i];
		for (; off < r->at.off; off++) {
			bool ended = f->text.p[off] == '\n';
			line += ended;
			column = ended ? 1 : column + (((unsigned char)f->text.p[off] & 0xc0) != 0x80);
		}
		r->line = line;
		r->column = column;
	}
}

/* What is to be asked must be a name of the distribution grammar. */
static void read_name(struct pin_reference *r)
{
	struct err ignored = ERR_INIT;
	if (r->settled)
		return;
	r->name.text = r->image;
	if (reference_name(&r->name, r->image, &ignored)) {
		if (str_starts(r->name.digest, STR("sha512:"))) {
			pin_settle(r, PIN_CURRENT, STR("its digest is not checked: only sha256 can be"));
			r->digest = r->name.digest;
		}
		return;
	}
	struct str digest = str_skip(r->image, str_index(r->image, '@') + 1);
	pin_settle(r, PIN_UNRESOLVED, digest.n && !digest_is_sound(digest)
	                                      ? STR("no digest: sha256: and 64 hexadecimal digits")
	                                      : STR("not the name of an image"));
}

/* A Dockerfile begins with FROM or ARG, or says by a directive that it is one. */
static bool reads_like_dockerfile(struct str text)
{
	struct str line, word;
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_skip(text, 3);
	while (str_next(&text, '\n', &line)) {
		bool comment = str_starts(str_trim(line), STR("#"));
		if (comment && (str_contains(line, STR("syntax=")) || str_contains(line, STR("escape="))))
			return true;
		if (comment || !str_word(&line, &word))
			continue;
		return (word.n == 4 && strncasecmp(word.p, "FROM", 4) == 0) ||
		       (word.n == 3 && strncasecmp(word.p, "ARG", 3) == 0);
	}
	return true; /* nothing in it */
}

enum pin_kind pin_kind_of(struct str name, struct str text)
{
	struct str file = str_basename(name);
	if (str_ends(file, STR(".yaml")) || str_ends(file, STR(".yml")))
		return PIN_YAML;
	if (str_contains(file, STR("ockerfile")) || str_contains(file, STR("ontainerfile")))
		return PIN_DOCKERFILE;
	return reads_like_dockerfile(text) ? PIN_DOCKERFILE : PIN_YAML;
}

bool pin_read(struct pin_file *f, struct arena *a, struct err *e)
{
	f->kind = pin_kind_of(f->name, f->text);
	if (f->kind == PIN_YAML ? !pin_read_yaml(f, a, e) : !pin_read_dockerfile(f, a, e))
		return false;
	if (f->references.n > LIMIT_PIN_REFERENCES)
		return err_set(e, ERR_LIMIT, "%.*s: names more than %u images", STR_ARG(f->name),
		               LIMIT_PIN_REFERENCES);
	sort(f);
	find_places(f);
	for (size_t i = 0; i < f->references.n; i++)
		read_name(&f->references.p[i]);
	f->result = f->text;
	return true;
}

/* ---- Editing ---- */

const struct pin_reference *pin_change_at(const struct pin_file *f, struct span at)
{
	size_t low = 0, high = f->references.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (f->references.p[middle].at.off < at.off)
			low = middle + 1;
		else
			high = middle;
	}
	const struct pin_reference *r = low < f->references.n ? &f->references.p[low] : NULL;
	return r && r->at.off == at.off && r->at.n == at.n && r->result.n ? r : NULL;
}

static bool apply(struct pin_file *f, struct arena *a)
{
	struct err ignored = ERR_INIT;
	struct text_edit *edits = arena_array(a, f->references.n, sizeof *edits);
	size_t n = 0;
	for (size_t i = 0; i < f->references.n; i++) {
		const struct pin_reference *r = &f->references.p[i];
		if (r->result.n)
			edits[n++] = (struct text_edit){r->at, r->result};
	}
	return text_apply(f->text, edits, n, a, &f->result, &ignored);
}

void pin_give_up(struct pin_reference *r, struct str reason)
{
	r->status = PIN_UNRESOLVED;
	r->reason = reason;
	r->digest = r->name.digest;
	r->result = STR("");
}

void pin_leave(struct pin_file *f, struct str reason)
{
	for (size_t i = 0; i < f->references.n; i++)
		if (f->references.p[i].result.n)
			pin_give_up(&f->references.p[i], reason);
	f->result = f->text;
}

static bool holds(const struct pin_file *f)
{
	return f->kind == PIN_YAML ? pin_yaml_holds(f) : pin_dockerfile_holds(f, f->result);
}

void pin_edit(struct pin_file *f, struct arena *a)
{
	if (apply(f, a) && holds(f))
		return;
	if (f->kind == PIN_DOCKERFILE)
		pin_dockerfile_blame(f, a);
	if (!apply(f, a) || !holds(f))
		pin_leave(f, STR("the file would mean something else"));
}

void pin(struct pin_file *files, size_t count, const struct pin_options *o, struct arena *a)
{
	pin_resolve(files, count, o, a);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < files[i].references.n; k++)
			files[i].failed |= files[i].references.p[k].failed;
		if (files[i].failed)
			pin_leave(&files[i], STR("left alone: another reference of the file failed"));
		else
			pin_edit(&files[i], a);
	}
}
