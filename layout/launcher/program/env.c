// SPDX-License-Identifier: Apache-2.0
#include "layout/launcher/program/launch.h"
#include "layout/launcher/program/sys.h"

/* What shells look through where PATH is not set, so that putting something in front hides none. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static bool is_loaders(const char *entry)
{
	return entry[0] == 'L' && entry[1] == 'D' && entry[2] == '_';
}

void env_init(struct launch *l, const char *const *envp)
{
	size_t n = 0;

	while (envp[n])
		n++;
	l->max_env = n + MAX_SETTINGS;
	l->env = take(l, (l->max_env + 1) * sizeof(l->env[0]));
	for (; *envp; envp++)
		if (!is_loaders(*envp))
			l->env[l->n_env++] = *envp;
}

/* The entry's place, or NULL. */
static const char **find(const struct launch *l, const struct ohc_setting *s)
{
	for (size_t i = 0; i < l->n_env; i++) {
		size_t k = 0;

		while (k < s->name_n && l->env[i][k] == s->name[k])
			k++;
		if (k == s->name_n && l->env[i][k] == '=')
			return &l->env[i];
	}
	return NULL;
}

static void set(struct launch *l, const struct ohc_setting *s, const char *value)
{
	const char **there = find(l, s);
	char *entry = join(l, join(l, copy(l, s->name, s->name_n), "="), value);

	if (there) {
		*there = entry;
	} else if (l->n_env == l->max_env) {
		fail(l, CANNOT, ": '", l->config, "' has too many settings", NULL);
	} else {
		l->env[l->n_env++] = entry;
		l->env[l->n_env] = NULL;
	}
}

/* The first of the files, separated by '|', that is there; *last is then the last of them. */
static const char *first_there(struct launch *l, const char *files, size_t n, const char **last)
{
	const char *end = files + n, *p = files;

	for (; files < end; files = ++p) {
		for (p = files; p < end && *p != '|';)
			p++;
		*last = copy(l, files, (size_t)(p - files));
		if (sys_there(*last) == 0)
			return *last;
	}
	return NULL;
}

static void set_lacking(struct launch *l, const struct ohc_setting *s, const char *value)
{
	const char *last = value, *there;

	if (find(l, s) || first_there(l, s->files, s->files_n, &last))
		return;
	there = first_there(l, value, length(value), &last);
	set(l, s, there ? there : last);
}

static void change_directory(struct launch *l, const char *dir)
{
	struct ohc_setting pwd = { .name = "PWD", .name_n = 3 };
	long rc = sys_chdir(dir);

	if (rc < 0)
		fail(l, CANNOT, ": cannot change to '", dir, "': ", reason(rc));
	if (dir[0] == '/' && find(l, &pwd))
		set(l, &pwd, dir);
}

/* Adds list's elements to the list that is in out, but empty ones, which would mean the current
 * directory. */
static void append(char *out, const char *list)
{
	char *p = out + length(out);
	bool begin = true;

	for (; *list; list++) {
		if (*list == ':') {
			begin = true;
			continue;
		}
		if (begin && p > out)
			*p++ = ':';
		begin = false;
		*p++ = *list;
	}
	*p = '\0';
}

static bool has_element(const char *list, const char *element)
{
	while (*list) {
		size_t n = 0;

		while (list[n] && list[n] != ':')
			n++;
		if (n && same(list, element, n))
			return true;
		list += n + (list[n] == ':');
	}
	return false;
}

static void put_in_front(struct launch *l, const struct ohc_setting *s, const char *value)
{
	const char **there = find(l, s);
	const char *old = there ? *there + s->name_n + 1 : "";
	bool is_path = same(s->name, "PATH", s->name_n);
	char *list;

	if (!*old && is_path)
		old = DEFAULT_PATH;
	list = take(l, length(value) + length(old) + 2);
	list[0] = '\0';
	if (!has_element(old, value))
		append(list, value);
	append(list, old);
	set(l, s, list);
}

void env_apply(struct launch *l, const struct ohc_setting *s, const char *value)
{
	switch (s->kind) {
	case OHC_SET_ALWAYS:
		set(l, s, value);
		break;
	case OHC_SET_UNSET:
		if (!find(l, s))
			set(l, s, value);
		break;
	case OHC_SET_FRONT:
		put_in_front(l, s, value);
		break;
	case OHC_SET_LACKING:
		set_lacking(l, s, value);
		break;
	case OHC_SET_CWD:
		change_directory(l, value);
		break;
	}
}
