// SPDX-License-Identifier: Apache-2.0
#include "layout/launcher/program/launch.h"
#include "layout/launcher/program/sys.h"

#define AT_EXECFN_TYPE 31

/* Limits for arguments, environment and the longest of one line's words. */
static size_t memory_for(size_t pointers)
{
	return (pointers + MAX_SETTINGS) * sizeof(char *) + ((size_t)8 << 20);
}

static const char *find_execfn(const long *auxv)
{
	for (; auxv[0]; auxv += 2)
		if (auxv[0] == AT_EXECFN_TYPE)
			return (const char *)auxv[1];
	return NULL;
}

static char *read_config(struct launch *l)
{
	char *text = take(l, OHC_LAUNCHERS_MAX + 1);
	long fd = sys_open(l->config), n = 1;
	size_t len = 0;

	if (fd < 0)
		fail(l, fd == -NO_ENT ? NOT_FOUND : CANNOT, ": cannot read '", l->config,
		     "': ", reason(fd));
	while (n > 0 && len <= OHC_LAUNCHERS_MAX) {
		n = sys_read(fd, text + len, OHC_LAUNCHERS_MAX + 1 - len);
		if (n < 0)
			fail(l, CANNOT, ": cannot read '", l->config, "': ", reason(n));
		len += (size_t)n;
	}
	sys_close(fd);
	if (len > OHC_LAUNCHERS_MAX)
		fail(l, CANNOT, ": '", l->config, "' is too long", NULL);
	for (size_t i = 0; i < len; i++)
		if (!text[i])
			fail(l, CANNOT, ": '", l->config, "' is damaged: it has a NUL byte", NULL);
	text[len] = '\0';
	return text;
}

_Noreturn static void damaged(const struct launch *l, const char *how)
{
	fail(l, CANNOT, ": '", l->config, "' is damaged: the line has ", how);
}

struct line {
	char *words[OHC_LAUNCHER_WORDS];
	int n;
	int highest; /* N of the $N in it */
	int leading; /* arguments that $N may mean */
	bool rest;   /* it has a $@ */
};

static void read_words(const struct launch *l, char *at, struct line *ret)
{
	enum ohc_line rc;
	char *word;

	ret->n = ret->highest = ret->leading = 0;
	ret->rest = false;
	while ((rc = ohc_line_word(&at, &word)) == OHC_LINE_WORD) {
		int highest = ohc_line_highest(word);

		if (ret->n == OHC_LAUNCHER_WORDS)
			damaged(l, "too many words");
		if (ohc_line_is_rest(word) && ret->rest)
			damaged(l, "'$@' twice");
		ret->rest = ret->rest || ohc_line_is_rest(word);
		ret->highest = highest > ret->highest ? highest : ret->highest;
		ret->words[ret->n++] = word;
	}
	if (rc != OHC_LINE_END)
		damaged(l, "a quote or a backslash without its end");
}

/* Expands the word's placeholders; NULL where it names an argument that was not given. */
static const char *expand(struct launch *l, const struct line *line, const char *word)
{
	struct ohc_line_values v = { l->prefix, l->argv + 1, line->leading };
	long n = ohc_line_expand(word, &v, l->at, (size_t)(l->end - l->at));

	if (n == OHC_LINE_ABSENT)
		return NULL;
	if (n == OHC_LINE_BAD)
		damaged(l, "a '$' that means nothing ('$$' is a dollar)");
	return take(l, n < 0 ? (size_t)-1 >> 1 : (size_t)n + 1);
}

/* Applies the line's settings.  Returns how many words they are. */
static int apply_settings(struct launch *l, const struct line *line)
{
	struct ohc_setting s;
	int i = 0;

	for (; i < line->n && ohc_line_setting(line->words[i], &s); i++) {
		const char *value = expand(l, line, s.value);

		if (value)
			env_apply(l, &s, value);
	}
	return i;
}

