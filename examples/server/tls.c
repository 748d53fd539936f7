#include "server.h"

#include <openssl/err.h>
#include <stdio.h>

SSL_CTX *tls_server(const char *certificate, const char *key)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	if (tls && SSL_CTX_use_certificate_chain_file(tls, certificate) == 1 &&
	    SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) == 1)
		return tls;
	ERR_print_errors_fp(stderr);
	SSL_CTX_free(tls);
	return NULL;
}

/* Where distributions keep their bundle, $SSL_CERT_FILE before all. OpenSSL's own default
 * (SSL_CTX_set_default_verify_paths) succeeds even where no file is there. */
SSL_CTX *tls_client(void)
{
	const char *const bundles[] = {
		getenv("SSL_CERT_FILE"),
		"/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Distroless */
		"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora, UBI */
		"/etc/ssl/cert.pem",
	};
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
	for (size_t i = 0; tls && i < sizeof bundles / sizeof *bundles; i++)
		if (bundles[i] && SSL_CTX_load_verify_file(tls, bundles[i]) == 1) {
			SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
			return tls;
		}
	SSL_CTX_free(tls);
	return NULL;
}
