/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/top/top_screen.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "config.h"
#include "tools/top/top_text.h"

#define INSTEAD "use --once or --json"

#ifdef HAVE_NCURSES

#include <curses.h>

/* A record is read again after that time: raypssd writes it at most every ten minutes. */
#define LISTS_NS (10 * NS_PER_S)

/* Of the terminal's lines, those of the choice of steps are at most the fourth part. */
enum { CHOICE_PART = 4, KEYS_LINES = 1 };

struct screen {
	struct top_source *source;
	struct top_views views;
	size_t selected;
	/* The lists that were read last, and of which step. */
	struct top_view lists;
	uint64_t lists_ns;
};

/* Whether both are the same step. */
static bool is_same(const struct top_view *a, const struct top_view *b)
{
	return a->pid == b->pid && a->step.name.job == b->step.name.job &&
		!strcmp(a->step.name.step, b->step.name.step) &&
		!strcmp(a->step.name.node, b->step.name.node);
}

static void lists_fill(struct screen *s, struct top_view *v)
{
	uint64_t now = monotonic_ns();

	if (!s->source->lists)
		return;
	if (!s->lists_ns || !is_same(&s->lists, v) || now - s->lists_ns > LISTS_NS) {
		json_decref(s->lists.top);
		json_decref(s->lists.tasks);
		s->lists = (struct top_view){ .step = v->step };
		s->source->lists(s->source, &s->lists);
		s->lists_ns = now;
	}
	v->top = json_incref(s->lists.top);
	v->tasks = json_incref(s->lists.tasks);
	v->lists_s = s->lists.lists_s;
}

/* Reads all anew; the step that was selected stays so while it runs. 0 or -errno. */
static int screen_read(struct screen *s)
{
	struct top_views views;
	int rc = s->source->read(s->source, &views);

	if (rc) {
		top_views_clear(&views);
		return rc;
	}
	for (size_t i = 0; s->selected < s->views.n && i < views.n; i++)
		if (is_same(&views.list[i], &s->views.list[s->selected])) {
			s->selected = i;
			break;
		}
	if (s->selected >= views.n)
		s->selected = views.n - 1;
	top_views_clear(&s->views);
	s->views = views;
	lists_fill(s, &s->views.list[s->selected]);
	return 0;
}

/* Puts the text's lines on the screen; what has no room is cut off. */
static void lines_put(char *text)
{
	char *save = text, *line;

	for (int y = 0; y < LINES - KEYS_LINES && (line = strsep(&save, "\n")); y++)
		mvaddnstr(y, 0, line, COLS);
}

static void screen_draw(const struct screen *s)
{
	unsigned lines = (unsigned)(LINES > KEYS_LINES ? LINES - KEYS_LINES : 1), choice = 0;
	bool several = s->views.n > 1;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	if (several) {
		choice = s->views.n < lines / CHOICE_PART ? (unsigned)s->views.n
							  : lines / CHOICE_PART;
		top_text_choice(&s->views, s->selected, choice, out);
		fputc('\n', out);
		choice++;
	}
	top_text_view(&s->views.list[s->selected], (unsigned)COLS,
		lines > choice ? lines - choice : 1, out);
	fclose(out);
	erase();
	lines_put(text);
	attron(A_REVERSE);
	mvaddnstr(
		LINES - 1, 0, several ? " q: quit   Up, Down: choose a step " : " q: quit ", COLS);
	attroff(A_REVERSE);
	refresh();
	free(text);
}

/* Waits for a key until the source is due. False: the user wants no more. */
static bool key_wait(struct screen *s)
{
	uint64_t now = monotonic_ns(), due = s->source->due_ns(s->source);

	timeout(due > now ? (int)((due - now) / NS_PER_MS) + 1 : 0);
	switch (getch()) {
	case 'q':
		return false;
	case KEY_UP:
		if (s->selected)
			s->selected--;
		break;
	case KEY_DOWN:
		if (s->selected + 1 < s->views.n)
			s->selected++;
		break;
	default: /* also a new size: everything is drawn anew */
		return true;
	}
	lists_fill(s, &s->views.list[s->selected]);
	return true;
}

static int screen_run(struct screen *s)
{
	int rc = screen_read(s);

	while (rc == 0) {
		screen_draw(s);
		if (!key_wait(s))
			return 0;
		if (s->source->due_ns(s->source) <= monotonic_ns())
			rc = screen_read(s);
	}
	return rc;
}

static void screen_end(struct screen *s, SCREEN *terminal)
{
	endwin();
	delscreen(terminal);
	top_views_clear(&s->views);
	json_decref(s->lists.top);
	json_decref(s->lists.tasks);
}

int top_screen(struct top_source *source)
{
	struct screen s = { .source = source };
	SCREEN *terminal;
	int rc;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		fputs("raypss top: no terminal: " INSTEAD "\n", stderr);
		return -ENOTTY;
	}
	terminal = newterm(NULL, stdout, stdin);
	/* ncurses takes a terminal without a cursor, such as TERM=dumb, and draws nonsense there. */
	if (terminal && !tigetstr("cup")) {
		endwin();
		delscreen(terminal);
		terminal = NULL;
	}
	if (!terminal) {
		fprintf(stderr,
			"raypss top: TERM: \"%s\" is no terminal for a live view: " INSTEAD "\n",
			getenv("TERM") ?: "");
		return -ENOTTY;
	}
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	curs_set(0);
	rc = screen_run(&s);
	screen_end(&s, terminal);
	/* What was shown has ended. */
	if (rc == -ESRCH)
		puts("raypss top: all that was shown has ended");
	else if (rc)
		fprintf(stderr, "raypss top: %s\n", strerror(-rc));
	return rc == -ESRCH ? 0 : rc;
}

#else

int top_screen(struct top_source *source)
{
	(void)source;
	fputs("raypss top: this raypss was built without ncurses (libncurses-dev): " INSTEAD "\n",
		stderr);
	return -ENOSYS;
}

#endif
