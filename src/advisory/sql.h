/* sql: SQLite's calls with socle's strings and errors. For src/advisory alone. */
#pragma once

#include <sqlite3.h>

#include "core/err.h"
#include "core/str.h"

/* ERR_IO with SQLite's words; ERR_INPUT where it calls the file damaged. */
bool sql_fail(sqlite3 *db, struct err *e);
MUST_USE bool sql_run(sqlite3 *db, const char *text, struct err *e);
MUST_USE bool sql_prepare(sqlite3 *db, sqlite3_stmt **s, const char *text, struct err *e);

/* Strings must live until the next sql_step() that ends the statement. */
void sql_bind(sqlite3_stmt *s, int column, struct str value);

/* *row false at the end, where the statement is then ready for its next use. */
MUST_USE bool sql_step(sqlite3_stmt *s, bool *row, struct err *e);

/* A view until the next step. */
struct str sql_str(sqlite3_stmt *s, int column);
