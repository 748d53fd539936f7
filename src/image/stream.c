#include "image/stream.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

void stream_close(struct stream **s)
{
	if (*s)
		(*s)->close(*s);
	*s = NULL;
}

bool stream_fill(struct stream *s, void *p, size_t cap, size_t *n, struct err *e)
{
	size_t got = 1;
	*n = 0;
	while (*n < cap && got > 0) {
		if (!s->read(s, (char *)p + *n, cap - *n, &got, e))
			return false;
		*n += got;
	}
	return true;
}

static void *must(void *p)
{
	if (!p)
		out_of_memory();
	return p;
}

/* ---- A part of a file ---- */

struct source_stream {
	struct stream s;
	struct source source;
	uint64_t at;
};

static bool source_read(struct stream *s, void *p, size_t cap, size_t *n, struct err *e)
{
	struct source_stream *f = (struct source_stream *)s;
	uint64_t left = f->source.size_bytes - f->at;
	*n = 0;
	if (left == 0)
		return true;
	if (cap > left)
		cap = (size_t)left;
	ssize_t got;
	do
		got = pread(f->source.fd, p, cap, (off_t)(f->source.off + f->at));
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_errno(e, "reading at offset %llu",
		                 (unsigned long long)(f->source.off + f->at));
	if (got == 0)
		return err_set(e, ERR_INPUT, "ends at offset %llu, %llu bytes early",
		               (unsigned long long)(f->source.off + f->at),
		               (unsigned long long)left);
	*n = (size_t)got;
	f->at += (uint64_t)got;
	return true;
}

static void source_close(struct stream *s)
{
	free(s);
}

static void file_close(struct stream *s)
{
	close(((struct source_stream *)s)->source.fd);
	free(s);
}

struct stream *stream_file(int fd, uint64_t size_bytes)
{
	struct source_stream *f = must(malloc(sizeof *f));
	*f = (struct source_stream){{source_read, file_close}, {fd, 0, size_bytes}, 0};
	return &f->s;
}

struct stream *stream_source(struct source source)
{
	if (source.open)
		return source.open(source.context);
	struct source_stream *f = must(malloc(sizeof *f));
	*f = (struct source_stream){{source_read, source_close}, source, 0};
	return &f->s;
}

/* ---- A head that was read before ---- */

struct after_stream {
	struct stream s;
	struct stream *below;
	struct str left; /* of the head */
	char head[];
};

static bool after_read(struct stream *s, void *p, size_t cap, size_t *n, struct err *e)
{
	struct after_stream *f = (struct after_stream *)s;
	if (f->left.n == 0)
		return f->below->read(f->below, p, cap, n, e);
	*n = cap < f->left.n ? cap : f->left.n;
	memcpy(p, f->left.p, *n);
	f->left = str_skip(f->left, *n);
	return true;
}

static void after_close(struct stream *s)
{
	stream_close(&((struct after_stream *)s)->below);
	free(s);
}

struct stream *stream_after(struct str head, struct stream *below)
{
	struct after_stream *f = must(malloc(sizeof *f + head.n));
	*f = (struct after_stream){{after_read, after_close}, below, {f->head, head.n}};
	if (head.n)
		memcpy(f->head, head.p, head.n);
	return &f->s;
}

static bool empty_read(struct stream *s, void *p, size_t cap, size_t *n, struct err *e)
{
	(void)s, (void)p, (void)cap, (void)e;
	*n = 0;
	return true;
}

static struct stream *open_bytes(const void *context)
{
	struct stream *empty = must(malloc(sizeof *empty));
	*empty = (struct stream){empty_read, source_close};
	return stream_after(*(const struct str *)context, empty);
}

struct source source_bytes(struct str bytes, struct arena *a)
{
	struct str *held = ARENA_NEW(a, struct str);
	*held = bytes;
	return (struct source){
		.fd = -1, .size_bytes = bytes.n, .open = open_bytes, .context = held};
}

/* ---- A limit ---- */

struct limit_stream {
	struct stream s;
	struct stream *below;
	uint64_t left, max_bytes;
};

static bool limit_read(struct stream *s, void *p, size_t cap, size_t *n, struct err *e)
{
	struct limit_stream *l = (struct limit_stream *)s;
	if (!l->below->read(l->below, p, cap, n, e))
		return false;
	if (*n > l->left)
		return err_set(e, ERR_LIMIT, "more than %llu bytes once unpacked",
		               (unsigned long long)l->max_bytes);
	l->left -= *n;
	return true;
}

static void limit_close(struct stream *s)
{
	stream_close(&((struct limit_stream *)s)->below);
	free(s);
}

struct stream *stream_limit(struct stream *below, uint64_t max_bytes)
{
	struct limit_stream *l = must(malloc(sizeof *l));
	*l = (struct limit_stream){{limit_read, limit_close}, below, max_bytes, max_bytes};
	return &l->s;
}

/* ---- Digests ---- */

struct sha256 {
	EVP_MD_CTX *evp;
};

struct sha256 *sha256_new(void)
{
	struct sha256 *h = must(malloc(sizeof *h));
	h->evp = must(EVP_MD_CTX_new());
	if (!EVP_DigestInit_ex(h->evp, EVP_sha256(), NULL))
		out_of_memory(); /* nothing else can fail in it */
	return h;
}

void sha256_update(struct sha256 *h, const void *p, size_t n)
{
	EVP_DigestUpdate(h->evp, p, n);
}

struct str sha256_final(struct sha256 *h, struct arena *a)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	EVP_DigestFinal_ex(h->evp, raw, &n);
	char text[7 + 2 * EVP_MAX_MD_SIZE] = "sha256:";
	for (unsigned i = 0; i < n; i++) {
		text[7 + 2 * i] = digits[raw[i] >> 4];
		text[8 + 2 * i] = digits[raw[i] & 15];
	}
	return arena_str(a, (struct str){text, 7 + 2 * (size_t)n});
}

void sha256_free(struct sha256 **h)
{
	if (*h) {
		EVP_MD_CTX_free((*h)->evp);
		free(*h);
	}
	*h = NULL;
}

struct str sha256_of(struct str bytes, struct arena *a)
{
	CLEANUP_SHA256 struct sha256 *h = sha256_new();
	sha256_update(h, bytes.p, bytes.n);
	return sha256_final(h, a);
}

struct digest_stream {
	struct stream s;
	struct stream *below;
	struct sha256 *h;
};

static bool digest_read(struct stream *s, void *p, size_t cap, size_t *n, struct err *e)
{
	struct digest_stream *d = (struct digest_stream *)s;
	if (!d->below->read(d->below, p, cap, n, e))
		return false;
	sha256_update(d->h, p, *n);
	return true;
}

static void digest_close(struct stream *s)
{
	stream_close(&((struct digest_stream *)s)->below);
	free(s);
}

struct stream *stream_digest(struct stream *below, struct sha256 *h)
{
	struct digest_stream *d = must(malloc(sizeof *d));
	*d = (struct digest_stream){{digest_read, digest_close}, below, h};
	return &d->s;
}
