/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/rate_limit.h"

#include <stdint.h>
#include <unistd.h>

#include "results/spool_file.h"

#define RATE_FILE ".rate"

/* How many writes are left, and when that was so. */
struct bucket {
	double left;
	int64_t at_s;
};

bool rate_limit_take(int job_dir, unsigned burst, unsigned refill_s, time_t now)
{
	int fd = job_dir < 0 ? -1 : spool_file_open(job_dir, RATE_FILE);
	struct bucket b;
	bool granted;

	if (fd < 0)
		return true;
	/* Without the lock at once go on unlocked: at worst one write too many is granted. */
	spool_file_lock(fd, 1);
	/* Written so that NaN counts as no bucket, too. */
	if (pread(fd, &b, sizeof(b), 0) != sizeof(b) || !(b.left >= 0))
		b = (struct bucket){ burst, now };
	/* Not as integers: their difference may be too great where the file is damaged. */
	if (now > b.at_s)
		b.left += ((double)now - (double)b.at_s) / refill_s;
	if (b.left > burst)
		b.left = burst;
	granted = b.left >= 1;
	if (granted)
		b.left -= 1;
	b.at_s = now;
	if (pwrite(fd, &b, sizeof(b), 0) != sizeof(b))
		granted = true;
	close(fd);
	return granted;
}
