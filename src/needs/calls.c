/* What the functions that a program calls, and the paths in its data, imply. */
#include "needs/collect.h"

/* Names of data and users are the paths that hold them, so that anybody can look. */
#define CA_BUNDLE STR_INIT("/etc/ssl/certs/ca-certificates.crt")
#define ZONES STR_INIT("/usr/share/zoneinfo")

struct sign {
	enum need_kind kind;
	struct str name;
	enum certainty certainty;
	const char *words; /* functions or paths that give it away */
};

static const struct sign calls[] = {
	{NEED_EXECUTABLE, STR_INIT("/bin/sh"), CERTAINTY_LIKELY, "system popen"},
	{NEED_EXECUTABLE, STR_INIT("/bin/sh"), CERTAINTY_POSSIBLE, "wordexp"},
	/* passwd(5), group(5), services(5), protocols(5), nsswitch.conf(5) */
	{NEED_USER, STR_INIT("/etc/passwd"), CERTAINTY_POSSIBLE,
	 "getpwnam getpwnam_r getpwuid getpwuid_r getpwent"},
	{NEED_USER, STR_INIT("/etc/group"), CERTAINTY_POSSIBLE,
	 "getgrnam getgrnam_r getgrgid getgrgid_r getgrouplist initgroups"},
	{NEED_DATA, STR_INIT("/etc/nsswitch.conf"), CERTAINTY_POSSIBLE,
	 "getaddrinfo gethostbyname gethostbyname2 gethostbyname_r"},
	{NEED_DATA, STR_INIT("/etc/services"), CERTAINTY_POSSIBLE,
	 "getservbyname getservbyname_r getservbyport getservbyport_r"},
	{NEED_DATA, STR_INIT("/etc/protocols"), CERTAINTY_POSSIBLE,
	 "getprotobyname getprotobyname_r getprotobynumber"},
	/* iconv_open(3), setlocale(3), tzset(3), mkstemp(3) */
	{NEED_DATA, STR_INIT("gconv"), CERTAINTY_POSSIBLE, "iconv_open"},
	{NEED_LOCALE, STR_INIT("C.UTF-8"), CERTAINTY_POSSIBLE, "setlocale newlocale"},
	{NEED_DATA, ZONES, CERTAINTY_POSSIBLE, "localtime localtime_r mktime tzset"},
	{NEED_DATA, STR_INIT("/tmp"), CERTAINTY_POSSIBLE,
	 "mkstemp mkstemp64 mkostemp mkostemp64 mkdtemp tmpfile tmpfile64 tmpnam"},
	{NEED_DATA, STR_INIT("/etc/pam.d"), CERTAINTY_LIKELY, "pam_start"},
	{NEED_DATA, STR_INIT("/usr/share/misc/magic.mgc"), CERTAINTY_LIKELY, "magic_load"},
	{NEED_DATA, STR_INIT("/usr/share/fonts"), CERTAINTY_POSSIBLE,
	 "FcInit FcInitLoadConfigAndFonts"},
	/* OpenSSL, GnuTLS, curl: the trust store of the system. */
	{NEED_DATA, CA_BUNDLE, CERTAINTY_LIKELY,
	 "SSL_CTX_set_default_verify_paths SSL_CTX_set_default_verify_file"
	 " SSL_CTX_set_default_verify_dir X509_STORE_set_default_paths"
	 " X509_get_default_cert_file X509_get_default_cert_dir"
	 " gnutls_certificate_set_x509_system_trust gnutls_x509_trust_list_add_system_trust"
	 " curl_easy_init"},
	/* A language embedded: the interpreter's library without its standard library is little. */
	{NEED_RUNTIME, STR_INIT("python"), CERTAINTY_LIKELY,
	 "Py_Initialize Py_InitializeEx Py_InitializeFromConfig"},
	{NEED_RUNTIME, STR_INIT("java"), CERTAINTY_LIKELY, "JNI_CreateJavaVM"},
	{NEED_RUNTIME, STR_INIT("perl"), CERTAINTY_LIKELY, "perl_construct"},
	{NEED_RUNTIME, STR_INIT("ruby"), CERTAINTY_LIKELY, "ruby_init"},
};

