// SPDX-License-Identifier: Apache-2.0
#include "oci/documents/name.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/ascii.h"
#include "core/buf.h"
#include "oci/documents/digest.h"

#define LOWER OHC_ASCII_LOWER OHC_ASCII_DIGITS
#define WORD  OHC_ASCII_ALNUM

/* Characters of a name in a message: a longer one would leave no room for what is wrong with it. */
#define SHOWN 300

static int malformed(const char *text, struct ohc_error *err, const char *why)
{
	return ohc_error_set(err, OHC_E_USAGE, "malformed image name '%.*s': %s", SHOWN, text, why);
}

int ohc_name_tag_check(const char *tag, struct ohc_error *err)
{
	size_t n = strlen(tag);

	if (n == 0 || n > 128 || strspn(tag, WORD "_.-") != n || *tag == '.' || *tag == '-')
		return ohc_error_set(
			err, OHC_E_USAGE,
			"malformed tag '%.*s': up to 128 letters, digits, '_', '.' and '-' are "
			"wanted, the first neither '.' nor '-'",
			SHOWN, tag);
	return 0;
}

/* image-spec annotations.md, org.opencontainers.image.ref.name: words joined by one mark
 * or by "--". */
static bool ref_component_ok(const char *s, size_t n)
{
	size_t i = 0, word;

	for (;; i += s[i] == '-' && i + 1 < n && s[i + 1] == '-' ? 2 : 1) {
		for (word = i; i < n && strchr(WORD, s[i]); i++)
			;
		if (i == word)
			return false;
		if (i == n)
			return true;
		if (!strchr("-._:@+", s[i]))
			return false;
	}
}

static bool is_ref(const char *name)
{
	size_t n = strlen(name), len;

	if (n == 0 || n > OHC_REF_MAX)
		return false;
	for (const char *s = name;; s += len + 1) {
		len = strcspn(s, "/");
		if (!ref_component_ok(s, len))
			return false;
		if (!s[len])
			return true;
	}
}

int ohc_name_ref_check(const char *name, struct ohc_error *err)
{
	if (is_ref(name) || ohc_name_tag_check(name, NULL) == 0)
		return 0;
	return ohc_error_set(err, OHC_E_USAGE,
			     "malformed name of an image '%.200s': letters and digits are wanted, "
			     "joined by one of '-._:@+/'",
			     name);
}

/* One component of a repository: lower-case words joined by one '.', one or two '_', or any number
 * of '-'. */
static bool component_ok(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n) {
		size_t word = 0, dots, bars, dashes, sep;

		while (i < n && strchr(LOWER, s[i]))
			i++, word++;
		if (word == 0)
			return false;
		if (i == n)
			return true;
		for (sep = i, dots = bars = dashes = 0; i < n && strchr("._-", s[i]); i++) {
			dots += s[i] == '.';
			bars += s[i] == '_';
			dashes += s[i] == '-';
		}
		sep = i - sep;
		if (!(dashes == sep || (dots == 1 && sep == 1) || (bars == sep && sep <= 2)) ||
		    sep == 0)
			return false;
	}
	return false;
}

static int check_repo(const char *text, const char *repo, struct ohc_error *err)
{
	for (const char *s = repo;; s++) {
		size_t n = strcspn(s, "/");

		if (!component_ok(s, n))
			return ohc_error_set(
				err, OHC_E_USAGE,
				"malformed image name '%.*s': '%.*s' is no repository component "
				"(lower-case letters and digits, joined by '.', '_', '__' or '-')",
				SHOWN, text, (int)(n < SHOWN ? n : SHOWN), s);
		s += n;
		if (!*s)
			break;
	}
	if (strlen(repo) > 255)
		return malformed(text, err, "the repository is longer than 255 characters");
	return 0;
}

/* Each label of a host begins and ends with a letter or a digit, as the grammar of references in
 * distribution has it ("domain-component"); so "." and ".." are none. */
static bool are_labels(const char *host, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const bool first = i == 0 || host[i - 1] == '.';
		const bool last = i + 1 == n || host[i + 1] == '.';

		if (host[i] == '.' ? first || last : (first || last) && !strchr(WORD, host[i]))
			return false;
	}
	return n > 0;
}

