/* supply: what an application needs beside its loader, held against what a base has.
 *
 * The loader decides over libraries and symbols; this is about the rest: data,
 * users, locales, programs that are called, libraries opened by name. Nothing
 * here makes a verdict `fails`: what is certain or likely and missing is a
 * risk, what is possible a note. Pure. */
#pragma once

#include "needs/needs.h"
#include "predict/predict.h"

/* Appends findings to `out`. `target->tree` holds base and application. */
void supply_check(const struct predict_target *target, const struct needs *needs,
                  struct prediction *out, struct arena *a);

/* The program that execvp(3) starts for `name`: a path, from the working folder, or along PATH; NULL
 * where there is none. */
const struct node *supply_program(const struct predict_target *target, struct str name,
                                  struct arena *a);

/* The program that runs what is written for a runtime ("python3.11", "node"), found along PATH;
 * NULL where there is none. Its version is another matter. */
const struct node *supply_runtime(const struct predict_target *target, struct str name,
                                  struct arena *a);

/* True where the tree has what `need` asks for, in any of the places that programs look. */
bool supply_has(const struct predict_target *target, const struct need *need, struct arena *a);
