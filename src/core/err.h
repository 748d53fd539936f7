/* err: what went wrong, gathered on the way up.
 *
 * A function that can fail takes a `struct err *` last and returns bool; false
 * means that the error is set. Each floor may wrap it once with its context
 * (image, layer, path, offset), so that the message that reaches the terminal
 * reads from the outside in: "app.tar: usr/lib/libx.so: dynamic segment at
 * offset 0x40 ends behind the file". "Not found" is a result, never an error. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum err_code {
	ERR_NONE,
	ERR_INPUT,       /* the input is damaged, hostile or not of the kind asked for */
	ERR_LIMIT,       /* a limit of core/limits.h was reached */
	ERR_UNSUPPORTED, /* well formed, but nothing socle can read */
	ERR_IO,          /* the operating system refused */
	ERR_USAGE,       /* the person asked for something that makes no sense */
	ERR_MISSING_TOOL /* a program that socle calls is not installed */
};

struct err {
	enum err_code code;
	char message[1024];
};

#define ERR_INIT {ERR_NONE, ""}

/* Both return false, so that `return err_set(…)` ends a function. A message
 * that does not fit is cut and ends in "…". err_wrap() puts "<context>: " in
 * front and keeps the code. */
bool err_set(struct err *e, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* err_set(ERR_IO) with strerror(errno) behind the message. */
bool err_errno(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define MUST_USE __attribute__((warn_unused_result))
