#include "image/locate.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "core/limits.h"
#include "elf/elf.h"
#include "image/json.h"
#include "image/tar.h"
#include "os/file.h"

void located_close(struct located *l)
{
	if (l->has_container)
		container_close(&l->container);
	l->has_container = false;
	fd_close(&l->fd);
	l->fd = -1;
	engine_save_close(&l->save);
}

bool located_is_kept(const struct located *l, const struct located_layer *layer)
{
	return l->registry && blobs_has(l->blobs, layer->digest, layer->source.size_bytes);
}

/* ---- Where nobody is asked ---- */

static bool unsupported(const struct reference *ref, struct err *e)
{
	struct str name = str_skip(ref->text, str_index(ref->text, ':') + 1);
	if (ref->kind == REFERENCE_DOCKER)
		return err_set(
			e, ERR_UNSUPPORTED,
			"no engine is asked here; save the image first: docker save -o image.tar "
			"%.*s, then docker-archive:image.tar",
			STR_ARG(name));
	if (ref->kind == REFERENCE_PODMAN)
		return err_set(e, ERR_UNSUPPORTED,
		               "no engine is asked here; save the image first: podman save "
		               "--format oci-archive -o image.tar %.*s, then oci-archive:image.tar",
		               STR_ARG(name));
	if (ref->kind == REFERENCE_REGISTRY)
		while (str_starts(name, STR("/")))
			name = str_skip(name, 1);
	else
		name = ref->text;
	return err_set(
		e, ERR_UNSUPPORTED,
		"%sno registry is asked here; save it first: skopeo copy "
		"docker://%.*s oci:image, then oci-dir:image",
		ref->kind == REFERENCE_NAME ? "no path and nothing at hand of that name, and " : "",
		STR_ARG(name));
}

/* ---- Files: told apart by how they begin ---- */

enum file_kind { FILE_ELF, FILE_SCRIPT, FILE_TAR, FILE_ZIP, FILE_OTHER };

enum { HEAD_BYTES = 512 };

/* POSIX and GNU headers say "ustar" at 257; the oldest say nothing, but their checksum fits
 * (POSIX.1-1988: the sum of all bytes with those of the checksum taken as blanks). */
static bool is_tar(struct str head)
{
	unsigned sum = 0, said = 0;
	if (head.n < HEAD_BYTES)
		return false;
	if (memcmp(head.p + 257, "ustar", 5) == 0)
		return true;
	for (size_t i = 0; i < HEAD_BYTES; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)head.p[i];
	for (size_t i = 148; i < 156; i++)
		if (head.p[i] >= '0' && head.p[i] <= '7')
			said = said * 8 + (unsigned)(head.p[i] - '0');
	/* All zeros: an empty archive. */
	return (sum == said && said != 0) || sum == 8 * ' ';
}

static enum file_kind kind_of(struct str head)
{
	if (elf_is(head))
		return FILE_ELF;
	if (str_starts(head, STR("#!")))
		return FILE_SCRIPT;
	if (str_starts(head, STR("PK\3\4")))
		return FILE_ZIP;
	return is_tar(head) ? FILE_TAR : FILE_OTHER;
}

/* Unpacks the first bytes where the file is packed. */
static bool read_head(struct source whole, char head[HEAD_BYTES], size_t *n, struct err *e)
{
	CLEANUP_STREAM struct stream *raw = stream_source(whole);
	if (!stream_fill(raw, head, HEAD_BYTES, n, e))
		return false;
	enum packing packing = packing_of((struct str){head, *n});
	if (packing == PACKING_NONE)
		return true;
	CLEANUP_STREAM struct stream *s = stream_unpack(stream_source(whole), packing, e);
	return s && stream_fill(s, head, HEAD_BYTES, n, e);
}

/* ---- Tars: a root file system, or an archive of images? ---- */

struct peek {
	struct stream *stream;
	char block[16384];
};

static bool next_block(void *context, struct str *block, struct err *e)
{
	struct peek *p = context;
	block->p = p->block;
	return stream_fill(p->stream, p->block, sizeof p->block, &block->n, e);
}

static bool names_image_archive(struct str path)
{
	static const struct str names[] = {
		STR_INIT("oci-layout"),   STR_INIT("index.json"), STR_INIT("manifest.json"),
		STR_INIT("repositories"), STR_INIT("blobs"),
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(path, names[i]))
			return true;
	if (str_starts(path, STR("blobs/sha256")))
		return true;
	/* `docker save` of old, and what other builders write like it: a layer or a configuration
	 * named by its digest. */
	struct str first = str_slice(path, 0, str_index(path, '/'));
	if (str_starts(first, STR("sha256:")))
		first = str_skip(first, 7);
	first = str_slice(first, 0, str_index(first, '.'));
	for (size_t i = 0; i < first.n; i++)
		if (!memchr("0123456789abcdef", first.p[i], 16))
			return false;
	return first.n == 64;
}

