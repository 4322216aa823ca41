// SPDX-License-Identifier: Apache-2.0
/*
 * The launchers and settings that come with a profile, chosen by what the payload has.  Programs
 * and what settings need are patterns of paths below the prefix, '*' not crossing a '/'; of a list
 * the first that is there counts, and of several paths that one pattern fits the highest version
 * ("chromium-1200" before "chromium-999").
 */
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/ca_files.h"
#include "core/path.h"
#include "layout/launcher/launchers.h"

#define CERTIFICATES "etc/ssl/certs/ca-certificates.crt"

/* The base's own certificates, else the payload's. */
#define CA_FILES OHC_CA_FILES(OHC_LIST_AS_IS, "|") "|$PREFIX/" CERTIFICATES

/* Settings for every program of the payload, where the base lacks something that the payload
 * has. */
static const struct {
	const char *needs, *setting;
} common[] = {
	{ NULL, "PATH^=$PREFIX/bin" },
	{ "lib/locale/C.utf8/LC_CTYPE",
	  "LOCPATH!/usr/lib/locale/C.utf8/LC_CTYPE|/usr/lib/locale/C.UTF-8/LC_CTYPE="
	  "$PREFIX/lib/locale" },
	/* These are not where bases keep their certificates, but where Debian's OpenSSL looks for
	 * them. */
	{ CERTIFICATES,
	  "SSL_CERT_FILE!/usr/lib/ssl/cert.pem|/usr/lib/ssl/certs/ca-certificates.crt=" CA_FILES },
	{ CERTIFICATES, "GIT_SSL_CAINFO!/" CERTIFICATES "=" CA_FILES },
	/* Behind the base's: that may know a terminal which the payload does not, and the other way
	 * round. */
	{ "share/terminfo/x/xterm", "TERMINFO_DIRS+=$PREFIX/share/terminfo" },
	{ "lib/terminfo/x/xterm", "TERMINFO_DIRS+=$PREFIX/lib/terminfo" },
	{ "share/git-core/templates/description",
	  "GIT_TEMPLATE_DIR!/usr/share/git-core/templates=$PREFIX/share/git-core/templates" },
	/* Where Debian's OpenSSL has it, or the base its own. */
	{ "etc/ssl/openssl.cnf",
	  "OPENSSL_CONF!/usr/lib/ssl/openssl.cnf=/etc/ssl/openssl.cnf|/etc/pki/tls/openssl.cnf|"
	  "$PREFIX/etc/ssl/openssl.cnf" },
	{ "etc/fonts/fonts.conf",
	  "FONTCONFIG_FILE!/etc/fonts/fonts.conf=$PREFIX/etc/fonts/fonts.conf" },
	/* In the directory of a browser and its version, in one for the machine. */
	{ "browser/ms-playwright/*/*/*",
	  "PLAYWRIGHT_BROWSERS_PATH?=$PREFIX/browser/ms-playwright" },
};

#define PYTHONS                                                                        \
	".venv/bin/python", "venv/bin/python", "poetry/*/bin/python",                  \
		"micromamba/envs/openhands/bin/python", "python/bin/python3",          \
		"python/bin/python3.[0-9]*", "libexec/python3", "libexec/bin/python3", \
		"bin/python3", "bin/python3.[0-9]*"

/* "site-packages", and Debian's "dist-packages". */
#define SITE "lib/python3*/*-packages/"

/* Patterns for files in the packages of the Pythons above. */
#define PACKAGE(path)                                                 \
	".venv/" SITE path, "venv/" SITE path, "poetry/*/" SITE path, \
		"micromamba/envs/openhands/" SITE path, "python/" SITE path, SITE path

#define PATTERNS 12

struct offer {
	const char *name;
	const char *needs[PATTERNS]; /* one of them, where there are any */
	const char *programs[PATTERNS];
	const char *setting, *setting_needs; /* or NULL */
	const char *args[12];
};

#define WORKDIR "$1", "${2:+--working-dir}", "$2", "$@"
#define V0      "openhands.runtime.action_execution_server"

/* Its shell runs as the image's user; with another one su would ask for a password. */
#define V0_SHELL "SU_TO_USER?=false"

/* The server's code beside its Python: found without a PYTHONPATH that programs of the base would
 * inherit. */
#define RUN_V0                                                                               \
	"import runpy, sys; sys.path.insert(0, '$PREFIX/code'); runpy.run_module('" V0 "', " \
	"run_name='__main__', alter_sys=True)"

