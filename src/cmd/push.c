/* socle push: an image from where it lies into a registry, byte by byte what it is. */
#include "cmd/commands.h"
#include "cmd/open.h"
#include "image/copy.h"
#include "image/engine/engines.h"
#include "os/file.h"
#include "report/store_report.h"

struct pushing {
	struct registry *registry;
	struct registry_name to;
	struct str from; /* the repository of the source, where it is the same registry's */
	struct push_result *result;
	struct arena *arena;
};

static bool push_blob(void *context, const struct copied_blob *blob, struct err *e)
{
	struct pushing *p = context;
	enum registry_push how;
	registry_await(p->registry, blob->source.size_bytes + blob->fetch_bytes);
	bool ok = registry_push_blob(p->registry, &p->to, blob->digest, blob->source, p->from, &how, e);
	registry_settle(p->registry);
	if (!ok)
		return false;
	p->result->blobs[how]++;
	if (how == REGISTRY_SENT)
		p->result->sent_bytes += blob->source.size_bytes;
	return true;
}

/* What an index names goes by its digest; only the outermost one gets the tag. */
static bool push_manifest(void *context, const struct copied_manifest *m, struct err *e)
{
	struct pushing *p = context;
	struct registry_manifest manifest = {
		.digest = m->digest, .media_type = m->media_type, .bytes = m->bytes};
	struct registry_name to = p->to;
	if (!m->outermost) {
		to.reference = m->digest;
		to.by_digest = true;
	}
	p->result->manifests++;
	if (m->outermost) {
		p->result->digest = arena_str(p->arena, m->digest);
		p->result->media_type = arena_str(p->arena, m->media_type);
	}
	return registry_push_manifest(p->registry, &to, &manifest, e);
}

static bool source_reference(const struct workplace *w, struct session *s, struct reference *ref,
                             struct err *e)
{
	struct str text = s->args.p[0];
	if (!reference_parse(ref, text, path_exists, s->arena, e))
		return false;
	/* A bare name: an engine that has it, else its registry. */
	bool remote = ref->kind == REFERENCE_NAME &&
	              !(w->image_options.engines && engines_find(w->image_options.engines, text));
	return !remote || workplace_remote(w, s, text, ref, e);
}

/* A name to push to is taken as it is written: the catalogue's names are other people's. */
static bool target_name(struct session *s, struct registry_name *to, struct err *e)
{
	struct str text = s->args.p[1];
	struct reference ref;
	if (!reference_parse(&ref, text, nothing_is_a_path, s->arena, e))
		return false;
	if (ref.kind != REFERENCE_NAME && ref.kind != REFERENCE_REGISTRY)
		return err_set(e, ERR_USAGE, "%.*s is not in a registry", STR_ARG(text));
	if (ref.digest.n)
		return err_set(e, ERR_USAGE,
		               "%.*s: a digest comes of what is pushed; name a tag to push to",
		               STR_ARG(text));
	*to = registry_name_of(&ref, s->arena);
	return true;
}

/* What is said to lie in a registry must lie there. */
static bool target_is_asked_itself(const struct pushing *p, struct err *e)
{
	struct str url;
	return !registry_mirror(p->registry, p->to.host, &url) ||
	       err_set(e, ERR_USAGE,
	               "--mirror %.*s=%.*s: mirrors are for pulling; to push to this one, name it in "
	               "place of %.*s",
	               STR_ARG(p->to.host), STR_ARG(url), STR_ARG(p->to.host));
}

int cmd_push(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	struct reference ref;
	struct push_result result = {0};
	struct pushing p = {.result = &result, .arena = s->arena};
	if (s->args.n != 2)
		return session_usage(s, "push wants an image and where it shall go");
	if (session_flag(s, "offline"))
		return session_usage(s, "pushing asks a registry, and --offline was given");
	if (!workplace_open(&w, s, &e) || !source_reference(&w, s, &ref, &e) ||
	    !target_name(s, &p.to, &e))
		return session_fail(&e);
	p.registry = w.network.registry;
	if (!target_is_asked_itself(&p, &e))
		return session_fail(&e);
	if (ref.kind == REFERENCE_REGISTRY) {
		struct registry_name from = registry_name_of(&ref, s->arena);
		bool other = !str_eq(from.repository, p.to.repository);
		p.from = other && str_eq(from.host, p.to.host) ? from.repository : STR_NONE;
	}
	struct copy_taker taker = {push_blob, push_manifest, &p};
	if (!image_copy(&ref, &w.image_options, &taker, s->arena, &e))
		return session_fail(&e);
	result.source = s->args.p[0];
	result.reference = registry_name_str(&p.to, s->arena);
	if (!session_render(s, push_render, &result, &e))
		return session_fail(&e);
	return EXIT_YES;
}
