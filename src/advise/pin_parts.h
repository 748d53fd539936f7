/* pin_parts: what the files of pin share. Private to them. */
#pragma once

#include "advise/ignore.h"
#include "advise/pin.h"
#include "core/map.h"

#define NO_QUESTION SIZE_MAX

/* One more reference, undecided, that stands at `at` and reads `image`. */
struct pin_reference *pin_add(struct pin_file *f, struct span at, struct str image,
                              struct arena *a);
/* Decided: nobody needs to be asked. */
void pin_settle(struct pin_reference *r, enum pin_status status, struct str reason);

/* One that is put together, and ends with a digest: nobody can be asked for it, and it holds. */
bool pin_settle_parts(struct pin_reference *r, struct str value);

/* pin_dockerfile.c */
MUST_USE bool pin_read_dockerfile(struct pin_file *f, struct arena *a, struct err *e);
/* Whether `text` means what f->text means, but for the references that change. */
bool pin_dockerfile_holds(const struct pin_file *f, struct str text);
/* Gives up those that cannot change alone. */
void pin_dockerfile_blame(struct pin_file *f, struct arena *a);

/* pin_yaml.c */
MUST_USE bool pin_read_yaml(struct pin_file *f, struct arena *a, struct err *e);
bool pin_yaml_holds(const struct pin_file *f);

/* The reference at that place, if it changes. */
const struct pin_reference *pin_change_at(const struct pin_file *f, struct span at);

/* It gets no digest, and stays as it is. */
void pin_give_up(struct pin_reference *r, struct str reason);

/* Makes f->result. It is read again: where anything but the references has changed, those that
 * are to blame are given up. */
void pin_edit(struct pin_file *f, struct arena *a);

/* ---- Asking: pin_resolve.c ---- */

struct pin_questions {
	struct registry *registry;
	struct map index; /* what and name, to 1 + index */
	VEC(struct registry_question) list;
	size_t asked; /* so many have an answer */
	struct arena *arena;
};

/* The index of that question; one that was put already is not put again. */
size_t pin_question(struct pin_questions *q, const struct reference *ref, enum registry_asked what);
/* Brings the answers to those that have none. */
void pin_ask(struct pin_questions *q);

void pin_resolve(struct pin_file *files, size_t count, const struct pin_options *o,
                 struct arena *a);

/* pin_tighten.c: what is said of tags that move, and exact ones in their place. */
void pin_tell_moving(struct pin_file *files, size_t count, struct arena *a);
void pin_tighten(struct pin_file *files, size_t count, struct pin_questions *q);