/* Archives of images hold nothing but such names: the first one tells whether a closer look
 * is worth while. */
static bool peek_may_be_image_archive(struct source whole, bool *is, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	CLEANUP_STREAM struct stream *raw = stream_source(whole);
	struct peek *peek = ARENA_NEW(&scratch, struct peek);
	size_t n;
	struct entry entry = {0};
	bool more = true;
	if (!stream_fill(raw, peek->block, PACKING_MAGIC_BYTES, &n, e))
		return false;
	enum packing packing = packing_of((struct str){peek->block, n});
	CLEANUP_STREAM struct stream *s = stream_unpack(stream_source(whole), packing, e);
	if (!s)
		return false;
	peek->stream = s;
	CLEANUP_TAR struct tar *tar = tar_open((struct tar_input){next_block, NULL, peek});
	while (more && entry.path.n == 0) /* "./" comes first in some */
		if (!tar_next(tar, &scratch, &entry, &more, e))
			return false;
	*is = more && names_image_archive(entry.path);
	return true;
}

static bool open_plain_tar(struct located *l, struct source whole)
{
	l->kind = LOCATED_LAYERS;
	l->plain_tar = true;
	*vec_push(&l->layers, l->arena) = (struct located_layer){.source = whole};
	return true;
}

static bool has(struct located *l, struct str path, bool *found, struct err *e)
{
	struct source ignored;
	return container_get(&l->container, path, &ignored, found, e);
}

/* A web application may well begin with a manifest.json of another kind. */
static bool look_for_images(struct located *l, bool *layout, bool *docker, struct err *e)
{
	struct str bytes;
	struct err ignored = ERR_INIT;
	bool index, manifest;
	if (!has(l, STR("oci-layout"), layout, e) || !has(l, STR("index.json"), &index, e) ||
	    !container_read(&l->container, STR("manifest.json"), LIMIT_JSON_BYTES, &bytes,
	                    &manifest, e))
		return false;
	*layout = *layout && index;
	json_auto_t *list = manifest ? json_read(bytes, &ignored) : NULL;
	*docker = json_is_array(json_object_get(json_array_get(list, 0), "Layers"));
	return true;
}

static bool open_container(struct located *l, struct err *e)
{
	l->kind = LOCATED_LAYERS;
	l->has_container = true;
	return container_open_tar(&l->container, l->fd, l->arena, e);
}

/* A bare path: whatever of the two it is, or a root file system after all. */
static bool open_any_archive(struct located *l, const struct selection *selection,
                             struct source whole, struct err *e)
{
	bool layout, docker;
	if (!open_container(l, e) || !look_for_images(l, &layout, &docker, e))
		return false;
	if (layout)
		return locate_in_layout(l, selection, e);
	return docker ? locate_in_docker_archive(l, selection, e) : open_plain_tar(l, whole);
}

/* ---- Opening ---- */

static bool open_folder(struct located *l, const struct selection *selection,
                        enum reference_kind kind, struct err *e)
{
	struct stat st;
	l->kind = LOCATED_FOLDER;
	if (kind == REFERENCE_DIR ||
	    (kind == REFERENCE_PATH && fstatat(l->fd, "oci-layout", &st, 0) < 0))
		return true;
	l->kind = LOCATED_LAYERS;
	l->has_container = true;
	if (!container_open_folder(&l->container, l->fd, l->arena, e))
		return false;
	return kind == REFERENCE_DOCKER_ARCHIVE ? locate_in_docker_archive(l, selection, e)
	                                        : locate_in_layout(l, selection, e);
}

static bool open_one_file(struct located *l, const struct image_options *options, struct err *e)
{
	l->kind = LOCATED_ONE_FILE;
	return options->single_file_ok ||
	       err_set(e, ERR_USAGE,
	               "one program or script, where a root file system is wanted: a "
	               "folder, a tar or an image");
}

