#include "trial/account.h"

#define PASSWD_FIELDS 7u /* name:password:uid:gid:comment:home:shell, passwd(5) */
#define GROUP_FIELDS 4u  /* name:password:gid:member,member, group(5) */

static bool to_id(struct str s, uint32_t *id)
{
	uint64_t v;
	/* 0xffffffff is "no change" to chown(2) and setresuid(2), and nobody's number. */
	if (!str_to_u64(s, &v) || v >= UINT32_MAX)
		return false;
	*id = (uint32_t)v;
	return true;
}

static bool next_entry(struct str *rest, struct str *field, size_t fields)
{
	struct str line;
	while (str_next(rest, '\n', &line)) {
		size_t n = 0;
		for (size_t i = 0; i < fields; i++)
			field[i] = STR_NONE;
		while (n < fields && str_next(&line, ':', &field[n]))
			n++;
		if (n >= 3 && field[0].n > 0)
			return true;
	}
	return false;
}

/* A name first: getpwnam's order; "1000" may be a name. Then the number. */
static bool find_user(struct str who, struct str passwd, struct account *out, struct str *name)
{
	uint32_t uid = 0, id;
	bool number = to_id(who, &uid);
	struct str field[PASSWD_FIELDS];
	for (int by_number = 0; by_number <= (number ? 1 : 0); by_number++) {
		struct str rest = passwd;
		while (next_entry(&rest, field, PASSWD_FIELDS)) {
			bool hit = by_number ? to_id(field[2], &id) && id == uid
					     : str_eq(field[0], who);
			if (!hit || !to_id(field[2], &out->uid) || !to_id(field[3], &out->gid))
				continue;
			*name = field[0];
			out->home = field[5].n > 0 ? field[5] : STR("/");
			return true;
		}
	}
	out->uid = uid;
	return number;
}

static bool find_group(struct str which, struct str group, uint32_t *gid)
{
	struct str field[GROUP_FIELDS], rest = group;
	while (next_entry(&rest, field, GROUP_FIELDS))
		if (str_eq(field[0], which) && to_id(field[2], gid))
			return true;
	return to_id(which, gid);
}

static bool is_member(struct str members, struct str name)
{
	struct str one;
	while (str_next(&members, ',', &one))
		if (str_eq(str_trim(one), name))
			return true;
	return false;
}

static void add_groups(struct str name, struct str group, struct account *out)
{
	struct str field[GROUP_FIELDS], rest = group;
	uint32_t gid;
	while (out->groups < LIMIT_ACCOUNT_GROUPS && next_entry(&rest, field, GROUP_FIELDS))
		if (is_member(field[3], name) && to_id(field[2], &gid) && gid != out->gid)
			out->group[out->groups++] = gid;
}

bool account_find(struct str user, struct str passwd, struct str group, struct account *out,
		  struct err *e)
{
	*out = (struct account){.home = STR("/")};
	size_t colon = str_index(user, ':');
	struct str who = str_slice(user, 0, colon), which = str_skip(user, colon + 1);
	struct str name = STR_NONE;
	if (who.n == 0)
		who = STR("0");
	if (!find_user(who, passwd, out, &name))
		return err_set(e, ERR_INPUT, "user %.*s: not in the container's /etc/passwd",
			       STR_ARG(who));
	if (colon < user.n && which.n > 0 && !find_group(which, group, &out->gid))
		return err_set(e, ERR_INPUT, "group %.*s: not in the container's /etc/group",
			       STR_ARG(which));
	/* A group that was asked for stands alone (runc libcontainer/user, GetExecUser). */
	if (colon == user.n && name.n > 0)
		add_groups(name, group, out);
	return true;
}
