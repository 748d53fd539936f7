#include "advisory/sql.h"

bool sql_fail(sqlite3 *db, struct err *e)
{
	int code = sqlite3_errcode(db) & 0xff;
	bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
	return err_set(e, damaged ? ERR_INPUT : ERR_IO, "%s", sqlite3_errmsg(db));
}

bool sql_run(sqlite3 *db, const char *text, struct err *e)
{
	return sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK || sql_fail(db, e);
}

bool sql_prepare(sqlite3 *db, sqlite3_stmt **s, const char *text, struct err *e)
{
	return sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, s, NULL) == SQLITE_OK ||
	       sql_fail(db, e);
}

void sql_bind(sqlite3_stmt *s, int column, struct str value)
{
	sqlite3_bind_text(s, column, value.p ? value.p : "", (int)value.n, SQLITE_STATIC);
}

bool sql_step(sqlite3_stmt *s, bool *row, struct err *e)
{
	int code = sqlite3_step(s);
	*row = code == SQLITE_ROW;
	if (*row)
		return true;
	if (code != SQLITE_DONE)
		(void)sql_fail(sqlite3_db_handle(s), e);
	sqlite3_reset(s);
	return code == SQLITE_DONE;
}

struct str sql_str(sqlite3_stmt *s, int column)
{
	const char *p = (const char *)sqlite3_column_text(s, column);
	return (struct str){p, (size_t)sqlite3_column_bytes(s, column)};
}
