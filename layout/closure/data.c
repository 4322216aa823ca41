// SPDX-License-Identifier: Apache-2.0
/* Files that libraries of the closure open by name: of glibc converters of encodings and the
 * locale, of ncurses descriptions of terminals. */
#include <string.h>
#include <sys/stat.h>

#include "core/path.h"
#include "layout/closure/closure_internal.h"

/* Encodings that programs meet besides UTF-8; the tables that name them come along. */
static const char *const gconv[] = { "gconv-modules",  "gconv-modules.d/gconv-modules-extra.conf",
				     "ANSI_X3.110.so", "CP1252.so",
				     "ISO8859-1.so",   "ISO8859-15.so",
				     "UTF-16.so",      "UTF-32.so",
				     "UTF-7.so" };

/* More of them, by the word that asks for them. */
static const struct {
	const char *word;
	const char *modules[32];
} encodings[] = {
	{ "east-asian",
	  { "BIG5",        "BIG5HKSCS",     "CP932",       "EUC-CN",      "EUC-JISX0213",
	    "EUC-JP",      "EUC-JP-MS",     "EUC-KR",      "EUC-TW",      "GB18030",
	    "GBBIG5",      "GBGBK",         "GBK",         "ISO-2022-CN", "ISO-2022-CN-EXT",
	    "ISO-2022-JP", "ISO-2022-JP-3", "ISO-2022-KR", "JOHAB",       "SHIFT_JISX0213",
	    "SJIS",        "UHC",           "libCNS",      "libGB",       "libISOIR165",
	    "libJIS",      "libJISX0213",   "libKSC" } },
	{ "cyrillic",
	  { "CP1125", "CP1251", "ECMA-CYRILLIC", "GOST_19768-74", "IBM855", "IBM866",
	    "INIS-CYRILLIC", "ISO8859-5", "ISO_5427", "KOI-8", "KOI8-R", "KOI8-RU", "KOI8-T",
	    "KOI8-U", "MAC-UK", "MIK", "PT154", "RK1048" } },
	{ "all", { NULL } }, /* the whole directory */
};

bool ohc_closure_knows_encodings(const char *word)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(encodings); i++)
		if (strcmp(encodings[i].word, word) == 0)
			return true;
	return false;
}

/* The files of a locale. */
static const char *const locale[] = {
	"LC_ADDRESS",     "LC_COLLATE",  "LC_CTYPE",     "LC_IDENTIFICATION",
	"LC_MEASUREMENT", "LC_MONETARY", "LC_NAME",      "LC_MESSAGES/SYS_LC_MESSAGES",
	"LC_NUMERIC",     "LC_PAPER",    "LC_TELEPHONE", "LC_TIME"
};

/* The terminals that programs are started in: emulators, multiplexers, consoles. */
static const char *const terminals[] = {
	"alacritty",
	"ansi",
	"dumb",
	"foot",
	"linux",
	"rxvt",
	"rxvt-256color",
	"rxvt-unicode",
	"rxvt-unicode-256color",
	"screen",
	"screen-256color",
	"screen.xterm-256color",
	"tmux",
	"tmux-256color",
	"vt100",
	"vt102",
	"vt220",
	"xterm",
	"xterm-256color",
	"xterm-color",
	"xterm-kitty",
	"xterm-mono",
	"xterm-r6",
	"xterm-vt220",
};

/* A way from the root's converters to the payload's. */
struct converters {
	struct ohc_closure *o;
	struct ohc_assembly *b;
	const char *from;
};

static int add_converter(const struct converters *c, const char *name, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *from = ohc_xasprintf("%s/%s", c->from, name);
	ohc_cleanup(ohc_freep) char *to = ohc_xasprintf("%s/gconv/%s", c->o->dir, name);
	int rc = ohc_closure_add_file(c->o, c->b, from, to, NULL, err);

	return rc < 0 ? rc : 0;
}

/* But for the cache, which has the root's directory in it. */
static int add_any(void *ctx, const char *name, const struct ohc_files_node *node,
		   struct ohc_error *err)
{
	return S_ISDIR(node->mode) || strcmp(ohc_path_name(name), "gconv-modules.cache") == 0
		       ? 0
		       : add_converter(ctx, ohc_path_name(name), err);
}

