// SPDX-License-Identifier: Apache-2.0
#include "layout/elf/stack_code.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "layout/elf/derived.h"

/* A file's bytes, and a place in them. */
struct code {
	const unsigned char *data;
	size_t n;
};

/* x86-64: "jmp *%r11; nop" is the last that is written, by a movl of these four bytes, whose opcode
 * is 0xc7; between that and them are a ModRM byte and maybe an SIB byte and a displacement. */
static bool has_amd64(const struct code *c)
{
	static const unsigned char jump[] = { 0x49, 0xff, 0xe3, 0x90 };

	for (size_t at = 0; at < c->n;) {
		const unsigned char *p = memmem(c->data + at, c->n - at, jump, sizeof(jump));
		size_t i;

		if (!p)
			return false;
		i = (size_t)(p - c->data);
		for (size_t back = 2; back <= 7 && back <= i; back++)
			if (c->data[i - back] == 0xc7)
				return true;
		at = i + 1;
	}
	return false;
}

/* A load of a register from near by. */
static bool is_load(const unsigned char *p, unsigned int reg)
{
	return (p[0] & 0x1f) == reg && p[3] == 0x58;
}

/* AArch64: "ldr x17, …; ldr x18, …; br x17" is a constant that is copied. */
static bool has_arm64(const struct code *c)
{
	static const unsigned char branch[] = { 0x20, 0x02, 0x1f, 0xd6 };

	for (size_t at = 8; at + sizeof(branch) <= c->n; at += 4)
		if (memcmp(c->data + at, branch, sizeof(branch)) == 0 &&
		    is_load(c->data + at - 4, 18) && is_load(c->data + at - 8, 17))
			return true;
	return false;
}

static const struct {
	const char *arch;
	bool (*has)(const struct code *c);
} machines[] = {
	{ "amd64", has_amd64 },
	{ "arm64", has_arm64 },
};

int ohc_elf_stack_code(int fd, const char *name, const struct ohc_elf *elf, struct ohc_error *err)
{
	const char *arch = ohc_elf_arch(elf);
	struct stat st;
	int rc = 1;
	void *data;

	if (fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot look at '%s'", name);
	for (size_t i = 0; arch && i < OHC_ARRAY_SIZE(machines); i++) {
		if (strcmp(machines[i].arch, arch) != 0)
			continue;
		data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (data == MAP_FAILED)
			return ohc_error_sys(err, "cannot read '%s'", name);
		rc = machines[i].has(&(struct code){ data, (size_t)st.st_size });
		munmap(data, (size_t)st.st_size);
	}
	return rc;
}
