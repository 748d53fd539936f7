/* Groups of well-known artifacts whose archives hold no pom.properties: they are built by Gradle, Ant
 * or sbt, and what their manifests say is no group. As published on Maven Central. */
#include "package/formats.h"

/* A name that ends in '*' stands for all that begin so; the first that fits counts. */
static const struct known {
	const char *artifact, *group; /* "=": of the same name */
	unsigned below; /* of several groups: up to this major version; 0: all */
} known[] = {
	{"spring-boot*", "org.springframework.boot", 0},
	{"spring-security-*", "org.springframework.security", 0},
	{"spring-session-*", "org.springframework.session", 0},
	{"spring-data-*", "org.springframework.data", 0},
	{"spring-integration-*", "org.springframework.integration", 0},
	{"spring-batch-*", "org.springframework.batch", 0},
	{"spring-kafka*", "org.springframework.kafka", 0},
	{"spring-amqp", "org.springframework.amqp", 0},
	{"spring-rabbit*", "org.springframework.amqp", 0},
	{"spring-ws-*", "org.springframework.ws", 0},
	{"spring-graphql*", "org.springframework.graphql", 0},
	{"spring-ldap-*", "org.springframework.ldap", 0},
	{"spring-webflow", "org.springframework.webflow", 0},
	{"spring-aop", "org.springframework", 0},
	{"spring-aspects", "org.springframework", 0},
	{"spring-beans", "org.springframework", 0},
	{"spring-context*", "org.springframework", 0},
	{"spring-core", "org.springframework", 0},
	{"spring-expression", "org.springframework", 0},
	{"spring-instrument*", "org.springframework", 0},
	{"spring-jcl", "org.springframework", 0},
	{"spring-jdbc", "org.springframework", 0},
	{"spring-jms", "org.springframework", 0},
	{"spring-messaging", "org.springframework", 0},
	{"spring-orm", "org.springframework", 0},
	{"spring-oxm", "org.springframework", 0},
	{"spring-r2dbc", "org.springframework", 0},
	{"spring-test", "org.springframework", 0},
	{"spring-tx", "org.springframework", 0},
	{"spring-web", "org.springframework", 0},
	{"spring-webflux", "org.springframework", 0},
	{"spring-webmvc", "org.springframework", 0},
	{"spring-websocket", "org.springframework", 0},
	{"micrometer-*", "io.micrometer", 0},
	{"reactor-core", "io.projectreactor", 0},
	{"reactor-netty*", "io.projectreactor.netty", 0},
	{"kotlin-stdlib*", "org.jetbrains.kotlin", 0},
	{"kotlin-reflect", "org.jetbrains.kotlin", 0},
	{"kotlinx-*", "org.jetbrains.kotlinx", 0},
	{"okhttp", "com.squareup.okhttp3", 0},
	{"okio*", "com.squareup.okio", 0},
	{"retrofit", "com.squareup.retrofit2", 0},
	{"moshi*", "com.squareup.moshi", 0},
	{"groovy*", "org.codehaus.groovy", 4},
	{"groovy*", "org.apache.groovy", 0},
	{"bcprov-*", "org.bouncycastle", 0},
	{"bcpkix-*", "org.bouncycastle", 0},
	{"bcpg-*", "org.bouncycastle", 0},
	{"bcutil-*", "org.bouncycastle", 0},
	{"bctls-*", "org.bouncycastle", 0},
	{"bcmail-*", "org.bouncycastle", 0},
	{"bc-fips", "org.bouncycastle", 0},
	{"kafka-*", "org.apache.kafka", 0},
	{"kafka_*", "org.apache.kafka", 0},
	{"lucene-*", "org.apache.lucene", 0},
	{"solr-*", "org.apache.solr", 0},
	{"elasticsearch-rest-*", "org.elasticsearch.client", 0},
	{"elasticsearch*", "org.elasticsearch", 0},
	{"opensearch*", "org.opensearch", 0},
	{"postgresql", "org.postgresql", 0},
	{"mysql-connector-java", "mysql", 0},
	{"mysql-connector-j", "com.mysql", 0},
	{"h2", "com.h2database", 0},
	{"hsqldb", "org.hsqldb", 0},
	{"derby*", "org.apache.derby", 0},
	{"grpc-*", "io.grpc", 0},
	{"perfmark-api", "io.perfmark", 0},
	{"opencensus-*", "io.opencensus", 0},
	{"opentelemetry-*", "io.opentelemetry", 0},
	{"resilience4j-*", "io.github.resilience4j", 0},
	{"caffeine", "com.github.ben-manes.caffeine", 0},
	{"graphql-java", "com.graphql-java", 0},
	{"hibernate-core", "org.hibernate", 6},
	{"hibernate-core", "org.hibernate.orm", 0},
	{"hibernate-entitymanager", "org.hibernate", 0},
	{"rxjava", "io.reactivex", 2},
	{"rxjava", "io.reactivex.rxjava2", 3},
	{"rxjava", "io.reactivex.rxjava3", 0},
	{"tomcat-embed-*", "org.apache.tomcat.embed", 0},
	{"tomcat-*", "org.apache.tomcat", 0},
	{"commons-beanutils*", "=", 0},
	{"commons-chain", "=", 0},
	{"commons-cli", "=", 0},
	{"commons-codec", "=", 0},
	{"commons-collections", "=", 0},
	{"commons-configuration", "=", 0},
	{"commons-dbcp", "=", 0},
	{"commons-digester", "=", 0},
	{"commons-discovery", "=", 0},
	{"commons-fileupload", "=", 0},
	{"commons-httpclient", "=", 0},
	{"commons-io", "=", 0},
	{"commons-jxpath", "=", 0},
	{"commons-lang", "=", 0},
	{"commons-logging*", "commons-logging", 0},
	{"commons-net", "=", 0},
	{"commons-pool", "=", 0},
	{"commons-validator", "=", 0},
	{"junit", "=", 5},
	{"log4j", "=", 2},
	{"oro", "=", 0},
	{"xml-apis", "=", 0},
	{"classworlds", "=", 0},
	{"hamcrest*", "org.hamcrest", 0},
	{"asm*", "asm", 4},
	{"asm", "org.ow2.asm", 0},
	{"asm-*", "org.ow2.asm", 0},
	{"ant", "org.apache.ant", 0},
	{"ant-*", "org.apache.ant", 0},
	{"ivy", "org.apache.ivy", 0},
	{"xercesImpl", "xerces", 0},
	{"xalan", "xalan", 0},
	{"dom4j", "dom4j", 2},
	{"dom4j", "org.dom4j", 0},
	{"velocity", "org.apache.velocity", 0},
	{"jna*", "net.java.dev.jna", 0},
	{"aspectj*", "org.aspectj", 0},
	{"ehcache", "org.ehcache", 0},
	{"freemarker", "org.freemarker", 0},
	{"conscrypt-*", "org.conscrypt", 0},
	{"mongodb-driver-*", "org.mongodb", 0},
	{"mongo-java-driver", "org.mongodb", 0},
	{"bson", "org.mongodb", 0},
	{"poi", "org.apache.poi", 0},
	{"poi-*", "org.apache.poi", 0},
	{"xmlbeans", "org.apache.xmlbeans", 0},
	{"selenium-*", "org.seleniumhq.selenium", 0},
	{"scala-library", "org.scala-lang", 0},
	{"scala-reflect", "org.scala-lang", 0},
	{"scala-compiler", "org.scala-lang", 0},
	{"quartz", "org.quartz-scheduler", 0},
	{"json-path", "com.jayway.jsonpath", 0},
	{"javassist", "org.javassist", 0},
};

