#include "cmd/commands.h"
#include "cmd/open.h"
#include "os/file.h"

static bool write_out(const void *p, size_t n, void *context)
{
	struct err *e = context;
	return fd_write_all(STDOUT_FILENO, p, n, e);
}

int cmd_cat(struct session *s)
{
	struct err e = ERR_INIT, write_error = ERR_INIT;
	struct workplace w;
	struct base b;
	if (s->args.n != 2)
		return session_usage(s, "cat wants an image and the path of a file in it");
	if (!workplace_open(&w, s, &e))
		return session_fail(&e);
	w.image_options.single_file_ok = true;
	if (!workplace_at_hand(&w, s->args.p[0], &b, &e))
		return session_fail(&e);
	session_stdout();
	if (!image_cat(&b.reference, &w.image_options, s->args.p[1], write_out, &write_error, &e))
		return session_fail(write_error.code ? &write_error : &e);
	return EXIT_YES;
}