static int add_encodings(struct converters *c, struct ohc_error *err)
{
	const struct ohc_strv *words = c->o->encodings;
	int rc = 0;

	if (words && ohc_strv_has(words, "all"))
		return ohc_files_list(c->o->root, c->from, add_any, c, err);
	for (size_t i = 0; words && i < OHC_ARRAY_SIZE(encodings); i++)
		for (size_t k = 0;
		     rc == 0 && ohc_strv_has(words, encodings[i].word) && encodings[i].modules[k];
		     k++) {
			ohc_cleanup(ohc_freep) char *name =
				ohc_xasprintf("%s.so", encodings[i].modules[k]);

			rc = add_converter(c, name, err);
		}
	return rc;
}

/* Beside the C library; where /lib is no symlink, /lib/x is only that of /usr/lib/x which is needed
 * before /usr is there. */
static int add_gconv(struct ohc_closure *o, struct ohc_assembly *b, const char *libc,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *beside = ohc_path_parent(libc);
	ohc_cleanup(ohc_freep) char *dir = ohc_xasprintf("%s/gconv", beside);
	struct converters c = { .o = o, .b = b };
	int rc = ohc_files_is(o->root, dir, S_IFDIR, err);

	if (rc == 0) {
		free(dir);
		dir = ohc_xasprintf("/usr%s/gconv", beside);
	}
	c.from = dir;
	for (size_t i = 0; rc >= 0 && i < OHC_ARRAY_SIZE(gconv); i++)
		rc = add_converter(&c, gconv[i], err);
	return rc < 0 ? rc : add_encodings(&c, err);
}

/* Without one, programs that want UTF-8 do not start on a base that has none (tmux), and others
 * take all text for ASCII.  glibc reads it by the name that Debian gives it now, whatever it
 * was. */
static int add_locale(struct ohc_closure *o, struct ohc_assembly *b, struct ohc_error *err)
{
	static const char *const dirs[] = { "/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8" };
	ohc_cleanup(ohc_freep) char *dir = ohc_xasprintf("%s/locale/C.utf8", o->dir);
	int there = 0, rc = 0;

	if (ohc_assembly_find(b, dir).mode != 0)
		return 0;
	for (size_t i = 0; there == 0 && i < OHC_ARRAY_SIZE(dirs); i++)
		for (size_t k = 0; rc >= 0 && k < OHC_ARRAY_SIZE(locale); k++) {
			ohc_cleanup(ohc_freep) char *from =
				ohc_xasprintf("%s/%s", dirs[i], locale[k]);
			ohc_cleanup(ohc_freep) char *to = ohc_xasprintf("%s/%s", dir, locale[k]);

			rc = ohc_closure_add_file(o, b, from, to, NULL, err);
			there += rc > 0;
		}
	return rc < 0 ? rc : 0;
}

/* Where there are none at all, programs that draw on the terminal do not start. */
static int add_terminals(struct ohc_closure *o, struct ohc_assembly *b, struct ohc_error *err)
{
	static const char *const dirs[] = { "/usr/share/terminfo", "/lib/terminfo",
					    "/usr/lib/terminfo", "/etc/terminfo" };
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < OHC_ARRAY_SIZE(terminals); i++) {
		const char *name = terminals[i];
		ohc_cleanup(ohc_freep) char *to =
			ohc_xasprintf("%s/" OHC_CLOSURE_TERMINALS "/%c/%s", o->prefix, *name, name);

		rc = 0;
		for (size_t k = 0; rc == 0 && k < OHC_ARRAY_SIZE(dirs); k++) {
			ohc_cleanup(ohc_freep) char *from =
				ohc_xasprintf("%s/%c/%s", dirs[k], *name, name);

			rc = ohc_closure_add_file(o, b, from, to, NULL, err);
		}
	}
	return rc < 0 ? rc : 0;
}

static bool has_terminals(const struct ohc_closure *o, const struct ohc_assembly *b)
{
	ohc_cleanup(ohc_freep) char *share =
		ohc_xasprintf("%s/" OHC_CLOSURE_TERMINALS "/x/xterm", o->prefix);
	ohc_cleanup(ohc_freep) char *lib = ohc_xasprintf("%s/lib/terminfo/x/xterm", o->prefix);

	return ohc_assembly_find(b, share).mode || ohc_assembly_find(b, lib).mode;
}

int ohc_closure_add_data(struct ohc_closure *o, struct ohc_assembly *b, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < o->n; i++) {
		const char *name = o->v[i].name;

		if (strcmp(name, "libc.so.6") == 0) {
			rc = add_gconv(o, b, o->v[i].path, err);
			if (rc == 0)
				rc = add_locale(o, b, err);
		}
		if (strncmp(name, "libtinfo", 8) == 0 || strncmp(name, "libncurses", 10) == 0)
			rc = has_terminals(o, b) ? 0 : add_terminals(o, b, err);
	}
	return rc;
}
