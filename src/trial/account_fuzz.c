/* user, passwd and group of an image, divided by NUL. */
#include "trial/account.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str rest = {(const char *)data, n}, user = STR_NONE, passwd = STR_NONE;
	struct account account;
	struct err e = ERR_INIT;
	if (!str_next(&rest, '\0', &user) || !str_next(&rest, '\0', &passwd))
		return 0;
	bool found = account_find(user, passwd, rest, &account, &e);
	if (!found && e.code == ERR_NONE)
		__builtin_trap();
	if (account.groups > LIMIT_ACCOUNT_GROUPS || account.uid == UINT32_MAX)
		__builtin_trap();
	return 0;
}