static bool open_file(struct located *l, const struct selection *selection,
                      const struct image_options *options, enum reference_kind kind,
                      struct source whole, struct err *e)
{
	char head[HEAD_BYTES];
	size_t n;
	bool archive = false;
	if (kind == REFERENCE_OCI_ARCHIVE)
		return open_container(l, e) && locate_in_layout(l, selection, e);
	if (kind == REFERENCE_DOCKER_ARCHIVE)
		return open_container(l, e) && locate_in_docker_archive(l, selection, e);
	if (whole.size_bytes == 0)
		return err_set(e, ERR_INPUT, "an empty file");
	if (!read_head(whole, head, &n, e))
		return false;
	switch (kind_of((struct str){head, n})) {
	case FILE_ELF:
	case FILE_SCRIPT:
		return open_one_file(l, options, e);
	case FILE_TAR:
		break;
	case FILE_ZIP:
		return err_set(e, ERR_UNSUPPORTED, "a zip archive; unpack it into a folder first");
	case FILE_OTHER:
		return err_set(e, ERR_INPUT,
		               "neither an ELF file, a script nor a tar (plain, gzip, zstd or xz)");
	}
	if (kind == REFERENCE_PATH && !peek_may_be_image_archive(whole, &archive, e))
		return false;
	return archive ? open_any_archive(l, selection, whole, e) : open_plain_tar(l, whole);
}

/* Without waiting: it may be a pipe. */
static bool open_path(struct located *l, const struct selection *selection,
                      const struct image_options *options, struct err *e)
{
	const struct reference *ref = selection->ref;
	struct stat st;
	l->fd = open(ref->path.p, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (l->fd < 0 || fstat(l->fd, &st) < 0)
		return err_set(e, errno == ENOENT ? ERR_INPUT : ERR_IO, "%s", strerror(errno));
	bool wants_folder = ref->kind == REFERENCE_DIR || ref->kind == REFERENCE_OCI_DIR;
	if (S_ISDIR(st.st_mode) && ref->kind == REFERENCE_FILE)
		return err_set(e, ERR_INPUT, "a folder, not a file");
	if (S_ISDIR(st.st_mode) && ref->kind == REFERENCE_OCI_ARCHIVE)
		return err_set(e, ERR_INPUT, "a folder, not an archive; write oci-dir:%.*s",
		               STR_ARG(ref->path));
	if (S_ISDIR(st.st_mode))
		return open_folder(l, selection, ref->kind, e);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_INPUT, "neither a file nor a folder");
	if (wants_folder)
		return err_set(e, ERR_INPUT, "a file, not a folder");
	struct source whole = {l->fd, 0, (uint64_t)st.st_size};
	return open_file(l, selection, options, ref->kind, whole, e);
}

static bool open_in_engine(struct located *l, const struct selection *selection,
                           struct engines *engines, struct err *e)
{
	enum engine_kind kind = selection->ref->kind == REFERENCE_DOCKER ? ENGINE_DOCKER
	                                                                 : ENGINE_PODMAN;
	if (!engines)
		return unsupported(selection->ref, e);
	const struct engine *engine = engines_get(engines, kind, e);
	return engine && locate_in_engine(l, selection, engine, engines, e);
}

/* A bare name: an engine that has it, else its registry. */
static bool open_name(struct located *l, const struct selection *selection,
                      const struct image_options *options, struct err *e)
{
	const struct reference *ref = selection->ref;
	const struct engine *engine =
		options->engines ? engines_find(options->engines, ref->text) : NULL;
	if (engine)
		return locate_in_engine(l, selection, engine, options->engines, e);
	return options->registry ? locate_in_registry(l, selection, options->registry, e)
	                         : unsupported(ref, e);
}

static bool locate_either(struct located *l, const struct reference *ref,
                          const struct image_options *options, bool root_alone, struct arena *a,
                          struct err *e)
{
	struct selection selection = {.ref = ref,
	                              .platform_asked = options->platform.n > 0,
	                              .root_alone = root_alone};
	*l = (struct located){
		.arena = a, .fd = -1, .blobs = options->blobs, .keep = options->keep,
		.kept_alone = options->kept_alone};
	if (!platform_parse(&selection.platform, options->platform, e))
		return false;
	switch (ref->kind) {
	case REFERENCE_SCRATCH:
		return true;
	case REFERENCE_REGISTRY:
		return options->registry ? locate_in_registry(l, &selection, options->registry, e)
		                         : unsupported(ref, e);
	case REFERENCE_NAME:
		return open_name(l, &selection, options, e);
	case REFERENCE_DOCKER:
	case REFERENCE_PODMAN:
		return open_in_engine(l, &selection, options->engines, e);
	default:
		return open_path(l, &selection, options, e);
	}
}

bool locate(struct located *l, const struct reference *ref, const struct image_options *options,
            struct arena *a, struct err *e)
{
	return locate_either(l, ref, options, false, a, e);
}

bool locate_root(struct located *l, const struct reference *ref,
                 const struct image_options *options, struct arena *a, struct err *e)
{
	return locate_either(l, ref, options, true, a, e);
}
