/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/metrics/http/http_server.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "tools/metrics/http/scrape_socket.h"

static const char about[] = "Memory of this node's Slurm steps, each shared object counted once.\n"
			    "/metrics  the figures for Prometheus; see raypss(1)\n";

enum place_state {
	PLACE_FREE,
	PLACE_OPEN,
	PLACE_WAITS, /* for the next text: it came after the reader was asked for the present one */
	PLACE_ASKED,
	PLACE_ANSWERED,
};

struct place {
	enum place_state state;
	struct MHD_Connection *connection;
	uint64_t since_ns;
};

static struct server {
	struct MHD_Daemon *daemon;
	int epoll_fd;
	int reader_fd;
	bool asked; /* the reader, which has not answered */
	struct MHD_Response *text; /* the latest; NULL = the figures could not be read */
	struct place places[HTTP_CONNECTIONS];
} server;

static void connection_changed(void *arg, struct MHD_Connection *connection, void **context,
	enum MHD_ConnectionNotificationCode code)
{
	struct place *place = *context;

	(void)arg;
	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (place)
			*place = (struct place){ 0 };
		return;
	}
	for (size_t i = 0; i < HTTP_CONNECTIONS; i++) {
		place = &server.places[i];
		if (place->state != PLACE_FREE)
			continue;
		*place = (struct place){ PLACE_OPEN, connection, monotonic_ns() };
		*context = place;
		return;
	}
}

static struct place *place_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

/* A client that keeps its connection would keep a place. */
static void headers_add(struct MHD_Response *response, const char *type)
{
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
}

static enum MHD_Result say(struct MHD_Connection *connection, unsigned status, const char *text)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	headers_add(response, "text/plain; charset=utf-8");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer(struct place *place)
{
	place->state = PLACE_OPEN;
	if (server.text)
		return MHD_queue_response(place->connection, MHD_HTTP_OK, server.text);
	return say(place->connection, MHD_HTTP_SERVICE_UNAVAILABLE,
		"the figures could not be read in time\n");
}

/* libmicrohttpd calls it for a whole head of a request, and again for a connection that it resumes. */
static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *body, size_t *body_size,
	void **context)
{
	struct place *place = place_of(connection);

	(void)arg, (void)version, (void)body, (void)body_size, (void)context;
	if (!place)
		return MHD_NO;
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return say(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
	if (!strcmp(url, "/"))
		return say(connection, MHD_HTTP_OK, about);
	if (strcmp(url, "/metrics"))
		return say(connection, MHD_HTTP_NOT_FOUND, "only / and /metrics\n");
	if (place->state == PLACE_ANSWERED)
		return answer(place);
	place->state = PLACE_WAITS;
	MHD_suspend_connection(connection);
	return MHD_YES;
}

int http_server_open(int listen_fd, int reader_fd)
{
	const union MHD_DaemonInfo *info;

	server.reader_fd = reader_fd;
	server.daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
		handle, NULL, MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)HTTP_CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_MEMORY,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S, MHD_OPTION_NOTIFY_CONNECTION,
		connection_changed, NULL, MHD_OPTION_END);
	if (!server.daemon)
		return -ENOMEM;
	info = MHD_get_daemon_info(server.daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info)
		return -ENOMEM;
	server.epoll_fd = info->epoll_fd;
	return 0;
}

/* A text is read after its request came: whoever comes while the reader works waits for another. */
static void reader_ask(void)
{
	const char request = SCRAPE_REQUEST;

	if (server.asked)
		return;
	for (size_t i = 0; i < HTTP_CONNECTIONS; i++) {
		if (server.places[i].state != PLACE_WAITS)
			continue;
		server.places[i].state = PLACE_ASKED;
		server.asked = true;
	}
	/* An error is seen as the end of the socket. */
	if (server.asked)
		(void)send(server.reader_fd, &request, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The response closes the descriptor. */
static void text_replace(int fd)
{
	struct stat st;

	if (server.text)
		MHD_destroy_response(server.text);
	server.text = NULL;
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0)
		server.text = MHD_create_response_from_fd64((uint64_t)st.st_size, fd);
	if (server.text)
		headers_add(server.text, "text/plain; version=0.0.4; charset=utf-8");
	else
		close(fd);
}

/* The descriptor that came with an answer, or -1. */
static int received_fd(struct msghdr *message)
{
	const struct cmsghdr *control = CMSG_FIRSTHDR(message);
	int fd = -1;

	if (control && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(control), sizeof(fd));
	return fd;
}

/* Returns whether the reader is still there. */
static bool reader_hear(void)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char kind;
	struct iovec part = { &kind, 1 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(server.reader_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	text_replace(received_fd(&message));
	server.asked = false;
	for (size_t i = 0; i < HTTP_CONNECTIONS; i++) {
		if (server.places[i].state != PLACE_ASKED)
			continue;
		server.places[i].state = PLACE_ANSWERED;
		MHD_resume_connection(server.places[i].connection);
	}
	return true;
}

/* libmicrohttpd's time-out begins anew with each byte. Returns whether there are connections. */
static bool old_close(void)
{
	uint64_t now = monotonic_ns();
	bool any = false;

	for (size_t i = 0; i < HTTP_CONNECTIONS; i++) {
		const struct place *place = &server.places[i];
		const union MHD_ConnectionInfo *info;

		if (place->state == PLACE_FREE)
			continue;
		any = true;
		if (now - place->since_ns < HTTP_AGE_S * NS_PER_S)
			continue;
		info = MHD_get_connection_info(
			place->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		if (info)
			shutdown(info->connect_fd, SHUT_RDWR);
	}
	return any;
}

void http_server_run(void)
{
	for (;;) {
		struct pollfd fds[] = { { server.epoll_fd, POLLIN, 0 },
			{ server.reader_fd, POLLIN, 0 } };
		MHD_UNSIGNED_LONG_LONG most = 1000;

		if (!old_close())
			poll(fds, 2, -1);
		else if (MHD_get_timeout(server.daemon, &most) != MHD_YES || most > 1000)
			poll(fds, 2, 1000);
		else
			poll(fds, 2, (int)most);
		if (fds[1].revents && !reader_hear())
			return;
		MHD_run(server.daemon);
		reader_ask();
	}
}
