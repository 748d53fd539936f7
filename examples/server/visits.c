#include "server.h"

#include <stdio.h>

bool visits_open(sqlite3 **db, const char *path)
{
	static const char schema[] =
		"CREATE TABLE IF NOT EXISTS visits (path TEXT PRIMARY KEY, count INTEGER NOT NULL)";
	char *why = NULL;
	if (sqlite3_open(path, db) == SQLITE_OK &&
	    sqlite3_exec(*db, schema, NULL, NULL, &why) == SQLITE_OK)
		return true;
	fprintf(stderr, "server: %s: %s\n", path, why ? why : sqlite3_errmsg(*db));
	sqlite3_free(why);
	sqlite3_close(*db);
	*db = NULL;
	return false;
}

long long visits_add(sqlite3 *db, const char *path)
{
	static const char add[] = "INSERT INTO visits VALUES (?, 1) "
				  "ON CONFLICT (path) DO UPDATE SET count = count + 1 "
				  "RETURNING count";
	sqlite3_stmt *statement;
	long long count = -1;
	if (sqlite3_prepare_v2(db, add, -1, &statement, NULL) != SQLITE_OK)
		return -1;
	sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
	if (sqlite3_step(statement) == SQLITE_ROW)
		count = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return count;
}