static int check_host(const char *text, const char *host, struct ohc_error *err)
{
	const char *port, *end = host + strlen(host);

	if (*host == '[') {
		port = strchr(host, ']');
		if (!port ||
		    strspn(host + 1, "0123456789abcdefABCDEF:.") != (size_t)(port - host - 1))
			return malformed(text, err,
					 "the host's IPv6 address has no end or is none");
		port++;
	} else {
		port = host + strcspn(host, ":");
		if (port == host || strspn(host, WORD ".-_") < (size_t)(port - host))
			return malformed(text, err,
					 "the host has characters that no host name has");
		if (!are_labels(host, (size_t)(port - host)))
			return malformed(
				text, err,
				"a part of the host's name is empty, or does not begin and "
				"end with a letter or a digit");
	}
	if (port == end)
		return 0;
	if (*port != ':' || port[1] == '\0' || strspn(port + 1, "0123456789") != strlen(port + 1) ||
	    strlen(port + 1) > 5 || atoi(port + 1) > 65535 || atoi(port + 1) == 0)
		return malformed(text, err, "the host's port is not a number from 1 to 65535");
	return 0;
}

bool ohc_name_looks_like_host(const char *s, size_t n)
{
	return memchr(s, '.', n) || memchr(s, ':', n) ||
	       (n == 9 && memcmp(s, "localhost", 9) == 0) || *s == '[';
}

/* Cuts "@DIGEST" and ":TAG" off rest; what stays is the host and repository. */
static int split_tail(const char *text, char *rest, struct ohc_name *n, struct ohc_error *err)
{
	char *at = strchr(rest, '@'), *colon, *slash;
	int rc;

	if (at) {
		*at = '\0';
		rc = ohc_digest_check(at + 1, "the image name", err);
		if (rc < 0) {
			if (err)
				err->code = OHC_E_USAGE;
			return -OHC_E_USAGE;
		}
		n->digest = ohc_xstrdup(at + 1);
	}
	slash = strrchr(rest, '/');
	colon = strrchr(slash ? slash : rest, ':');
	if (colon && *rest == '[' && !slash)
		colon = NULL;
	if (colon) {
		*colon = '\0';
		rc = ohc_name_tag_check(colon + 1, err);
		if (rc < 0)
			return ohc_error_wrap(err, rc, "image name '%.*s'", SHOWN, text);
		n->tag = ohc_xstrdup(colon + 1);
	}
	return 0;
}

/* "user:password@host/…", also behind "https://": it may hold a secret, and is not quoted. */
static bool has_user(const char *body)
{
	const char *scheme = strstr(body, "://"), *host = scheme ? scheme + 3 : body;
	const char *at = memchr(host, '@', strcspn(host, "/"));

	return at && strncmp(at, "@sha", 4) != 0 && strchr(at, '/');
}

static int parse_registry(const char *text, const char *body, struct ohc_name *n,
			  struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *rest = ohc_xstrdup(body);
	char *slash;
	int rc;

	if (has_user(body))
		return ohc_error_set(err, OHC_E_USAGE,
				     "an image name has no user and password in front of the host: "
				     "--creds and --src-creds take them");
	if (strstr(body, "://"))
		return malformed(text, err,
				 "of URLs only docker:// is a name; leave http(s):// away");
	rc = split_tail(text, rest, n, err);
	if (rc < 0)
		return rc;
	if (!*rest)
		return malformed(text, err, "the repository is missing");
	slash = strchr(rest, '/');
	if (slash && ohc_name_looks_like_host(rest, (size_t)(slash - rest))) {
		*slash = '\0';
		n->host = ohc_xstrdup(rest);
		n->repo = ohc_xstrdup(slash + 1);
	} else {
		n->host = ohc_xstrdup("docker.io");
		n->repo = ohc_xstrdup(rest);
	}
	if (strcmp(n->host, "index.docker.io") == 0 ||
	    strcmp(n->host, "registry-1.docker.io") == 0) {
		free(n->host);
		n->host = ohc_xstrdup("docker.io");
	}
	if (strcmp(n->host, "docker.io") == 0 && !strchr(n->repo, '/')) {
		char *full = ohc_xasprintf("library/%s", n->repo);

		free(n->repo);
		n->repo = full;
	}
	rc = check_host(text, n->host, err);
	if (rc == 0)
		rc = check_repo(text, n->repo, err);
	if (rc == 0 && !n->tag && !n->digest)
		n->tag = ohc_xstrdup("latest");
	return rc;
}

static bool is_there(const char *path)
{
	struct stat st;

	return strcmp(path, "-") == 0 || stat(path, &st) == 0;
}