/* Of several rows for one name the first that fits counts. */
static const struct offer openhands[] = {
	{ .name = "oh-tmux", .programs = { "libexec/tmux", "libexec/bin/tmux", "bin/tmux" } },
	/* The shell that the adapter layer links to /bin/bash, so that it finds its locale however
	 * it is started; without one it warns at every start. */
	{ .name = "bash", .programs = { "libexec/bash", "libexec/bin/bash" } },
	/* Its sandbox needs user namespaces or a setuid helper, and containers give neither to an
	 * ordinary user; Playwright starts it so, too.  /dev/shm is 64 MB there. */
	{ .name = "oh-chromium",
	  .programs = { "browser/ms-playwright/chromium-*/chrome-linux*/chrome",
			"browser/chromium-*/chrome-linux*/chrome", "browser/chromium/chrome",
			"browser/chromium/chromium", "browser/*/chrome",
			"browser/ms-playwright/chromium_headless_shell-*/chrom*-linux*/"
			"headless_shell",
			"browser/ms-playwright/chromium_headless_shell-*/chrom*-linux*/"
			"chrome-headless-shell",
			"lib/chromium/chromium", "libexec/chromium", "bin/chromium" },
	  .setting = "FONTCONFIG_FILE?=$PREFIX/etc/fonts/fonts.conf",
	  .setting_needs = "etc/fonts/fonts.conf",
	  .args = { "--no-sandbox", "--disable-dev-shm-usage" } },
	{ .name = "oh-playwright",
	  .needs = { PACKAGE("playwright/__main__.py") },
	  .programs = { PYTHONS },
	  .args = { "-m", "playwright" } },
	{ .name = "oh-python", .programs = { PYTHONS } },
	{ .name = "oh-action-execution-server",
	  .programs = { "action-execution-server/action-execution-server",
			"libexec/action-execution-server", "bin/action-execution-server",
			"bin/action_execution_server" },
	  .setting = V0_SHELL,
	  .args = { WORKDIR } },
	{ .name = "oh-action-execution-server",
	  .needs = { PACKAGE("openhands/runtime/action_execution_server.py") },
	  .programs = { PYTHONS },
	  .setting = V0_SHELL,
	  .args = { "-u", "-m", V0, WORKDIR } },
	{ .name = "oh-action-execution-server",
	  .needs = { "code/openhands/runtime/action_execution_server.py" },
	  .programs = { PYTHONS },
	  .setting = V0_SHELL,
	  .args = { "-u", "-c", RUN_V0, WORKDIR } },
	/* The server that came after it works where it is started. */
	{ .name = "oh-action-execution-server",
	  .needs = { PACKAGE("openhands/agent_server/__main__.py") },
	  .programs = { PYTHONS },
	  .setting = ".=$2",
	  .args = { "-u", "-m", "openhands.agent_server", "--host", "0.0.0.0", "${1:+--port}", "$1",
		    "$@" } },
	{ .name = "oh-action-execution-server",
	  .programs = { "libexec/openhands-agent-server", "openhands-agent-server",
			"openhands-agent-server/openhands-agent-server",
			"bin/openhands-agent-server" },
	  .setting = ".=$2",
	  .args = { "--host", "0.0.0.0", "${1:+--port}", "$1", "$@" } },
};

static const struct {
	const char *profile;
	const struct offer *offers;
	size_t n;
} profiles[] = {
	{ "openhands", openhands, OHC_ARRAY_SIZE(openhands) },
};

/* The payload's files and symlinks, as paths below the prefix. */
struct payload {
	const char *prefix;
	struct ohc_strv paths;
};

static int note(void *ctx, const char *path, const struct ohc_assembly_found *what)
{
	struct payload *p = ctx;
	const char *below = ohc_path_below(path, p->prefix);

	if (below && !S_ISDIR(what->mode))
		ohc_strv_add(&p->paths, below);
	return 0;
}

/* The path that the pattern fits, or NULL. */
static const char *find(const struct payload *p, const char *pattern)
{
	size_t literal = strcspn(pattern, "*[");
	const char *best = NULL;

	for (size_t i = 0; i < p->paths.n; i++) {
		const char *path = p->paths.v[i];

		if (strncmp(path, pattern, literal) != 0 ||
		    fnmatch(pattern, path, FNM_PATHNAME) != 0)
			continue;
		if (!best || strverscmp(best, path) < 0)
			best = path;
	}
	return best;
}

static const char *find_first(const struct payload *p, const char *const *patterns)
{
	const char *path = NULL;

	for (size_t i = 0; i < PATTERNS && patterns[i] && !path; i++)
		path = find(p, patterns[i]);
	return path;
}

static bool is_taken(const struct ohc_launchers *l, const struct payload *p, const char *name)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("bin/%s", name);

	return ohc_launchers_find(l, name) || find(p, path);
}

static void add_offer(struct ohc_launchers *l, const struct payload *p, const struct offer *o)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv settings = OHC_STRV_INIT, args = OHC_STRV_INIT;
	const char *program = find_first(p, o->programs);

	if (!program || (o->needs[0] && !find_first(p, o->needs)) || is_taken(l, p, o->name))
		return;
	if (o->setting && (!o->setting_needs || find(p, o->setting_needs)))
		ohc_strv_add(&settings, o->setting);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(o->args) && o->args[i]; i++)
		ohc_strv_add(&args, o->args[i]);
	/* A program whose path the launcher cannot read gets no launcher. */
	ohc_launchers_put(l, o->name, &settings, program, &args, NULL);
}

/* Do the payload's libraries look there by themselves? */
static bool is_known(const struct ohc_launchers *l, const char *path)
{
	for (size_t i = 0; i < l->known.n; i++)
		if (ohc_path_is_in(path, l->known.v[i]))
			return true;
	return false;
}

void ohc_launchers_of_profile(struct ohc_launchers *l, const char *profile, const char *prefix,
			      struct ohc_assembly *const *assemblies, size_t n)
{
	struct payload p = { .prefix = prefix };

	for (size_t i = 0; i < n; i++)
		ohc_assembly_walk(assemblies[i], note, &p);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(common); i++)
		if (!common[i].needs ||
		    (find(&p, common[i].needs) && !is_known(l, common[i].needs)))
			ohc_strv_add(&l->common, common[i].setting);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(profiles); i++)
		for (size_t k = 0; k < profiles[i].n; k++)
			if (profile && strcmp(profiles[i].profile, profile) == 0)
				add_offer(l, &p, &profiles[i].offers[k]);
	ohc_strv_clear(&p.paths);
}
