// SPDX-License-Identifier: Apache-2.0
#include "layout/launcher/program/launch.h"
#include "layout/launcher/program/sys.h"

/* The PATH that shells use when none is set, so that adding a directory in front does not hide
 * it. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Where PyInstaller's programs unpack themselves, and the variable in which they keep the old
 * list. */
#define UNPACKED "_MEI"
#define ORIGINAL "LD_LIBRARY_PATH_ORIG="

static bool begins(const char *s, const char *with)
{
	while (*with && *s == *with)
		s++, with++;
	return !*with;
}

/* Is a directory or file (n bytes) the payload's own, so that some program of the payload put it
 * there for itself? */
static bool is_own(const struct launch *l, const char *path, size_t n)
{
	size_t prefix = length(l->prefix);

	if (prefix && n >= prefix && begins(path, l->prefix) &&
	    (n == prefix || path[prefix] == '/'))
		return true;
	for (size_t i = 0; i + 1 < n; i++)
		if (path[i] == '/' && begins(path + i + 1, UNPACKED))
			return true;
	return false;
}

static size_t element(const char *list)
{
	size_t n = 0;

	while (list[n] && list[n] != ':' && list[n] != ' ')
		n++;
	return n;
}

static bool has_own(const struct launch *l, const char *list)
{
	for (size_t n;; list += n + 1) {
		n = element(list);
		if (is_own(l, list, n))
			return true;
		if (!list[n])
			return false;
	}
}

/* The entry without the payload's own elements; NULL where none is left. */
static const char *without_own(struct launch *l, const char *entry)
{
	const char *list = entry;
	size_t n, left = 0;
	char *copied, *to;

	while (*list && *list++ != '=')
		;
	if (!has_own(l, list))
		return entry;
	copied = copy(l, entry, length(entry));
	to = copied + (list - entry);
	for (;; list += n + 1) {
		n = element(list);
		if (!is_own(l, list, n)) {
			if (left++)
				*to++ = list[-1];
			for (size_t i = 0; i < n; i++)
				*to++ = list[i];
		}
		if (!list[n])
			break;
	}
	*to = '\0';
	return left ? copied : NULL;
}

/* Removes from the loader's variables what the payload added. */
static const char *inherited(struct launch *l, const char *entry)
{
	if (!begins(entry, "LD_"))
		return entry;
	return begins(entry, ORIGINAL) ? NULL : without_own(l, entry);
}

void env_init(struct launch *l, const char *const *envp)
{
	size_t n = 0;

	while (envp[n])
		n++;
	l->max_env = n + MAX_SETTINGS;
	l->env = take(l, (l->max_env + 1) * sizeof(l->env[0]));
	for (; *envp; envp++) {
		const char *entry = inherited(l, *envp);

		if (entry)
			l->env[l->n_env++] = entry;
	}
}

/* Finds a variable's entry in the environment, or NULL. */
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

/* Adds the elements of list to the list in out, without empty ones, which would mean the current
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

/* A variable that is not set counts as one empty element, which stands for what the program looks
 * at without it. */
static void put_behind(struct launch *l, const struct ohc_setting *s, const char *value)
{
	const char **there = find(l, s);
	const char *old = there ? *there + s->name_n + 1 : "";

	if (!has_element(old, value))
		set(l, s, join(l, old, join(l, ":", value)));
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
	case OHC_SET_BEHIND:
		put_behind(l, s, value);
		break;
	case OHC_SET_LACKING:
		set_lacking(l, s, value);
		break;
	case OHC_SET_CWD:
		change_directory(l, value);
		break;
	}
}