/* Counts the numbered arguments: the leading ones, up to the first that begins with a '-'. */
static int count_leading(const struct launch *l)
{
	int n = 0;

	while (n < 9 && n + 1 < l->argc && l->argv[n + 1][0] != '-')
		n++;
	return n;
}

_Noreturn static void execute(struct launch *l, const char *program, const char *const *argv)
{
	long rc = sys_execve(program, argv, l->env);

	if (rc == -NO_ENT && sys_there(program) == 0)
		fail(l, NOT_FOUND, " '", program, "': the loader or interpreter that it names is ",
		     "not there");
	fail(l, rc == -NO_ENT || rc == -NOT_DIR ? NOT_FOUND : CANNOT, " '", program,
	     "': ", reason(rc));
}

/* Adds the caller's arguments, without those that the line names by number. */
static int add_rest(const struct launch *l, const struct line *line, const char **argv, int n)
{
	int i = 1 + (line->highest < line->leading ? line->highest : line->leading);

	for (; i < l->argc; i++)
		argv[n++] = l->argv[i];
	return n;
}

_Noreturn static void start(struct launch *l, const struct line *line, int first)
{
	const char **argv = take(l, ((size_t)line->n + (size_t)l->argc + 2) * sizeof(argv[0]));
	const char *program = first < line->n ? expand(l, line, line->words[first]) : NULL;
	int n = 0;

	if (!program || !*program)
		damaged(l, "no program");
	if (program[0] != '/')
		program = join(l, l->prefix, join(l, "/", program));
	/* A login shell has a '-' in front of its name. */
	argv[n++] = l->argc && l->argv[0][0] == '-' ? join(l, "-", last(program)) : program;
	for (int i = first + 1; i < line->n; i++) {
		if (ohc_line_is_rest(line->words[i])) {
			n = add_rest(l, line, argv, n);
			continue;
		}
		argv[n] = expand(l, line, line->words[i]);
		n += argv[n] != NULL;
	}
	if (!line->rest)
		n = add_rest(l, line, argv, n);
	argv[n] = NULL;
	execute(l, program, argv);
}

/* The text behind "WHO:" where the line is who's, else NULL. */
static char *is_for(char *line, const char *who)
{
	while (*who && *line == *who)
		line++, who++;
	return !*who && *line == ':' ? line + 1 : NULL;
}

static void run_line(struct launch *l, char *text)
{
	char *common = is_for(text, "*"), *own = is_for(text, l->name);
	struct line line;

	if (common) {
		read_words(l, common, &line);
		if (line.highest || line.rest || apply_settings(l, &line) < line.n)
			damaged(l, "more than settings for '*'");
	} else if (own) {
		read_words(l, own, &line);
		line.leading = count_leading(l);
		start(l, &line, apply_settings(l, &line));
	}
}

int launch(const long *stack)
{
	struct launch l = { .argc = (int)stack[0], .argv = (const char *const *)(stack + 1) };
	const char *const *envp = l.argv + l.argc + 1, *const *p = envp;
	const char *execfn;
	long memory;
	size_t size;

	l.name = l.argc ? l.argv[0] : "launcher"; /* until the name is known */
	l.config = "";
	while (*p)
		p++;
	size = memory_for((size_t)(p - l.argv));
	memory = sys_memory(size);
	if (memory < 0 && memory > -PATH_SIZE)
		fail(&l, CANNOT, ": ", reason(memory), NULL, NULL);
	l.at = (char *)memory;
	l.end = l.at + size;
	execfn = find_execfn((const long *)(p + 1));
	find_self(&l, execfn ? execfn : l.name);
	env_init(&l, envp);
	for (char *line = read_config(&l), *end; *line; line = end) {
		for (end = line; *end && *end != '\n';)
			end++;
		if (*end)
			*end++ = '\0';
		run_line(&l, line);
	}
	fail(&l, NOT_FOUND, ": '", l.config, "' has no line for it", NULL);
}
