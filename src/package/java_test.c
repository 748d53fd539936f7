/* Packages of Java archives, by their gists. */
#include "package/one_file_test.h"

#include "package/package.h"

static const struct row {
	const char *path, *gist, *packages; /* "GROUP:NAME VERSION PATH", '?' before what is likely */
} rows[] = {
	{"app/b-1.0.jar", "jar\t\npom\torg.a\tb\t1.0\n", "org.a:b 1.0 /app/b-1.0.jar\n"},
	/* Renamed: the one pom.properties is its own. */
	{"app.jar", "jar\t\nfield\tImplementation-Title\tdemo\npom\torg.a\tdemo\t0.1\n",
	 "org.a:demo 0.1 /app.jar\n"},
	{"servlet-api-3.1.jar", "jar\t\npom\tjavax.servlet\tjavax.servlet-api\t3.1.0\n",
	 "javax.servlet:javax.servlet-api 3.1.0 /servlet-api-3.1.jar\n"},
	/* Shaded: what is in it, and itself. */
	{"tool-2.1-all.jar", "jar\t\nfield\tImplementation-Version\t2.1\npom\torg.a\tb\t1.0\npom\torg.c\td\t3\n",
	 "org.a:b 1.0 /tool-2.1-all.jar\norg.c:d 3 /tool-2.1-all.jar\n?tool 2.1 /tool-2.1-all.jar\n"},
	{"x.war", "jar\t\njar\tWEB-INF/lib/b-1.0.jar\npom\torg.a\tb\t1.0\njar\tWEB-INF/lib/c-2.jar\n",
	 "?c 2 /x.war!/WEB-INF/lib/c-2.jar\norg.a:b 1.0 /x.war!/WEB-INF/lib/b-1.0.jar\n"},
	/* Names and manifests. */
	{"log4j-1.2-api-2.17.1.jar", "jar\t\n", "?log4j-1.2-api 2.17.1 /log4j-1.2-api-2.17.1.jar\n"},
	{"x-1.0-alpha-2.jar", "jar\t\n", "?x 1.0-alpha-2 /x-1.0-alpha-2.jar\n"},
	{"n-2.0.61.Final-linux-x86_64.jar", "jar\t\nfield\tImplementation-Version\t2.0.61.Final\n",
	 "?n 2.0.61.Final /n-2.0.61.Final-linux-x86_64.jar\n"},
	{"guava-31.1-jre.jar", "jar\t\n", "?guava 31.1-jre /guava-31.1-jre.jar\n"},
	{"spring-web-5.3.9.jar", "jar\t\nfield\tAutomatic-Module-Name\tspring.web\n",
	 "?org.springframework:spring-web 5.3.9 /spring-web-5.3.9.jar\n"},
	{"hibernate-core-5.6.15.Final.jar", "jar\t\n",
	 "?org.hibernate:hibernate-core 5.6.15.Final /hibernate-core-5.6.15.Final.jar\n"},
	{"hibernate-core-6.2.0.Final.jar", "jar\t\n",
	 "?org.hibernate.orm:hibernate-core 6.2.0.Final /hibernate-core-6.2.0.Final.jar\n"},
	{"lib/catalina.jar",
	 "jar\t\nfield\tImplementation-Title\tApache Tomcat\nfield\tImplementation-Version\t9.0.50\n",
	 "?org.apache.tomcat:tomcat-catalina 9.0.50 /lib/catalina.jar\n"},
	{"jackson-core-2.9.jar", "jar\t\nfield\tBundle-SymbolicName\tcom.fasterxml.jackson.core.jackson-core;x=y\n",
	 "?com.fasterxml.jackson.core:jackson-core 2.9 /jackson-core-2.9.jar\n"},
	{"a.jar", "jar\t\nfield\tImplementation-Vendor-Id\torg.v\nfield\tBundle-Version\t1.2 build 3\n",
	 "?org.v:a 1.2 /a.jar\n"},
	{"git.hpi", "jar\t\nfield\tGroup-Id\torg.jenkins-ci.plugins\nfield\tShort-Name\tgit\nfield\tPlugin-Version\t5.2.0\n",
	 "?org.jenkins-ci.plugins:git 5.2.0 /git.hpi\n"},
	{"junit-4.13.jar", "jar\t\n", "?junit:junit 4.13 /junit-4.13.jar\n"},
	/* Nothing says what it is. */
	{"resources.jar", "jar\t\nfield\tImplementation-Version\t${version}\nclass\t52\n", ""},
	{"b.jar", "jar\t\npom\torg.a\tb\t${version}\n", "org.a:b  /b.jar\n"},
	/* What could not be read. */
	{"b-1.jar", "jar\t\nbroken\tcut off\n", "unread /b-1.jar\n"},
	{"x.ear", "jar\t\njar\tb-1.jar\npom\torg.a\tb\t1\nbroken\twhy\n",
	 "org.a:b 1 /x.ear!/b-1.jar\nunread /x.ear!/b-1.jar\n"},
};

static void archives_become_packages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct tree t = tree_of_one(rows[i].path, NULL, rows[i].gist, &a);
		struct packages p;
		struct str text = STR("");
		packages_read(&p, &t, &a);
		for (size_t k = 0; k < p.list.n; k++) {
			const struct package *m = &p.list.p[k];
			assert_int_equal(m->type, PACKAGE_MAVEN);
			text = arena_printf(&a, "%.*s%s%.*s %.*s %.*s\n", STR_ARG(text), m->likely ? "?" : "",
			                    STR_ARG(m->name), STR_ARG(m->version), STR_ARG(m->path));
		}
		for (size_t k = 0; k < p.unread.n; k++)
			text = arena_printf(&a, "%.*sunread %.*s\n", STR_ARG(text), STR_ARG(p.unread.p[k]));
		assert_string_equal(arena_cstr(&a, text), rows[i].packages);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(archives_become_packages)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