static bool fits(const char *pattern, struct str name)
{
	struct str p = str_of(pattern);
	if (p.p[p.n - 1] == '*')
		return str_starts(name, str_slice(p, 0, p.n - 1));
	return str_eq(p, name);
}

struct str java_known_group(struct str artifact, struct str version)
{
	uint64_t major = 0;
	(void)str_to_u64(str_slice(version, 0, str_index(version, '.')), &major);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (fits(known[i].artifact, artifact) && (!known[i].below || major < known[i].below))
			return str_eq(str_of(known[i].group), STR("=")) ? artifact : str_of(known[i].group);
	return STR("");
}

/* Tomcat's own folder: files without versions, published as artifacts of other names. */
struct str java_known_artifact(struct str stem)
{
	static const struct {
		struct str stem, artifact;
	} renamed[] = {
		{STR_INIT("catalina"), STR_INIT("tomcat-catalina")},
		{STR_INIT("catalina-ant"), STR_INIT("tomcat-catalina-ant")},
		{STR_INIT("catalina-ha"), STR_INIT("tomcat-catalina-ha")},
		{STR_INIT("catalina-ssi"), STR_INIT("tomcat-ssi")},
		{STR_INIT("catalina-storeconfig"), STR_INIT("tomcat-storeconfig")},
		{STR_INIT("catalina-tribes"), STR_INIT("tomcat-tribes")},
		{STR_INIT("jasper"), STR_INIT("tomcat-jasper")},
		{STR_INIT("jasper-el"), STR_INIT("tomcat-jasper-el")},
		{STR_INIT("tomcat-coyote"), STR_INIT("tomcat-coyote")},
		{STR_INIT("tomcat-jdbc"), STR_INIT("tomcat-jdbc")},
		{STR_INIT("tomcat-juli"), STR_INIT("tomcat-juli")},
		{STR_INIT("tomcat-util"), STR_INIT("tomcat-util")},
		{STR_INIT("tomcat-websocket"), STR_INIT("tomcat-websocket")},
	};
	for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++)
		if (str_eq(stem, renamed[i].stem))
			return renamed[i].artifact;
	return STR("");
}
