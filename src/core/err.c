#include "core/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char ellipsis[] = "…";

static void mark_cut(char *message, size_t size, size_t wanted)
{
	if (wanted < size)
		return;
	/* Cut before a UTF-8 sequence, never inside one. */
	size_t at = size - sizeof ellipsis;
	while (at > 0 && ((unsigned char)message[at] & 0xc0) == 0x80)
		at--;
	memcpy(message + at, ellipsis, sizeof ellipsis);
}

__attribute__((format(printf, 2, 0)))
static void format_message(struct err *e, const char *fmt, va_list ap)
{
	int n = vsnprintf(e->message, sizeof e->message, fmt, ap);
	mark_cut(e->message, sizeof e->message, n < 0 ? 0 : (size_t)n);
}

bool err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	format_message(e, fmt, ap);
	va_end(ap);
	e->code = code;
	return false;
}

bool err_wrap(struct err *e, const char *fmt, ...)
{
	char inner[sizeof e->message];
	memcpy(inner, e->message, sizeof inner);

	va_list ap;
	va_start(ap, fmt);
	format_message(e, fmt, ap);
	va_end(ap);

	size_t used = strlen(e->message);
	int n = snprintf(e->message + used, sizeof e->message - used, ": %s", inner);
	mark_cut(e->message, sizeof e->message, used + (n < 0 ? 0 : (size_t)n));
	return false;
}

bool err_errno(struct err *e, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;
	va_start(ap, fmt);
	format_message(e, fmt, ap);
	va_end(ap);

	size_t used = strlen(e->message);
	int n = snprintf(e->message + used, sizeof e->message - used, ": %s", strerror(saved));
	mark_cut(e->message, sizeof e->message, used + (n < 0 ? 0 : (size_t)n));
	e->code = ERR_IO;
	return false;
}
