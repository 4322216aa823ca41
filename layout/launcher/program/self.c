// SPDX-License-Identifier: Apache-2.0
#include "layout/launcher/program/launch.h"
#include "layout/launcher/program/sys.h"

/* Cuts off the last component: "/a/b" gives "/a", "/a" gives "". */
static char *above(struct launch *l, const char *path)
{
	size_t n = length(path);

	while (n && path[n - 1] != '/')
		n--;
	while (n && path[n - 1] == '/')
		n--;
	return copy(l, path, n);
}

const char *last(const char *path)
{
	const char *name = path;

	for (; *path; path++)
		if (*path == '/')
			name = path + 1;
	return name;
}

static const char *absolute(struct launch *l, const char *path)
{
	char *cwd;
	long n;

	if (path[0] == '/')
		return path;
	cwd = take(l, PATH_SIZE);
	n = sys_getcwd(cwd, PATH_SIZE);
	if (n <= 0 || cwd[0] != '/')
		fail(l, CANNOT, ": its own path cannot be found without /proc", NULL, NULL, NULL);
	return join(l, cwd[1] ? cwd : "", join(l, "/", path));
}

/* Without /proc, uses the name that was executed, which may be a symlink to a launcher. */
static const char *follow(struct launch *l, const char *path)
{
	for (int i = 0; i < 8; i++) {
		char *link = take(l, PATH_SIZE);
		long n = sys_readlink(path, link, PATH_SIZE - 1);

		if (n <= 0)
			break;
		link[n] = '\0';
		path = link[0] == '/' ? link : join(l, above(l, path), join(l, "/", link));
	}
	return path;
}

void find_self(struct launch *l, const char *execfn)
{
	char *exe = take(l, PATH_SIZE);
	long n = sys_readlink("/proc/self/exe", exe, PATH_SIZE);
	const char *path = exe;

	if (n <= 0 || n == PATH_SIZE || exe[0] != '/') {
		if (!execfn || !*execfn)
			fail(l, CANNOT, ": its own path cannot be found without /proc", NULL, NULL,
			     NULL);
		path = follow(l, absolute(l, execfn));
	}
	l->name = last(path);
	l->prefix = above(l, above(l, path));
	l->config = join(l, l->prefix, "/etc/launchers");
}
