/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/build_mark.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "config.h"
#include "plugin/common/shm_block.h"

#define SIGN "@(#)raypss: "
#define SLURM_WORD ", Slurm "
#define TEXT SIGN PACKAGE_STRING SLURM_WORD SLURM_RELEASE ", block "

/* gcc 15 warns of text without a NUL. clang 14 does not know the attribute. */
#if __has_attribute(nonstring)
#define WITHOUT_NUL __attribute__((nonstring))
#else
#define WITHOUT_NUL
#endif

#define DIGIT(number, unit) (char)('0' + (number) / (unit) % 10)

/*
 * One text in the file. With the size of the block, files of different layouts have different marks
 * even if nobody raised the version.
 */
static const struct {
	char text[sizeof(TEXT) - 1] WITHOUT_NUL;
	char version[3];
	char size[8];
} mark = {
	TEXT,
	{ DIGIT(SHM_BLOCK_VERSION, 10), DIGIT(SHM_BLOCK_VERSION, 1), '/' },
	{ DIGIT(sizeof(struct shm_block), 1000000), DIGIT(sizeof(struct shm_block), 100000),
		DIGIT(sizeof(struct shm_block), 10000), DIGIT(sizeof(struct shm_block), 1000),
		DIGIT(sizeof(struct shm_block), 100), DIGIT(sizeof(struct shm_block), 10),
		DIGIT(sizeof(struct shm_block), 1), '\0' },
};

enum { SIGN_LENGTH = sizeof(SIGN) - 1 };

const char *build_mark(void)
{
	return (const char *)&mark + SIGN_LENGTH;
}

int build_mark_find(const char *bytes, size_t n, char out[BUILD_MARK_SIZE])
{
	/* The mark's own sign is looked for, so that there is no second copy of it in a file. */
	const char *found = memmem(bytes, n, &mark, SIGN_LENGTH);
	const char *text;

	if (!found)
		return -ENOENT;
	text = found + SIGN_LENGTH;
	text_clean(out, BUILD_MARK_SIZE, text, strnlen(text, (size_t)(bytes + n - text)));
	return 0;
}

int build_mark_release(const char *text, char *release, size_t size)
{
	const char *begin = strstr(text, SLURM_WORD);
	size_t n;

	if (!begin)
		return -EINVAL;
	begin += strlen(SLURM_WORD);
	n = strcspn(begin, ",");
	if (!n || n >= size)
		return -EINVAL;
	memcpy(release, begin, n);
	release[n] = '\0';
	return 0;
}
