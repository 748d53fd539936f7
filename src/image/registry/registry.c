#include "image/registry/registry.h"

#include <stdlib.h>

#include "core/limits.h"
#include "image/json.h"
#include "image/reference_name.h"
#include "image/registry/headers.h"
#include "image/registry/remote.h"

/* distribution-spec, "Pulling manifests": what may be sent. */
#define ACCEPT_MANIFESTS                                                                           \
	"Accept: application/vnd.oci.image.index.v1+json, "                                        \
	"application/vnd.oci.image.manifest.v1+json, "                                             \
	"application/vnd.docker.distribution.manifest.list.v2+json, "                              \
	"application/vnd.docker.distribution.manifest.v2+json"

struct registry *registry_open(const struct registry_options *options, struct err *e)
{
	if (!mirrors_check(&options->mirrors, e))
		return NULL;
	struct registry *r = calloc(1, sizeof *r);
	if (!r)
		out_of_memory();
	r->options = options;
	pthread_mutex_init(&r->lock, NULL);
	return r;
}

void registry_close(struct registry **registry)
{
	struct registry *r = *registry;
	if (!r)
		return;
	while (r->idle_count)
		http_free(&r->idle[--r->idle_count]);
	pthread_mutex_destroy(&r->lock);
	arena_release(&r->arena);
	free(r);
	*registry = NULL;
}

bool registry_is_offline(const struct registry *r)
{
	return r->options->offline;
}

/* ---- Names ---- */

struct registry_name registry_name_of(const struct reference *ref, struct arena *a)
{
	struct registry_name n = {.host = arena_str(a, ref->registry),
	                          .repository = arena_str(a, ref->repository),
	                          .reference = ref->digest.n ? ref->digest : ref->tag,
	                          .by_digest = ref->digest.n > 0};
	if (n.host.n == 0 || str_eq(n.host, STR("index.docker.io")) ||
	    str_eq(n.host, STR("registry-1.docker.io")))
		n.host = STR("docker.io");
	if (str_eq(n.host, STR("docker.io")) && !str_contains(n.repository, STR("/")))
		n.repository = arena_printf(a, "library/%.*s", STR_ARG(ref->repository));
	n.reference = n.reference.n ? arena_str(a, n.reference) : STR("latest");
	return n;
}

struct str registry_name_str(const struct registry_name *name, struct arena *a)
{
	return arena_printf(a, "%.*s/%.*s%s%.*s", STR_ARG(name->host), STR_ARG(name->repository),
	                    name->by_digest ? "@" : ":", STR_ARG(name->reference));
}

struct str registry_kept_name(const struct registry *r, const struct registry_name *name,
                              struct arena *a)
{
	struct str url, text = registry_name_str(name, a);
	if (!r || !registry_mirror(r, name->host, &url))
		return text;
	return arena_printf(a, "%.*s=%.*s", STR_ARG(text), STR_ARG(url));
}

/* ---- Manifests ---- */

static struct remote_request manifest_request(const struct remote *m,
                                              const struct registry_name *name,
                                              const char *method, struct arena *a)
{
	struct remote_request q = {.method = method};
	q.url = arena_printf(a, "%.*s/v2/%.*s/manifests/%.*s", STR_ARG(m->endpoint->url),
	                     STR_ARG(name->repository), STR_ARG(name->reference));
	*vec_push(&q.headers, a) = STR(ACCEPT_MANIFESTS);
	return q;
}

/* Without its parameters ("; charset=utf-8"). */
static struct str content_type(const struct http_answer *answer, struct arena *a)
{
	struct str value = http_header(answer, STR("Content-Type"));
	return arena_str(a, str_trim(str_slice(value, 0, str_index(value, ';'))));
}

/* Schema 1 (image-manifest v2, schema 1) has no digests that can be checked against a
 * configuration, and is gone from registries since 2024. */
static bool check_type(const struct registry_manifest *m, struct err *e)
{
	if (!str_starts(m->media_type, STR("application/vnd.docker.distribution.manifest.v1+")))
		return true;
	return err_set(e, ERR_UNSUPPORTED,
	               "an image in Docker's schema 1, which is no longer in use; whoever has it "
	               "can pull it and push it again with a tool of today");
}