/* Paths as elf/paths.c knows them. */
static const struct sign paths[] = {
	{NEED_DATA, CA_BUNDLE, CERTAINTY_LIKELY,
	 "/etc/ssl/certs/ca-certificates.crt /etc/ssl/certs /etc/ssl/cert.pem /etc/pki/tls/certs"},
	{NEED_DATA, ZONES, CERTAINTY_POSSIBLE, "/etc/localtime /usr/share/zoneinfo"},
	{NEED_DATA, STR_INIT("/etc/mime.types"), CERTAINTY_POSSIBLE, "/etc/mime.types"},
	{NEED_DATA, STR_INIT("/etc/nsswitch.conf"), CERTAINTY_POSSIBLE, "/etc/nsswitch.conf"},
	{NEED_DATA, STR_INIT("/etc/services"), CERTAINTY_POSSIBLE, "/etc/services"},
	{NEED_USER, STR_INIT("/etc/passwd"), CERTAINTY_POSSIBLE, "/etc/passwd"},
	{NEED_USER, STR_INIT("/etc/group"), CERTAINTY_POSSIBLE, "/etc/group"},
	{NEED_EXECUTABLE, STR_INIT("/bin/bash"), CERTAINTY_POSSIBLE, "/bin/bash"},
	{NEED_EXECUTABLE, STR_INIT("/bin/sh"), CERTAINTY_POSSIBLE, "/bin/sh"},
};

/* Libraries whose users speak TLS to somebody whom they ought to check. */
static const struct str tls_libraries[] = {STR_INIT("libssl.so"), STR_INIT("libgnutls.so"),
                                           STR_INIT("libcurl.so"), STR_INIT("libcurl-gnutls.so")};

static const struct sign *find_sign(const struct sign *signs, size_t count, struct str word)
{
	for (size_t i = 0; i < count; i++)
		if (is_one_of(word, signs[i].words))
			return &signs[i];
	return NULL;
}

/* The application may bring it along, in the place where it is looked for. */
static bool is_brought(const struct collector *c, struct str name)
{
	return name.n && name.p[0] == '/' && tree_find(c->app, name);
}

static void tell(struct collector *c, const struct visit *v, const struct sign *sign,
                 struct str how)
{
	if (sign && !is_brought(c, sign->name))
		collect_need(c, v, sign->kind, sign->name, sign->certainty, how);
}

static void tls_needs(struct collector *c, const struct visit *v, struct str library)
{
	const struct str bundle = CA_BUNDLE;
	for (size_t i = 0; i < sizeof tls_libraries / sizeof *tls_libraries; i++)
		if (str_starts(library, tls_libraries[i]) && !is_brought(c, bundle))
			collect_need(c, v, NEED_DATA, bundle, CERTAINTY_LIKELY,
			             arena_printf(c->arena, "uses %.*s", STR_ARG(library)));
}

void call_needs(struct collector *c, const struct visit *v, const struct elf_object *elf)
{
	for (size_t i = 0; i < elf->imports.n; i++) {
		struct str name = elf->imports.p[i].name;
		if (elf->imports.p[i].use)
			tell(c, v, find_sign(calls, sizeof calls / sizeof *calls, name),
			     arena_printf(c->arena, "calls %.*s", STR_ARG(name)));
	}
	for (size_t i = 0; i < elf->needed.n; i++)
		tls_needs(c, v, elf->needed.p[i]);
}

/* A static program with glibc inside opens the NSS libraries of the very same glibc; Go reads
 * nsswitch.conf itself. */
static void static_nss(struct collector *c, const struct visit *v, const struct elf_object *elf)
{
	if (elf->has_interp || elf->go_build_info.n)
		return;
	for (size_t i = 0; i < elf->name_strings.n; i++)
		if (str_starts(elf->name_strings.p[i], STR("libnss_")))
			collect_need(c, v, NEED_LIBRARY, elf->name_strings.p[i], CERTAINTY_POSSIBLE,
			             STR("static glibc opens it to look names up, and only that of "
			                 "the very same version"));
}

void path_needs(struct collector *c, const struct visit *v, const struct elf_object *elf)
{
	for (size_t i = 0; i < elf->path_strings.n; i++) {
		struct str path = elf->path_strings.p[i];
		tell(c, v, find_sign(paths, sizeof paths / sizeof *paths, path),
		     arena_printf(c->arena, "%.*s stands in the data", STR_ARG(path)));
	}
	static_nss(c, v, elf);
}