/* The length of path's directory when that is there, else 0. */
static size_t depth_there(const char *path)
{
	const char *slash = strrchr(path, '/');
	ohc_cleanup(ohc_freep) char *dir = NULL;

	if (!slash || slash == path)
		return slash ? 2 : 1;
	dir = ohc_xstrndup(path, (size_t)(slash - path));
	return is_there(dir) ? strlen(dir) + 1 : 0;
}

/*
 * Finds the ':' that ends the path, or NULL.  Both path and name may have ':' in them, so it is the
 * first ':' before which something is there, as skopeo does it; where nothing is there yet, the one
 * whose directory is the deepest that is there, and of equal ones the first.
 */
static char *path_end(char *rest)
{
	char *best = NULL;
	size_t deepest = 0;

	for (char *colon = strchr(rest, ':'); colon; colon = strchr(colon + 1, ':')) {
		size_t depth;
		bool there;

		*colon = '\0';
		there = is_there(rest);
		depth = depth_there(rest);
		*colon = ':';
		if (there)
			return colon;
		if (!best || depth > deepest) {
			best = colon;
			deepest = depth;
		}
	}
	return best && (is_there(rest) || depth_there(rest) > deepest) ? NULL : best;
}

/* DIR[:NAME][@DIGEST] and FILE[:NAME]; a ':' that ends the text belongs to neither. */
static int parse_path(const char *text, const char *body, struct ohc_name *n, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *rest = ohc_xstrdup(body);
	char *at = strrchr(rest, '@'), *colon;
	size_t len;
	int rc;

	if (at && ohc_digest_valid(at + 1)) {
		n->digest = ohc_xstrdup(at + 1);
		*at = '\0';
	}
	len = strlen(rest);
	colon = len && rest[len - 1] == ':' ? rest + len - 1 : path_end(rest);
	if (colon) {
		*colon = '\0';
		if (colon[1]) {
			rc = ohc_name_ref_check(colon + 1, err);
			if (rc < 0)
				return ohc_error_wrap(err, rc, "image name '%.*s'", SHOWN, text);
			n->tag = ohc_xstrdup(colon + 1);
		}
	}
	if (!*rest)
		return malformed(text, err, "the path is missing");
	n->path = ohc_xstrdup(rest);
	return 0;
}

/* FILE[:REPO[:TAG]]: the file ends at the first ':'. */
static int parse_docker_archive(const char *text, const char *body, struct ohc_name *n,
				struct ohc_error *err)
{
	const char *colon = strchr(body, ':');
	struct ohc_name image;
	int rc;

	if (!colon) {
		n->path = ohc_xstrdup(body);
	} else {
		n->path = ohc_xstrndup(body, (size_t)(colon - body));
		memset(&image, 0, sizeof(image));
		rc = colon[1] ? parse_registry(text, colon + 1, &image, err) : 0;
		if (rc == 0 && image.digest)
			rc = malformed(text, err, "a docker archive knows its images by tags only");
		if (rc == 0 && colon[1]) {
			n->host = ohc_take(image.host);
			n->repo = ohc_take(image.repo);
			n->tag = ohc_take(image.tag);
		}
		ohc_name_clear(&image);
		if (rc < 0)
			return rc;
	}
	return *n->path ? 0 : malformed(text, err, "the path is missing");
}

static const struct {
	const char *prefix;
	enum ohc_transport transport;
	int (*parse)(const char *text, const char *body, struct ohc_name *n, struct ohc_error *err);
} transports[] = {
	{ "docker://", OHC_REGISTRY, parse_registry },
	{ "oci:", OHC_LAYOUT, parse_path },
	{ "oci-archive:", OHC_OCI_ARCHIVE, parse_path },
	{ "docker-archive:", OHC_DOCKER_ARCHIVE, parse_docker_archive },
};

/* Transports of skopeo and podman that are not ours.  "docker:24" is an image of Docker Hub's. */
static const char *const foreign[] = {
	"atomic:",        "containers-storage:", "dir:",    "docker-tar:",
	"docker-daemon:", "oci-layout:",         "ostree:", "sif:",
	"tarball:"
};

static const char *foreign_transport(const char *text)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(foreign); i++)
		if (strncmp(text, foreign[i], strlen(foreign[i])) == 0)
			return foreign[i];
	return NULL;
}