static bool is_manifest_type(struct str type)
{
	struct str accepted = STR(ACCEPT_MANIFESTS), one;
	accepted = str_skip(accepted, strlen("Accept:"));
	while (str_next(&accepted, ',', &one))
		if (str_eq(str_trim(one), type))
			return true;
	return false;
}

/* A page for people, as some gates and proxies show with status 200, is no manifest. What is sent
 * as another type but is one says so itself (image-spec, manifest.md: schemaVersion, mediaType). */
static bool check_content(struct registry_manifest *m, struct arena *a, struct err *e)
{
	struct err ignored = ERR_INIT;
	if (is_manifest_type(m->media_type))
		return true;
	json_auto_t *json = json_read(m->bytes, &ignored);
	if (json_u64(json, "schemaVersion") != 2)
		return err_set(e, ERR_INPUT, "what comes is no manifest, but %.*s",
		               STR_ARG(m->media_type.n ? m->media_type : STR("of no type")));
	struct str own = json_str(json, "mediaType", a);
	m->media_type = own.n ? own : m->media_type;
	return true;
}

static bool differs(struct str wanted, const char *says, struct str got, struct err *e)
{
	return err_set(e, ERR_INPUT, "the manifest is %.*s, but %s %.*s: damaged, or not what it says",
	               STR_ARG(got), says, STR_ARG(wanted));
}

/* Docker-Content-Digest, where it can be compared; one of another kind than sha256 cannot. */
static bool check_said_digest(const struct http_answer *answer, struct str got, struct err *e)
{
	struct str said = http_header(answer, STR("Docker-Content-Digest"));
	return !str_starts(said, STR("sha256:")) || str_eq(said, got) ||
	       differs(said, "the registry says", got, e);
}

static bool no_manifest(struct remote *remote, const struct http_answer *answer,
                        struct registry_manifest *m, struct err *e)
{
	m->absent = answer->status == 404 || answer->status == 401 || answer->status == 403;
	return remote_refused(remote, answer, e);
}

static bool get_manifest(struct remote *remote, const struct registry_name *name,
                         struct registry_manifest *m, struct arena *a, struct err *e)
{
	struct remote_request q = manifest_request(remote, name, "GET", a);
	struct http_answer answer;
	if (!remote_fetch(remote, &q, LIMIT_MANIFEST_BYTES, &answer, &m->bytes, a, e))
		return false;
	if (answer.status != 200)
		return no_manifest(remote, &answer, m, e);
	m->media_type = content_type(&answer, a);
	m->digest = sha256_of(m->bytes, a);
	if (!check_type(m, e) || !check_content(m, a, e) ||
	    !check_said_digest(&answer, m->digest, e))
		return false;
	return !name->by_digest || str_eq(name->reference, m->digest) ||
	       differs(name->reference, "should be", m->digest, e);
}

static bool check_name(const struct registry_name *name, struct err *e)
{
	return !name->by_digest || str_starts(name->reference, STR("sha256:")) ||
	       err_set(e, ERR_UNSUPPORTED, "%.*s: only sha256 digests can be checked",
	               STR_ARG(name->reference));
}

bool registry_manifest(struct registry *r, const struct registry_name *name,
                       struct registry_manifest *m, struct arena *a, struct err *e)
{
	CLEANUP_REMOTE struct remote remote = {0};
	*m = (struct registry_manifest){0};
	return check_name(name, e) && remote_open(&remote, r, name, e) &&
	       get_manifest(&remote, name, m, a, e);
}

/* Some registries, and proxies before them, know no HEAD, or say no digest or another type: then
 * the manifest itself is asked for. */
bool registry_digest(struct registry *r, const struct registry_name *name,
                     struct registry_manifest *m, struct arena *a, struct err *e)
{
	CLEANUP_REMOTE struct remote remote = {0};
	struct http_answer answer;
	struct tries tries = tries_of(r);
	*m = (struct registry_manifest){0};
	if (!check_name(name, e) || !remote_open(&remote, r, name, e))
		return false;
	struct remote_request q = manifest_request(&remote, name, "HEAD", a);
	if (!remote_send(&remote, &q, &tries, &answer, a, e))
		return false;
	if (answer.status == 404)
		return no_manifest(&remote, &answer, m, e);
	m->media_type = content_type(&answer, a);
	m->digest = http_header(&answer, STR("Docker-Content-Digest"));
	if (!check_type(m, e))
		return false;
	if (answer.status != 200 || !digest_is_sound(m->digest) ||
	    !str_starts(m->digest, STR("sha256:")) || !is_manifest_type(m->media_type))
		return get_manifest(&remote, name, m, a, e);
	return !name->by_digest || str_eq(m->digest, name->reference) ||
	       differs(name->reference, "should be", m->digest, e);
}

