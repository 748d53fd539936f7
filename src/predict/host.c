/* host: symbols that a program provides to the modules it opens.
 *
 * A Python extension does not link with libpython, a Node module not with
 * Node: their host exports an interface, and its names are known by prefix.
 * What is not of such an interface must be found among libraries. */
#include "predict/process.h"

static const struct {
	const char *host;
	struct str prefix;
} interfaces[] = {
	{"Python", STR_INIT("Py")},          {"Python", STR_INIT("_Py")},
	{"Node", STR_INIT("napi_")},         {"Node", STR_INIT("node_api_")},
	{"Node", STR_INIT("node_module_")},  {"Node", STR_INIT("uv_")},
	{"Node", STR_INIT("_ZN2v8")},        {"Node", STR_INIT("_ZNK2v8")},
	{"Node", STR_INIT("_ZTIN2v8")},      {"Node", STR_INIT("_ZTVN2v8")},
	{"Node", STR_INIT("_ZTSN2v8")},      {"Node", STR_INIT("_ZN4node")},
	{"Node", STR_INIT("_ZNK4node")},     {"Node", STR_INIT("_ZN6icu")},
	{"Ruby", STR_INIT("rb_")},           {"Ruby", STR_INIT("ruby_")},
	{"Ruby", STR_INIT("onig_")},         {"Ruby", STR_INIT("st_")},
	{"PHP", STR_INIT("zend_")},          {"PHP", STR_INIT("_zend_")},
	{"PHP", STR_INIT("php_")},           {"PHP", STR_INIT("_php_")},
	{"PHP", STR_INIT("zval_")},          {"PHP", STR_INIT("executor_globals")},
	{"PHP", STR_INIT("compiler_globals")}, {"PHP", STR_INIT("core_globals")},
	{"PHP", STR_INIT("sapi_")},          {"PHP", STR_INIT("basic_globals")},
	{"PHP", STR_INIT("spl_ce_")},        {"PHP", STR_INIT("_emalloc")},
	{"PHP", STR_INIT("_efree")},         {"PHP", STR_INIT("_erealloc")},
	{"PHP", STR_INIT("_ecalloc")},       {"PHP", STR_INIT("_estrdup")},
	{"PHP", STR_INIT("_estrndup")},      {"PHP", STR_INIT("_safe_")},
	{"PHP", STR_INIT("object_properties_")}, {"PHP", STR_INIT("add_assoc_")},
	{"PHP", STR_INIT("add_index_")},     {"PHP", STR_INIT("add_next_index_")},
	{"PHP", STR_INIT("_array_init")},    {"PHP", STR_INIT("std_object_handlers")},
	{"Perl", STR_INIT("Perl_")},         {"Perl", STR_INIT("PL_")},
	{"Perl", STR_INIT("boot_Dyna")},     {"Lua", STR_INIT("lua_")},
	{"Lua", STR_INIT("luaL_")},          {"Java", STR_INIT("JNI_")},
	{"Java", STR_INIT("JVM_")},          {"Tcl", STR_INIT("Tcl_")},
	{"PostgreSQL", STR_INIT("SPI_")},    {"Apache", STR_INIT("ap_")},
	{"nginx", STR_INIT("ngx_")},
};

bool host_provides(struct str symbol, const char **host)
{
	for (size_t i = 0; i < sizeof interfaces / sizeof *interfaces; i++) {
		if (str_starts(symbol, interfaces[i].prefix)) {
			*host = interfaces[i].host;
			return true;
		}
	}
	return false;
}
