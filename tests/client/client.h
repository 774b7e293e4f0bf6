/* What the parts of the headless client share. One process runs one account:
 * a crash of the plugin then takes nothing else with it. */
#ifndef CLIENT_H
#define CLIENT_H

#include <glib.h>
#include <purple.h>

/* The account under test; set before the first event. */
extern PurpleAccount *client_account;

/* The directory where received files and libpurple's own files go. */
extern const char *client_user_dir;

/* Writes one JSON line to standard output and flushes it. After the event's
 * name come pairs of key and string value, ended by a NULL key; a NULL value
 * is written as null. */
void emit(const char *event, ...) G_GNUC_NULL_TERMINATED;

/* Registers what libpurple tells its user interface: signals, dialogues,
 * conversations, file transfers. */
void dialogues_register(void);

/* Answers the open question `id` with the button number `choice`. */
gboolean dialogues_answer(int id, int choice);

/* Carries out one line from standard input. */
void command_run(const char *line);

/* Logs off as a user would who closes the program, then leaves the loop. */
void client_quit(void);

#endif
