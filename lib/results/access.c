/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/access.h"

#include <errno.h>
#include <stdio.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

int access_grant_read(int fd, uid_t uid)
{
	const char *own = "rw", *other = "r";
	char text[64];
	struct stat st;
	acl_t acl;
	int rc = 0;

	if (fstat(fd, &st) || fchmod(fd, S_ISDIR(st.st_mode) ? 0700 : 0600))
		return -errno;
	if (S_ISDIR(st.st_mode)) {
		own = "rwx";
		other = "rx";
	}
	snprintf(text, sizeof(text), "u::%s,u:%u:%s,g::-,m::%s,o::-", own, uid, other, other);
	acl = acl_from_text(text);
	if (!acl)
		return -errno;
	if (acl_set_fd(fd, acl))
		rc = -errno;
	acl_free(acl);
	return rc;
}

int access_reader(int fd, uid_t *uid)
{
	acl_t acl = acl_get_fd(fd);
	int which = ACL_FIRST_ENTRY, rc = -ENOENT;
	acl_entry_t entry;

	if (!acl)
		return -errno;
	while (rc && acl_get_entry(acl, which, &entry) == 1) {
		acl_tag_t tag;
		uid_t *named;

		which = ACL_NEXT_ENTRY;
		if (acl_get_tag_type(entry, &tag) || tag != ACL_USER)
			continue;
		named = acl_get_qualifier(entry);
		if (!named)
			continue;
		*uid = *named;
		acl_free(named);
		rc = 0;
	}
	acl_free(acl);
	return rc;
}

int access_revoke(int fd)
{
	struct stat st;

	if (fremovexattr(fd, "system.posix_acl_access") && errno != ENODATA && errno != ENOTSUP)
		return -errno;
	if (fstat(fd, &st) || fchmod(fd, S_ISDIR(st.st_mode) ? 0700 : 0600))
		return -errno;
	return 0;
}
