// SPDX-License-Identifier: Apache-2.0
/*
 * A library that a payload gives to programs that PyInstaller made.
 *
 * Such a program starts itself a second time with its own libraries' directory in LD_LIBRARY_PATH,
 * which the loader reads at once and nobody takes away again: what the program starts, the base's
 * curl and git among it, gets the program's libssl.  So this library is initialized before anything
 * else of the program, when the loader has read the variable, and
 *
 *	- puts back what LD_LIBRARY_PATH was (PyInstaller keeps that in LD_LIBRARY_PATH_ORIG), and
 *	  keeps the directory in OHC_FROZEN_PATH;
 *	- where the program starts itself once more, as multiprocessing does, starts it with the
 *	  directory in LD_LIBRARY_PATH again, for the loader.
 *
 * There is no C library below it, as in the launcher: it is initialized before that.
 */
#include <stdbool.h>

#include "layout/launcher/program/sys.h"

#define PATH  "LD_LIBRARY_PATH"
#define ORIG  "LD_LIBRARY_PATH_ORIG"
#define KEPT  "OHC_FROZEN_PATH" /* as long as PATH, so that one is written over the other */
#define LONG  4096
#define ITEMS 4096

#define AT_EXECFN_TYPE 31

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);

/* A compiler may call these two for a loop; the barriers keep it from doing so here. */
__attribute__((visibility("hidden"))) void *memcpy(void *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		((char *)to)[i] = ((const char *)from)[i];
		__asm__ volatile("" ::: "memory");
	}
	return to;
}

__attribute__((visibility("hidden"))) void *memset(void *to, int c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		((char *)to)[i] = (char)c;
		__asm__ volatile("" ::: "memory");
	}
	return to;
}

static size_t length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static bool begins(const char *s, const char *with)
{
	while (*with && *s == *with)
		s++, with++;
	return !*with;
}

/* The index of a variable, or -1. */
static long find(char **envp, const char *name)
{
	size_t n = length(name);

	for (long i = 0; envp[i]; i++)
		if (begins(envp[i], name) && envp[i][n] == '=')
			return i;
	return -1;
}

static void drop(char **envp, long i)
{
	for (; envp[i]; i++)
		envp[i] = envp[i + 1];
}

/* Of a path its directory, with the '/' at its end. */
static size_t directory(const char *path)
{
	size_t n = length(path);

	while (n && path[n - 1] != '/')
		n--;
	return n;
}

/* The program's own path: where there is no /proc, what was executed. */
static const char *find_self(char **envp, char buf[LONG])
{
	long n = sys_readlink("/proc/self/exe", buf, LONG - 1);
	const long *auxv;

	if (n > 0) {
		buf[n] = '\0';
		return buf;
	}
	while (*envp)
		envp++;
	for (auxv = (const long *)(envp + 1); auxv[0]; auxv += 2)
		if (auxv[0] == AT_EXECFN_TYPE)
			return (const char *)auxv[1];
	return "";
}

/* Is the list's first directory where PyInstaller puts libraries: "_MEIxxxxxx", or the program's
 * directory, or below that?  It stands in front of what was there. */
static bool is_frozen(const char *list, const char *self)
{
	size_t n = directory(self);

	for (const char *s = list; *s && *s != ':'; s++)
		if (begins(s, "/_MEI"))
			return true;
	if (n < 2)
		return false;
	n--;
	for (size_t i = 0; i < n; i++)
		if (list[i] != self[i])
			return false;
	return !list[n] || list[n] == ':' || list[n] == '/';
}

/* The loader has read it. */
static void put_back(char **envp, long path)
{
	long kept = find(envp, KEPT), orig;

	memcpy(envp[path], KEPT, sizeof(KEPT) - 1);
	if (kept >= 0)
		drop(envp, kept);
	orig = find(envp, ORIG);
	if (orig < 0)
		return;
	/* "LD_LIBRARY_PATH_ORIG=x" ends as "LD_LIBRARY_PATH=x" does. */
	envp[orig] += sizeof(ORIG) - sizeof(PATH);
	memcpy(envp[orig], PATH, sizeof(PATH) - 1);
}

/* Once more, for the loader.  Where that fails, the program says what it misses. */
static void start_again(const char *self, char **argv, char **envp, long kept, long path)
{
	const char *env[ITEMS];
	char orig[LONG];
	long n = 0;

	for (; envp[n]; n++)
		if (n == ITEMS - 1)
			return;
	if (path >= 0) {
		size_t k = length(envp[path]) - (sizeof(PATH) - 1) + 1;

		if (k > sizeof(orig) - sizeof(ORIG))
			return;
		memcpy(orig, ORIG, sizeof(ORIG) - 1);
		memcpy(orig + sizeof(ORIG) - 1, envp[path] + sizeof(PATH) - 1, k);
	}
	for (long i = 0; i <= n; i++)
		env[i] = i == path ? orig : envp[i];
	memcpy(envp[kept], PATH, sizeof(PATH) - 1);
	sys_execve(self, (const char *const *)argv, env);
	memcpy(envp[kept], KEPT, sizeof(KEPT) - 1);
}

__attribute__((constructor)) static void init(int argc, char **argv, char **envp)
{
	const char *self;
	char buf[LONG];
	long path, kept;

	if (argc < 1 || !envp ||
	    (find(envp, "_PYI_PARENT_PROCESS_LEVEL") < 0 && find(envp, "_MEIPASS2") < 0))
		return;
	self = find_self(envp, buf);
	path = find(envp, PATH);
	kept = find(envp, KEPT);
	if (path >= 0 && is_frozen(envp[path] + sizeof(PATH), self))
		put_back(envp, path);
	else if (kept >= 0)
		start_again(self, argv, envp, kept, path);
}
