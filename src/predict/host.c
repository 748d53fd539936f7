/* host: symbols that a program provides to the modules it opens.
 *
 * A Python extension does not link with libpython, a Node module not with
 * Node: their host exports an interface, and its names are known by prefix.
 * What is not of such an interface must be found among libraries.
 *
 * Names that could be anybody's count only in a module that shows by what it
 * exports whose it is: every PHP extension has get_module(), every one of
 * Ruby an Init_ function. PostgreSQL's server gives its modules all that it
 * is made of. The lists were held against what the modules of Debian 12, npm
 * and PyPI want of php8.2, libruby3.1, perl 5.36, python3.11, node 20, lua5.4,
 * apache2, nginx and postgres 15. */
#include "predict/process.h"

struct interface {
	const char *host;
	struct str prefix; /* empty: every name */
	struct str marker; /* begins the name of an export of the module; empty: none is asked for */
};

#define ANY(host, prefix) {host, STR_INIT(prefix), {NULL, 0}}
#define PHP(prefix) {"PHP", STR_INIT(prefix), STR_INIT("get_module")}
#define RUBY(prefix) {"Ruby", STR_INIT(prefix), STR_INIT("Init_")}

static const struct interface interfaces[] = {
	ANY("Python", "Py"), ANY("Python", "_Py"),

	ANY("Node", "napi_"), ANY("Node", "node_api_"), ANY("Node", "node_module_"),
	ANY("Node", "uv_"), ANY("Node", "_ZN2v8"), ANY("Node", "_ZNK2v8"), ANY("Node", "_ZTIN2v8"),
	ANY("Node", "_ZTVN2v8"), ANY("Node", "_ZTSN2v8"), ANY("Node", "_ZN4node"),
	ANY("Node", "_ZNK4node"), ANY("Node", "_ZTIN4node"), ANY("Node", "_ZTVN4node"),
	ANY("Node", "_ZN5cppgc"), ANY("Node", "_ZNK5cppgc"), ANY("Node", "_ZTIN5cppgc"),
	ANY("Node", "_ZTVN5cppgc"), ANY("Node", "_ZN12v8_inspector"), ANY("Node", "_ZN6icu"),

	ANY("Ruby", "rb_"), ANY("Ruby", "ruby_"), ANY("Ruby", "onig_"), ANY("Ruby", "onigenc_"),
	ANY("Ruby", "OnigEnc"), ANY("Ruby", "OnigDefault"), RUBY("st_"),

	ANY("PHP", "zend_"), ANY("PHP", "_zend_"), ANY("PHP", "__zend_"), ANY("PHP", "zendi_"),
	ANY("PHP", "php_"), ANY("PHP", "_php_"), ANY("PHP", "PHP_"), ANY("PHP", "spl_ce_"),
	ANY("PHP", "zval_"), ANY("PHP", "executor_globals"), ANY("PHP", "compiler_globals"),
	ANY("PHP", "_emalloc"), ANY("PHP", "_efree"), ANY("PHP", "_erealloc"),
	ANY("PHP", "_ecalloc"), ANY("PHP", "_estrdup"), ANY("PHP", "_estrndup"),
	ANY("PHP", "_safe_"), ANY("PHP", "std_object_handlers"), ANY("PHP", "OnUpdate"),
	PHP("sapi_"), PHP("_fe"), PHP("add_"), PHP("append_"), PHP("array_"), PHP("_array_"),
	PHP("basic_"), PHP("bitwise_"), PHP("boolean_"), PHP("_call_"), PHP("cfg_"), PHP("compare_"),
	PHP("compile_"), PHP("concat_"), PHP("config_"), PHP("convert_"), PHP("_convert_"),
	PHP("core_globals"), PHP("data_globals"), PHP("decrement_"), PHP("destroy_"),
	PHP("display_"), PHP("div_function"), PHP("do_"), PHP("dtrace_"), PHP("empty_fcall_"),
	PHP("execute_"), PHP("expand_filepath"), PHP("file_globals"), PHP("free_"),
	PHP("function_"), PHP("gc_"), PHP("get_"), PHP("highlight_"), PHP("increment_"),
	PHP("ini_"), PHP("init_op_array"), PHP("instanceof_"), PHP("is_"), PHP("_is_"),
	PHP("json_"), PHP("jump_"), PHP("language_"), PHP("le_"), PHP("lex_scan"),
	PHP("localeconv_"), PHP("make_"), PHP("mod_function"), PHP("module_registry"),
	PHP("mul_function"), PHP("numeric_"), PHP("object_"), PHP("open_"), PHP("output_"),
	PHP("pass_two"), PHP("pcre_"), PHP("pow_function"), PHP("ps_globals"), PHP("random_"),
	PHP("rc_dtor_"), PHP("realpath_"), PHP("rebuild_"), PHP("reflect"), PHP("register_"),
	PHP("remove_"), PHP("rfc1867_"), PHP("session_"), PHP("shift_"), PHP("shutdown_"),
	PHP("smart_"), PHP("_smart_"), PHP("spl_"), PHP("std_"), PHP("string_"), PHP("strnatcmp_"),
	PHP("sub_function"), PHP("_try_"), PHP("tsrm_"), PHP("var_"), PHP("virtual_"),
	PHP("zendparse"), PHP("zif_"),

	ANY("Perl", "Perl_"), ANY("Perl", "PL_"), ANY("Perl", "PerlIO"), ANY("Perl", "perl_"),
	ANY("Perl", "boot_DynaLoader"),

	ANY("Lua", "lua_"), ANY("Lua", "luaL_"), ANY("Lua", "luaopen_"), ANY("Java", "JNI_"),
	ANY("Java", "JVM_"), ANY("Tcl", "Tcl_"), ANY("Tcl", "TclO"), ANY("Tcl", "Tk_"),
	ANY("Apache", "ap_"), ANY("Apache", "apr_"), ANY("Apache", "core_module"),
	ANY("nginx", "ngx_"), ANY("uWSGI", "uwsgi"),
	{"PostgreSQL", {NULL, 0}, STR_INIT("Pg_magic_func")},
};

/* Exports are sorted by name: whether any begins with `prefix`. */
static bool has_export(const struct elf_object *elf, struct str prefix)
{
	size_t low = 0, high = elf->exports.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (str_cmp(elf->exports.p[middle].name, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < elf->exports.n && str_starts(elf->exports.p[low].name, prefix);
}

bool host_provides(const struct elf_object *module, struct str symbol, const char **host)
{
	for (size_t i = 0; i < sizeof interfaces / sizeof *interfaces; i++) {
		const struct interface *of = &interfaces[i];
		if (!str_starts(symbol, of->prefix) || (of->marker.n && !has_export(module, of->marker)))
			continue;
		*host = of->host;
		return true;
	}
	return false;
}
