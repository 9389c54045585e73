/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/metrics/listen_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int port_parse(const char *text, in_port_t *port)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long number = strtoul(text, NULL, 10);

	if (!digits || digits > 5 || text[digits] || number > UINT16_MAX)
		return -EINVAL;
	*port = htons((uint16_t)number);
	return 0;
}

static int ipv4_parse(const char *host, const char *port, struct listen_address *out)
{
	struct sockaddr_in *address = (struct sockaddr_in *)&out->socket;

	address->sin_family = AF_INET;
	out->size = sizeof(*address);
	if (inet_pton(AF_INET, host, &address->sin_addr) != 1)
		return -EINVAL;
	return port_parse(port, &address->sin_port);
}

static int ipv6_parse(const char *host, const char *port, struct listen_address *out)
{
	struct sockaddr_in6 *address = (struct sockaddr_in6 *)&out->socket;

	address->sin6_family = AF_INET6;
	out->size = sizeof(*address);
	if (inet_pton(AF_INET6, host, &address->sin6_addr) != 1)
		return -EINVAL;
	return port_parse(port, &address->sin6_port);
}

int listen_address_parse(const char *text, struct listen_address *out)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN];
	size_t n = colon ? (size_t)(colon - text) : 0;

	*out = (struct listen_address){ 0 };
	if (!colon)
		return ipv4_parse("127.0.0.1", text, out);
	if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
		if (n - 2 >= sizeof(host))
			return -EINVAL;
		snprintf(host, sizeof(host), "%.*s", (int)n - 2, text + 1);
		return ipv6_parse(host, colon + 1, out);
	}
	if (n >= sizeof(host))
		return -EINVAL;
	snprintf(host, sizeof(host), "%.*s", (int)n, text);
	return ipv4_parse(host, colon + 1, out);
}

int listen_address_open(struct listen_address *address)
{
	int fd = socket(address->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;
	int rc;

	if (fd < 0)
		return -errno;
	/* Otherwise a start soon after an end fails, while connections of the former linger. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address->socket, address->size) || listen(fd, SOMAXCONN) ||
		getsockname(fd, (struct sockaddr *)&address->socket, &address->size)) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

char *listen_address_text(const struct listen_address *address, char buf[LISTEN_TEXT])
{
	const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)&address->socket;
	const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)&address->socket;
	char host[INET6_ADDRSTRLEN] = "";

	if (address->socket.ss_family == AF_INET) {
		inet_ntop(AF_INET, &ipv4->sin_addr, host, sizeof(host));
		snprintf(buf, LISTEN_TEXT, "%s:%u", host, ntohs(ipv4->sin_port));
	} else {
		inet_ntop(AF_INET6, &ipv6->sin6_addr, host, sizeof(host));
		snprintf(buf, LISTEN_TEXT, "[%s]:%u", host, ntohs(ipv6->sin6_port));
	}
	return buf;
}

bool listen_address_is_loopback(const struct listen_address *address)
{
	const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)&address->socket;
	const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)&address->socket;

	if (address->socket.ss_family == AF_INET)
		return ntohl(ipv4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(&ipv6->sin6_addr);
}
