/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines from a pipe: the publisher's answers, which may be cut anywhere and of any length */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "plugin/common/line_reader.h"
#include "results/publish_request.h"

const char fuzz_seeds[] = "fuzz/corpus/lines/*";

enum { LONGEST = 64 };

static void lines_take(struct line_reader *r, int *last)
{
	char *line;

	while ((*last = line_reader_next(r, &line)) == 1 || *last == -EMSGSIZE) {
		if (*last < 0)
			continue;
		MUST(strlen(line) < LONGEST);
		publish_answer_is_refusal(line);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct line_reader r;
	int ends[2], last;

	MUST(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
	line_reader_init(&r, ends[0], LONGEST);
	while (size) {
		/* The first byte of a piece is its length. */
		size_t n = data[0] < size ? data[0] + 1u : size;

		MUST(write(ends[1], data, n) == (ssize_t)n);
		data += n;
		size -= n;
		lines_take(&r, &last);
		MUST(last == -EAGAIN && !line_reader_has_line(&r));
	}
	close(ends[1]);
	lines_take(&r, &last);
	MUST(last == 0);
	line_reader_free(&r);
	close(ends[0]);
	return 0;
}
