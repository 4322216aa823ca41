// SPDX-License-Identifier: Apache-2.0
#include "layout/launcher/launch.h"
#include "layout/launcher/sys.h"

#define AT_EXECFN_TYPE 31

/* What can be asked of the caller: arguments, environment and the longest of one line's words. */
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

static char *next_word(const struct launch *l, char **at)
{
	char *word;

	switch (ohc_line_word(at, &word)) {
	case OHC_LINE_WORD:
		return word;
	case OHC_LINE_END:
		return NULL;
	default:
		damaged(l, "a quote or a backslash without its end");
	}
}

const char *expand(struct launch *l, const char *word, int n_args)
{
	struct ohc_line_values v = { l->prefix, l->argv + 1, n_args };
	long n = ohc_line_expand(word, &v, l->at, (size_t)(l->end - l->at));

	if (n == OHC_LINE_ABSENT)
		return NULL;
	if (n == OHC_LINE_BAD)
		damaged(l, "a '$' that means nothing ('$$' is a dollar)");
	return take(l, n < 0 ? (size_t)-1 >> 1 : (size_t)n + 1);
}

/* Applies the line's settings.  Returns the word behind them, or NULL. */
static char *settings(struct launch *l, char **at)
{
	struct ohc_setting s;
	char *word;

	while ((word = next_word(l, at)) && ohc_line_setting(word, &s))
		env_apply(l, &s);
	return word;
}

/* The leading arguments are the numbered ones, up to the first that begins with a '-'. */
static int count_leading(const struct launch *l)
{
	int n = 0;

	while (n < 9 && n + 1 < l->argc && l->argv[n + 1][0] != '-')
		n++;
	return n;
}

_Noreturn static void start(struct launch *l, const char *program, char *at)
{
	const char **argv = take(l, (OHC_LAUNCHER_WORDS + (size_t)l->argc + 2) * sizeof(argv[0]));
	char *words[OHC_LAUNCHER_WORDS];
	int n_words = 0, highest = 0, leading = count_leading(l), n = 0;
	bool rest = false;
	long rc;

	for (char *word; (word = next_word(l, &at));) {
		if (n_words == OHC_LAUNCHER_WORDS - 1)
			damaged(l, "too many words");
		if (ohc_line_is_rest(word) && rest)
			damaged(l, "'$@' twice");
		rest = rest || ohc_line_is_rest(word);
		if (ohc_line_highest(word) > highest)
			highest = ohc_line_highest(word);
		words[n_words++] = word;
	}
	if (!rest)
		words[n_words++] = "$@";
	argv[n++] = program;
	for (int i = 0; i < n_words; i++) {
		if (ohc_line_is_rest(words[i])) {
			int from = 1 + (highest < leading ? highest : leading);

			for (; from < l->argc; from++)
				argv[n++] = l->argv[from];
			continue;
		}
		argv[n] = expand(l, words[i], leading);
		n += argv[n] != NULL;
	}
	argv[n] = NULL;
	rc = sys_execve(program, argv, l->env);
	if (rc == -NO_ENT && sys_there(program) == 0)
		fail(l, NOT_FOUND, " '", program, "': the loader or interpreter that it names is ",
		     "not there");
	fail(l, rc == -NO_ENT || rc == -NOT_DIR ? NOT_FOUND : CANNOT, " '", program,
	     "': ", reason(rc));
}

/* The text behind "WHO:" where the line is who's, else NULL. */
static char *is_for(char *line, const char *who)
{
	while (*who && *line == *who)
		line++, who++;
	return !*who && *line == ':' ? line + 1 : NULL;
}

static void run_line(struct launch *l, char *line)
{
	char *at = is_for(line, "*"), *word;
	const char *program;

	if (at) {
		if (settings(l, &at))
			damaged(l, "a program for '*'");
		return;
	}
	at = is_for(line, l->name);
	if (!at)
		return;
	word = settings(l, &at);
	if (!word)
		damaged(l, "no program");
	program = expand(l, word, 0);
	if (!program || !*program)
		damaged(l, "no program");
	if (program[0] != '/')
		program = join(l, l->prefix, join(l, "/", program));
	start(l, program, at);
}

int launch(const long *stack)
{
	struct launch l = { .argc = (int)stack[0], .argv = (const char *const *)(stack + 1) };
	const char *const *envp = l.argv + l.argc + 1, *const *p = envp;
	const char *execfn;
	long memory;
	size_t size;

	l.name = l.argc ? l.argv[0] : "launcher"; /* until it is known */
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
