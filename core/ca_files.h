/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files in which systems keep the CA certificates that they trust, in the order in which Go's
 * crypto/x509 looks for them (root_linux.go): the first that is there is the system's.
 *
 *	static const char *const files[] = { OHC_CA_FILES(OHC_LIST_AS_IS, OHC_LIST_COMMA) };
 */
#ifndef OHC_CORE_CA_FILES_H
#define OHC_CORE_CA_FILES_H

/* Debian's, Arch's and Gentoo's. */
#define OHC_CA_FILE_DEBIAN "/etc/ssl/certs/ca-certificates.crt"

/* Then Fedora's, openSUSE's, OpenELEC's, CentOS 7's and Alpine's, each given to FILE, with SEP
 * between them. */
#define OHC_CA_FILES(FILE, SEP)                                                         \
	FILE(OHC_CA_FILE_DEBIAN)                                                        \
	SEP FILE("/etc/pki/tls/certs/ca-bundle.crt") SEP FILE("/etc/ssl/ca-bundle.pem") \
		SEP FILE("/etc/pki/tls/cacert.pem")                                     \
			SEP FILE("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem")   \
				SEP FILE("/etc/ssl/cert.pem")

/* Where OpenSSL looks for a single CA by the hash of its name, beside the file. */
#define OHC_CA_DIR "/etc/ssl/certs"

#endif
