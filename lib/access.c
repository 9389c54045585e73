#include "access.h"

#include <errno.h>
#include <stdio.h>
#include <sys/acl.h>
#include <sys/stat.h>

int access_grant_read(int fd, uid_t uid)
{
	char text[64];
	acl_t acl;
	int rc = 0;

	if (fchmod(fd, 0600))
		return -errno;
	snprintf(text, sizeof(text), "u::rw,u:%u:r,g::-,m::r,o::-", uid);
	acl = acl_from_text(text);
	if (!acl)
		return -errno;
	if (acl_set_fd(fd, acl))
		rc = -errno;
	acl_free(acl);
	return rc;
}
