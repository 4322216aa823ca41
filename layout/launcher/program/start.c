// SPDX-License-Identifier: Apache-2.0
#include "layout/launcher/program/launch.h"
#include "layout/launcher/program/sys.h"

void start_c(const long *stack);
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);

/* The kernel leaves argc at the stack's top, and no address to return to. */
#if defined(__x86_64__)
__asm__(".text\n"
	".global _start\n"
	".type _start, @function\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call start_c\n"
	"	hlt\n"
	".size _start, . - _start\n");
#elif defined(__aarch64__)
__asm__(".text\n"
	".global _start\n"
	".type _start, %function\n"
	"_start:\n"
	"	mov x29, #0\n"
	"	mov x30, #0\n"
	"	mov x0, sp\n"
	"	bl start_c\n"
	"	brk #0\n"
	".size _start, . - _start\n");
#endif

__attribute__((used)) void start_c(const long *stack)
{
	sys_exit(launch(stack));
}

/* A compiler may call these two for a loop or an initializer, C library or not; the barriers keep
 * it from turning these functions into calls of themselves. */
__attribute__((used)) void *memcpy(void *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		((char *)to)[i] = ((const char *)from)[i];
		__asm__ volatile("");
	}
	return to;
}

__attribute__((used)) void *memset(void *to, int c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		((char *)to)[i] = (char)c;
		__asm__ volatile("");
	}
	return to;
}
