/* SPDX-License-Identifier: Apache-2.0 */
/* System calls by number, as there is no C library: each returns the kernel's result, or -errno. */
#ifndef OHC_LAYOUT_LAUNCHER_PROGRAM_SYS_H
#define OHC_LAYOUT_LAUNCHER_PROGRAM_SYS_H

#include <stddef.h>

#if defined(__x86_64__)

enum {
	SYS_READ = 0,
	SYS_WRITE = 1,
	SYS_CLOSE = 3,
	SYS_MMAP = 9,
	SYS_EXECVE = 59,
	SYS_GETCWD = 79,
	SYS_CHDIR = 80,
	SYS_EXIT_GROUP = 231,
	SYS_OPENAT = 257,
	SYS_READLINKAT = 267,
	SYS_FACCESSAT = 269,
};

static inline long sys_call(long n, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

#elif defined(__aarch64__)

enum {
	SYS_GETCWD = 17,
	SYS_FACCESSAT = 48,
	SYS_CHDIR = 49,
	SYS_OPENAT = 56,
	SYS_CLOSE = 57,
	SYS_READ = 63,
	SYS_WRITE = 64,
	SYS_READLINKAT = 78,
	SYS_EXIT_GROUP = 94,
	SYS_EXECVE = 221,
	SYS_MMAP = 222,
};

static inline long sys_call(long n, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = n;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}

#else
#error "the launcher knows no system calls of this architecture"
#endif

#define SYS_AT_FDCWD (-100L)

/* errno, whose numbers are the same on both. */
enum {
	NO_ENT = 2,
	TOO_BIG = 7,
	EXEC_FORMAT = 8,
	NO_MEM = 12,
	ACCES = 13,
	NOT_DIR = 20,
	IS_DIR = 21,
	TEXT_BUSY = 26,
	NAME_LONG = 36,
	LOOP = 40,
	LIB_BAD = 80,
	NOT_PERMITTED = 1,
	IN_OUT = 5
};

static inline long sys_readlink(const char *path, char *out, size_t size)
{
	return sys_call(SYS_READLINKAT, SYS_AT_FDCWD, (long)path, (long)out, (long)size, 0, 0);
}

static inline long sys_open(const char *path)
{
	const long rdonly_cloexec = 02000000;

	return sys_call(SYS_OPENAT, SYS_AT_FDCWD, (long)path, rdonly_cloexec, 0, 0, 0);
}

static inline long sys_read(long fd, char *out, size_t size)
{
	return sys_call(SYS_READ, fd, (long)out, (long)size, 0, 0, 0);
}

static inline long sys_write(long fd, const char *data, size_t n)
{
	return sys_call(SYS_WRITE, fd, (long)data, (long)n, 0, 0, 0);
}

static inline long sys_close(long fd)
{
	return sys_call(SYS_CLOSE, fd, 0, 0, 0, 0, 0);
}

static inline long sys_getcwd(char *out, size_t size)
{
	return sys_call(SYS_GETCWD, (long)out, (long)size, 0, 0, 0, 0);
}

static inline long sys_chdir(const char *path)
{
	return sys_call(SYS_CHDIR, (long)path, 0, 0, 0, 0, 0);
}

/* Does the path exist, symlinks followed? */
static inline long sys_there(const char *path)
{
	return sys_call(SYS_FACCESSAT, SYS_AT_FDCWD, (long)path, 0, 0, 0, 0);
}

static inline long sys_execve(const char *path, const char *const *argv, const char *const *envp)
{
	return sys_call(SYS_EXECVE, (long)path, (long)argv, (long)envp, 0, 0, 0);
}

/* Zeroed memory, to be read and written. */
static inline long sys_memory(size_t n)
{
	const long read_write = 1 | 2, private_anonymous = 0x02 | 0x20;

	return sys_call(SYS_MMAP, 0, (long)n, read_write, private_anonymous, -1, 0);
}

_Noreturn static inline void sys_exit(int status)
{
	for (;;)
		sys_call(SYS_EXIT_GROUP, status, 0, 0, 0, 0, 0);
}

#endif
