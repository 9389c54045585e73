/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How raypss metrics --listen and its HTTP server, raypss-http, talk. The server speaks with whoever
 * connects and may read nothing. raypss reads, and speaks with the server alone.
 *
 * On a socket of packets the server sends SCRAPE_REQUEST and waits for one answer. Each packet is
 * one byte. SCRAPE_TEXT comes with a descriptor of the text, from its first byte on.
 */
#ifndef RAYPSS_SCRAPE_SOCKET_H
#define RAYPSS_SCRAPE_SOCKET_H

/* Descriptors that the server inherits. */
enum { SCRAPE_LISTEN_FD = 3, SCRAPE_READER_FD = 4, SCRAPE_FDS = 5 };

enum {
	SCRAPE_REQUEST = 'r',
	SCRAPE_TEXT = 't',
	SCRAPE_NOTHING = 'n', /* the figures could not be read */
};

#endif
