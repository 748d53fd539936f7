/* Rules about image references and what the catalogue says of them. */
#include "advise/lint_parts.h"
#include "advise/pin.h"
#include "image/reference_name.h"

static struct str without_digest(struct str value)
{
	return str_slice(value, 0, str_index(value, '@'));
}

static struct span image_span(const struct image_use *u)
{
	return u->value_at.n ? u->value_at : u->at;
}

static void tag_and_digest(struct lint *l, const struct image_use *u)
{
	struct reference r = {0};
	struct err ignored = ERR_INIT;
	if (!reference_name(&r, u->value, &ignored))
		return;
	bool latest = str_eq(r.tag, STR("latest"));
	if (!r.digest.n && (latest || !r.tag.n) && u->place != IMAGE_SYNTAX)
		lint_report(l, LINT_LATEST_TAG, u->instruction, image_span(u),
		            arena_printf(l->arena, "%.*s %s", STR_ARG(u->value),
		                         latest ? "is another image every few weeks" : "has no tag: latest is meant"),
		            STR("name the version"));
	if (!r.digest.n)
		lint_report(l, LINT_NO_DIGEST, u->instruction, image_span(u),
		            arena_printf(l->arena, "%.*s is not pinned by its digest", STR_ARG(u->value)),
		            STR("socle pin -i"));
}

/* "python:3.12" has "python:3.12-slim", "debian:bookworm" "debian:bookworm-slim"; the family of
 * node calls it "-slim" too. */
static const struct catalogue_base *slim_of(struct lint *l, struct str value)
{
	const struct catalogue *c = l->bases->context->catalogue;
	struct str name = without_digest(value);
	if (str_contains(name, STR("slim")) || str_contains(name, STR("alpine")))
		return NULL;
	const struct catalogue_base *full = catalogue_find(c, name, l->arena);
	for (size_t k = 0; full && k < full->tags.n; k++) {
		struct str tag = full->tags.p[k];
		size_t dash = str_rindex(tag, '-');
		struct str tries[] = {
			arena_printf(l->arena, "%.*s:%.*s-slim", STR_ARG(full->repository), STR_ARG(tag)),
			arena_printf(l->arena, "%.*s:%.*s-slim-%.*s", STR_ARG(full->repository),
			             STR_ARG(str_slice(tag, 0, dash)), STR_ARG(str_skip(tag, dash + 1)))};
		for (size_t t = 0; t < 2; t++) {
			const struct catalogue_base *slim = catalogue_find(c, tries[t], l->arena);
			if (slim && slim != full)
				return slim;
		}
	}
	return NULL;
}

static void support_end(struct lint *l, const struct image_use *u, const struct catalogue_base *b)
{
	struct str end = b && b->support_end.n ? STR("") : lint_ended(u->value, l->today);
	if (b && catalogue_is_over(b, l->today))
		end = b->support_end;
	if (end.n)
		lint_report(l, LINT_BASE_END, u->instruction, image_span(u),
		            arena_printf(l->arena, "%.*s has had no support since %.*s", STR_ARG(u->value),
		                         STR_ARG(end)),
		            STR("move to a release that is still supported"));
}

static void catalogue_rules(struct lint *l, const struct image_use *u)
{
	const struct catalogue_base *b =
		catalogue_find(l->bases->context->catalogue, without_digest(u->value), l->arena);
	support_end(l, u, b);
	if (!b)
		return;
	if (b->deprecated.n)
		lint_report(l, LINT_BASE_DEPRECATED, u->instruction, image_span(u),
		            arena_printf(l->arena, "%.*s: %.*s", STR_ARG(b->name), STR_ARG(b->deprecated)),
		            STR(""));
	const struct catalogue_base *slim = l->shipped[u->stage] ? slim_of(l, u->value) : NULL;
	if (slim)
		lint_report(l, LINT_BASE_NOT_SLIM, u->instruction, image_span(u),
		            arena_printf(l->arena, "%.*s comes as %.*s too, which is much smaller",
		                         STR_ARG(u->value), STR_ARG(slim->name)),
		            slim->name);
}

/* The instruction whose image stands there; NO_STAGE: none. */
static uint32_t instruction_at(const struct lint *l, struct span at)
{
	for (size_t k = 0; k < l->d->images.n; k++)
		if (l->d->images.p[k].value_at.off == at.off || l->d->images.p[k].at.off == at.off)
			return l->d->images.p[k].instruction;
	return NO_STAGE;
}

/* Whether a digest is an index's only its registry knows. */
static void child_digests(struct lint *l)
{
	const struct base_context *c = l->bases->context;
	struct pin_file f = {.name = STR("Dockerfile"), .text = l->d->text};
	struct err ignored = ERR_INIT;
	bool any = false;
	for (size_t k = 0; k < l->d->images.n; k++)
		any |= str_contains(l->d->images.p[k].value, STR("@"));
	if (!any || !c->pull || !c->image_options->registry || !pin_read(&f, l->arena, &ignored))
		return;
	pin(&f, 1, &(struct pin_options){.registry = c->image_options->registry}, l->arena);
	for (size_t k = 0; k < f.references.n; k++) {
		const struct pin_reference *r = &f.references.p[k];
		if (r->child)
			lint_report(l, LINT_CHILD_DIGEST, instruction_at(l, r->at), r->at,
			            STR("the digest of one platform's manifest: other platforms cannot use it"),
			            r->result.n ? r->result : STR("socle pin --update -i"));
	}
}

void lint_images(struct lint *l)
{
	child_digests(l);
	for (size_t k = 0; k < l->d->images.n; k++) {
		const struct image_use *u = &l->d->images.p[k];
		if (!u->value.n)
			continue;
		tag_and_digest(l, u);
		if (u->place == IMAGE_FROM)
			catalogue_rules(l, u);
	}
}