/* ---- Tags ---- */

/* A page lives until the next one; what stays is the tags, and of addresses their digests. */
struct tag_list {
	struct str_vec *tags;
	size_t bytes;    /* of all tags */
	struct map seen; /* digests of the pages' addresses */
	struct str url;  /* of the next page, in `address`; empty: there is none */
	struct arena address;
	struct arena *arena;
};

static bool take_tags(struct tag_list *l, struct str body, struct arena *page, struct err *e)
{
	json_auto_t *json = json_read(body, e);
	if (!json)
		return err_wrap(e, "the list of tags");
	struct str_vec tags = json_strs(json, "tags", page);
	for (size_t i = 0; i < tags.n; i++) {
		l->bytes += tags.p[i].n;
		if (l->bytes > LIMIT_TAGS_BYTES)
			return err_set(e, ERR_LIMIT, "more than %u bytes of tags", LIMIT_TAGS_BYTES);
		if (l->tags->n == LIMIT_TAGS)
			return err_set(e, ERR_LIMIT, "more than %u tags", LIMIT_TAGS);
		*vec_push(l->tags, l->arena) = arena_str(l->arena, tags.p[i]);
	}
	return true;
}

/* False for one that was gone to before. */
static bool go_to(struct tag_list *l, struct str url)
{
	bool added;
	arena_release(&l->address);
	l->url = arena_str(&l->address, url);
	map_put(&l->seen, l->arena, sha256_of(url, l->arena), &added);
	return added;
}

/* The next page lies on the same server, and was not there before. */
static bool next_page(struct tag_list *l, const struct remote *m, const struct http_answer *answer,
                      struct arena *page, struct err *e)
{
	struct str target, next, origin, host;
	if (!link_next(http_header(answer, STR("Link")), &target, page, e))
		return false;
	if (target.n == 0) {
		l->url = STR_NONE;
		return true;
	}
	if (!http_resolve(l->url, target, &next, page, e) ||
	    !http_origin(next, &origin, &host, page, e))
		return err_wrap(e, "the next page of tags");
	if (!str_eq(origin, m->endpoint->origin))
		return err_set(e, ERR_INPUT, "the next page of tags lies on another server: %.*s",
		               STR_ARG(str_slice(next, 0, 200)));
	return go_to(l, next) ||
	       err_set(e, ERR_INPUT, "the pages of tags go round in a circle");
}

static bool read_page(struct tag_list *l, struct remote *m, struct err *e)
{
	CLEANUP_ARENA struct arena page = ARENA_INIT;
	struct remote_request q = {.method = "GET", .url = l->url};
	struct http_answer answer;
	struct str body;
	if (!remote_fetch(m, &q, LIMIT_TAG_PAGE_BYTES, &answer, &body, &page, e))
		return false;
	if (answer.status != 200)
		return remote_refused(m, &answer, e);
	return (take_tags(l, body, &page, e) && next_page(l, m, &answer, &page, e)) ||
	       err_wrap(e, "%.*s", STR_ARG(m->endpoint->host));
}

bool registry_tags(struct registry *r, const struct registry_name *name, struct str_vec *tags,
                   struct arena *a, struct err *e)
{
	CLEANUP_REMOTE struct remote remote = {0};
	struct tag_list l = {.tags = tags, .arena = a};
	bool ok = true;
	if (!remote_open(&remote, r, name, e))
		return false;
	go_to(&l, arena_printf(a, "%.*s/v2/%.*s/tags/list", STR_ARG(remote.endpoint->url),
	                       STR_ARG(name->repository)));
	for (unsigned pages = 0; ok && l.url.n > 0; pages++)
		ok = pages < LIMIT_TAG_PAGES
		             ? read_page(&l, &remote, e)
		             : err_set(e, ERR_LIMIT, "more than %u pages of tags", LIMIT_TAG_PAGES);
	arena_release(&l.address);
	return ok;
}