static int check_transport(const char *text, struct ohc_error *err)
{
	const char *other = foreign_transport(text);
	bool path = *text == '/' || *text == '~' || strncmp(text, "./", 2) == 0 ||
		    strncmp(text, "../", 3) == 0 || strcmp(text, ".") == 0 ||
		    strcmp(text, "..") == 0;

	if (path)
		return ohc_error_set(err, OHC_E_USAGE,
				     "malformed image name '%s': it is a path; oci:%s would be an "
				     "image layout, oci-archive: or docker-archive: an archive",
				     text, text);
	if (other)
		return ohc_error_set(err, OHC_E_USAGE,
				     "malformed image name '%s': there is no transport '%s', only "
				     "docker://, oci:, oci-archive: and docker-archive:",
				     text, other);
	return 0;
}

/* Names go into URLs and onto terminals. */
static bool has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == '\177')
			return true;
	return false;
}

int ohc_name_parse(const char *text, struct ohc_name *ret, struct ohc_error *err)
{
	struct ohc_name n;
	size_t i, skip = 0;
	int rc;

	memset(&n, 0, sizeof(n));
	if (!*text)
		return malformed(text, err, "it is empty");
	if (has_control(text))
		return malformed(text, err, "it has a control character");
	for (i = 0; i < OHC_ARRAY_SIZE(transports); i++) {
		skip = strlen(transports[i].prefix);
		if (strncmp(text, transports[i].prefix, skip) == 0)
			break;
	}
	n.given = ohc_xstrdup(text);
	if (strcmp(text, "scratch") == 0) {
		n.transport = OHC_SCRATCH;
		rc = 0;
	} else if (i < OHC_ARRAY_SIZE(transports)) {
		n.transport = transports[i].transport;
		rc = transports[i].parse(text, text + skip, &n, err);
	} else {
		n.transport = OHC_REGISTRY;
		rc = check_transport(text, err);
		if (rc == 0)
			rc = parse_registry(text, text, &n, err);
	}
	if (rc < 0) {
		ohc_name_clear(&n);
		return rc;
	}
	*ret = n;
	return 0;
}

void ohc_name_copy(struct ohc_name *ret, const struct ohc_name *n)
{
	*ret = (struct ohc_name){ .transport = n->transport,
				  .given = ohc_xstrdup(n->given),
				  .host = ohc_xstrdup(n->host),
				  .repo = ohc_xstrdup(n->repo),
				  .path = ohc_xstrdup(n->path),
				  .tag = ohc_xstrdup(n->tag),
				  .digest = ohc_xstrdup(n->digest) };
}

void ohc_name_clear(struct ohc_name *n)
{
	free(n->given);
	free(n->host);
	free(n->repo);
	free(n->path);
	free(n->tag);
	free(n->digest);
	memset(n, 0, sizeof(*n));
}

const char *ohc_name_ref(const struct ohc_name *n)
{
	return n->digest ? n->digest : n->tag;
}

/* A path with a ':' in it is written with another ':' behind it, so that the first is not taken for
 * the end of the path. */
static bool wants_quoting(const struct ohc_name *n)
{
	if (n->tag || (n->transport != OHC_LAYOUT && n->transport != OHC_OCI_ARCHIVE))
		return false;
	return strchr(n->path, ':') != NULL;
}

/* A host with a port may be called as a transport is: "oci:5000/x" would be a layout. */
static bool wants_transport(const struct ohc_name *n)
{
	if (n->transport != OHC_REGISTRY)
		return false;
	for (size_t i = 1; i < OHC_ARRAY_SIZE(transports); i++)
		if (strncmp(n->host, transports[i].prefix, strlen(transports[i].prefix)) == 0)
			return true;
	return foreign_transport(n->host) != NULL;
}

char *ohc_name_text(const struct ohc_name *n)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	if (n->transport == OHC_SCRATCH)
		return ohc_xstrdup("scratch");
	for (size_t i = 1; i < OHC_ARRAY_SIZE(transports); i++)
		if (transports[i].transport == n->transport)
			ohc_buf_addf(&b, "%s%s", transports[i].prefix, n->path);
	if (wants_transport(n))
		ohc_buf_addf(&b, "docker://%s/%s", n->host, n->repo);
	else if (n->repo)
		ohc_buf_addf(&b, "%s%s/%s", b.len ? ":" : "", n->host, n->repo);
	if (n->tag)
		ohc_buf_addf(&b, ":%s", n->tag);
	else if (wants_quoting(n))
		ohc_buf_addf(&b, ":");
	if (n->digest)
		ohc_buf_addf(&b, "@%s", n->digest);
	return ohc_buf_detach(&b);
}

char *ohc_name_place(const struct ohc_name *n)
{
	return n->transport == OHC_REGISTRY ? ohc_xasprintf("%s/%s", n->host, n->repo)
					    : ohc_xstrdup(n->path ? n->path : "");
}
