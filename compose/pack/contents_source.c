// SPDX-License-Identifier: Apache-2.0
/* Finds out which kind SOURCE is: a directory, a tar, a recipe or an image. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compose/pack/contents.h"
#include "core/alloc.h"
#include "core/path.h"

/* The first bytes of a file or a pipe, which are still to be read after that. */
static ssize_t peek(int fd, char *buf, size_t n)
{
	ssize_t got = pread(fd, buf, n, lseek(fd, 0, SEEK_CUR));
	int ends[2];

	if (got >= 0 || pipe2(ends, O_CLOEXEC) < 0)
		return got;
	got = tee(fd, ends[1], n, 0);
	if (got > 0)
		got = read(ends[0], buf, (size_t)got);
	close(ends[0]);
	close(ends[1]);
	return got;
}

/* A tar begins so only when the name of its first file does. */
static bool is_json(int fd)
{
	char head[256];
	ssize_t n = peek(fd, head, sizeof(head) - 1);

	head[n > 0 ? n : 0] = '\0';
	return head[strspn(head, " \t\r\n")] == '{';
}

int ohc_contents_source(struct ohc_contents *p, struct ohc_error *err)
{
	const char *source = p->o->source;
	bool from_stdin = strcmp(source, "-") == 0;
	struct stat st;

	p->source.spec.source = ohc_xstrdup(source);
	if (ohc_payload_spec_is_image(source)) {
		p->kind = OHC_CONTENTS_IMAGE;
		p->source.spec.is_image = true;
		return ohc_name_parse(source, &p->source.spec.image, err);
	}
	if (!from_stdin && stat(source, &st) < 0)
		return ohc_error_sys(err, "cannot open '%s'", source);
	if (!from_stdin && S_ISDIR(st.st_mode)) {
		ohc_recipe_of_dir(source, &p->recipe);
		return 0;
	}
	p->is_recipe = from_stdin ? is_json(STDIN_FILENO) : ohc_path_ends_in(source, ".json");
	if (p->is_recipe)
		return ohc_recipe_load(source, &p->recipe, err);
	p->kind = OHC_CONTENTS_TAR;
	if (from_stdin || S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode))
		return 0;
	return ohc_error_set(err, OHC_E_USAGE,
			     "'%s' is neither a directory nor a tar, nor a recipe, whose name ends "
			     "in .json",
			     source);
}
