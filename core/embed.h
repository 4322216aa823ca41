/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file as bytes of the program: the assembler takes it in as it is, so that the file stays the
 * only copy.  Its path is from the top of the tree, where make runs the compiler.
 *
 *	OHC_EMBED(text, "layout/profiles/none.json");
 *
 *	... text, text_end - text ...
 *
 * A NUL that does not count stands behind the bytes.  Both names are the file's own, in which it
 * stands; an assembler symbol cannot have a '-' in it.
 */
#ifndef OHC_CORE_EMBED_H
#define OHC_CORE_EMBED_H

#define OHC_EMBED(symbol, path)                                           \
	__asm__(".pushsection .rodata,\"a\",%progbits\n" #symbol ":\n"    \
		".incbin \"" path "\"\n" #symbol "_end:\n"                \
		".byte 0\n"                                               \
		".popsection\n");                                         \
	extern const char symbol[] __attribute__((visibility("hidden"))); \
	extern const char symbol##_end[] __attribute__((visibility("hidden")))

#endif
