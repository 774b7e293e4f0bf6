/* A real RVP client without a screen: one account of the plugin prpl-rvp in
 * libpurple, driven by lines on standard input, heard as JSON lines on
 * standard output.
 *
 * RVP_USER      name@domain, as a person would type it
 * RVP_PASSWORD  its password
 * RVP_HOST      what the SRV record says: becomes the host of every principal URL
 * RVP_PORT      likewise the port
 * RVP_USER_DIR  an empty directory of its own
 * RVP_AUTH_ID, RVP_AUTH_DOMAIN  another login name and a domain for NTLM
 * RVP_CALL_BACK_HOST  the address put into Call-Back; the machine's own if unset
 * RVP_SERVICES  other domains and the hosts that serve them, DOMAIN=HOST separated by commas
 * RVP_BUDDIES   names known before sign-on, separated by commas
 * RVP_SETTINGS  further settings of the account, key=value separated by commas
 * RVP_DEBUG     set: libpurple's debug text on standard error
 */
#include "client.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef PLUGIN_DIR
#error "PLUGIN_DIR must name the folder of librvp.so"
#endif

#define QUIT_SECONDS 20

PurpleAccount *client_account;
const char *client_user_dir;

static GMainLoop *loop;

/* The plugin runs the loop from inside its log-off, and an order carried out
 * there would log off a second time, for ever. */
static gboolean logging_off;

/* libpurple's loop on GLib's. */

typedef struct {
	PurpleInputFunction function;
	gpointer data;
} Watch;

static gboolean watch_fired(GIOChannel *channel, GIOCondition condition, gpointer data)
{
	const Watch *watch = data;
	int what = 0;

	if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))
		what |= PURPLE_INPUT_READ;
	if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL))
		what |= PURPLE_INPUT_WRITE;
	watch->function(watch->data, g_io_channel_unix_get_fd(channel), (PurpleInputCondition)what);
	return TRUE;
}

static guint watch_add(int fd, PurpleInputCondition what, PurpleInputFunction function, gpointer data)
{
	GIOCondition condition = 0;
	GIOChannel *channel = g_io_channel_unix_new(fd);
	Watch *watch = g_new0(Watch, 1);
	guint id;

	if (what & PURPLE_INPUT_READ)
		condition |= G_IO_IN | G_IO_HUP | G_IO_ERR;
	if (what & PURPLE_INPUT_WRITE)
		condition |= G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL;
	watch->function = function;
	watch->data = data;
	id = g_io_add_watch_full(channel, G_PRIORITY_DEFAULT, condition, watch_fired, watch, g_free);
	g_io_channel_unref(channel);
	return id;
}

static PurpleEventLoopUiOps loop_ops = {
	.timeout_add = g_timeout_add,
	.timeout_remove = g_source_remove,
	.input_add = watch_add,
	.input_remove = g_source_remove,
	.timeout_add_seconds = g_timeout_add_seconds,
};

static PurpleCoreUiOps core_ops = { .ui_init = dialogues_register };

static gboolean read_commands(GIOChannel *channel, GIOCondition condition, gpointer data)
{
	char *line = NULL;

	(void)condition;
	(void)data;
	if (logging_off)
		return TRUE;
	switch (g_io_channel_read_line(channel, &line, NULL, NULL, NULL)) {
	case G_IO_STATUS_NORMAL:
		command_run(g_strchomp(line));
		g_free(line);
		return TRUE;
	case G_IO_STATUS_AGAIN:
		return TRUE;
	default:
		/* The test is gone: do not outlive it. */
		client_quit();
		return FALSE;
	}
}

static void log_off_hangs(int signal)
{
	static const char line[] = "{\"event\":\"log-off-hangs\"}\n";
	ssize_t written = write(STDOUT_FILENO, line, sizeof line - 1);

	(void)signal;
	(void)written;
	_exit(3);
}

void client_quit(void)
{
	static gboolean quitting;

	if (quitting)
		return;
	quitting = TRUE;
	signal(SIGALRM, log_off_hangs);
	alarm(QUIT_SECONDS);
	purple_account_set_enabled(client_account, purple_core_get_ui(), FALSE);
	emit("bye", NULL);
	g_main_loop_quit(loop);
}

static void on_log_off(PurpleConnection *gc, gpointer begins)
{
	(void)gc;
	logging_off = GPOINTER_TO_INT(begins);
}

/* libpurple logs off by itself a moment after an error, and not twice. */
static void on_error(PurpleConnection *gc, PurpleConnectionError reason, const char *text, gpointer data)
{
	(void)gc;
	(void)reason;
	(void)text;
	(void)data;
	logging_off = TRUE;
}

static void watch_log_off(void)
{
	static int handle;
	void *connections = purple_connections_get_handle();

	purple_signal_connect(connections, "connection-error", &handle, PURPLE_CALLBACK(on_error), NULL);
	purple_signal_connect(connections, "signing-off", &handle, PURPLE_CALLBACK(on_log_off),
	                      GINT_TO_POINTER(TRUE));
	purple_signal_connect(connections, "signed-off", &handle, PURPLE_CALLBACK(on_log_off),
	                      GINT_TO_POINTER(FALSE));
}

/* Standard output belongs to the events. */
static void print_debug(const char *text)
{
	fputs(text, stderr);
}

static void quiet_preferences(void)
{
	/* Nothing here may leave the machine. */
	purple_prefs_set_bool("/purple/network/auto_ip", FALSE);
	purple_prefs_set_bool("/purple/network/map_ports", FALSE);
	purple_prefs_set_string("/purple/network/stun_server", "");
	purple_prefs_set_string("/purple/proxy/type", "none");
	purple_prefs_set_string("/purple/away/idle_reporting", "none");
	purple_prefs_set_bool("/purple/away/away_when_idle", FALSE);
	purple_prefs_set_bool("/purple/logging/log_ims", FALSE);
	purple_prefs_set_bool("/purple/logging/log_chats", FALSE);
	purple_prefs_set_bool("/purple/logging/log_system", FALSE);
}

/* Puts `text` into the setting `key` in the type the plugin declares for it. */
static void set_setting(PurplePlugin *plugin, const char *key, const char *text)
{
	PurplePluginProtocolInfo *info = PURPLE_PLUGIN_PROTOCOL_INFO(plugin);

	for (GList *at = info->protocol_options; at != NULL; at = at->next) {
		PurpleAccountOption *option = at->data;

		if (g_strcmp0(purple_account_option_get_setting(option), key) != 0)
			continue;
		switch (purple_account_option_get_type(option)) {
		case PURPLE_PREF_BOOLEAN:
			purple_account_set_bool(client_account, key, g_strcmp0(text, "true") == 0);
			return;
		case PURPLE_PREF_INT:
			purple_account_set_int(client_account, key, atoi(text));
			return;
		default:
			purple_account_set_string(client_account, key, text);
			return;
		}
	}
	emit("error", "text", "the plugin has no such setting", "setting", key, NULL);
}

static void configure_account(PurplePlugin *plugin)
{
	char **pairs = g_strsplit(g_getenv("RVP_SETTINGS") ? g_getenv("RVP_SETTINGS") : "", ",", 0);
	char **buddies = g_strsplit(g_getenv("RVP_BUDDIES") ? g_getenv("RVP_BUDDIES") : "", ",", 0);

	client_account = purple_account_new(g_getenv("RVP_USER"), "prpl-rvp");
	purple_account_set_password(client_account, g_getenv("RVP_PASSWORD"));
	if (g_getenv("RVP_AUTH_ID") != NULL)
		set_setting(plugin, "id", g_getenv("RVP_AUTH_ID"));
	if (g_getenv("RVP_AUTH_DOMAIN") != NULL)
		set_setting(plugin, "domain", g_getenv("RVP_AUTH_DOMAIN"));
	if (g_getenv("RVP_CALL_BACK_HOST") != NULL)
		set_setting(plugin, "myhost", g_getenv("RVP_CALL_BACK_HOST"));
	for (int i = 0; pairs[i] != NULL; i++) {
		char **pair = g_strsplit(pairs[i], "=", 2);

		if (pair[0] != NULL && pair[1] != NULL)
			set_setting(plugin, pair[0], pair[1]);
		g_strfreev(pair);
	}
	purple_accounts_add(client_account);
	for (int i = 0; buddies[i] != NULL; i++) {
		char *command = g_strconcat("add-buddy ", buddies[i], NULL);

		command_run(command);
		g_free(command);
	}
	g_strfreev(pairs);
	g_strfreev(buddies);
}

static void list_settings(PurplePlugin *plugin)
{
	GString *settings = g_string_new(NULL);

	for (GList *at = PURPLE_PLUGIN_PROTOCOL_INFO(plugin)->protocol_options; at != NULL; at = at->next)
		g_string_append_printf(settings, "%s%s", settings->len > 0 ? " " : "",
		                       purple_account_option_get_setting(at->data));
	emit("ready", "settings", settings->str, NULL);
	g_string_free(settings, TRUE);
}

int main(void)
{
	PurplePlugin *plugin;
	GIOChannel *commands;

	client_user_dir = g_getenv("RVP_USER_DIR");
	if (client_user_dir == NULL || g_getenv("RVP_USER") == NULL || g_getenv("RVP_PASSWORD") == NULL ||
	    g_getenv("RVP_HOST") == NULL || g_getenv("RVP_PORT") == NULL) {
		fputs("set RVP_USER, RVP_PASSWORD, RVP_HOST, RVP_PORT and RVP_USER_DIR\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	loop = g_main_loop_new(NULL, FALSE);

	g_set_print_handler(print_debug);
	purple_util_set_user_dir(client_user_dir);
	purple_debug_set_enabled(g_getenv("RVP_DEBUG") != NULL);
	purple_core_set_ui_ops(&core_ops);
	purple_eventloop_set_ui_ops(&loop_ops);
	purple_plugins_add_search_path(PLUGIN_DIR);
	if (!purple_core_init("rollcall-test")) {
		fputs("libpurple did not start\n", stderr);
		return 1;
	}
	purple_set_blist(purple_blist_new());
	purple_prefs_load();
	quiet_preferences();
	watch_log_off();

	plugin = purple_find_prpl("prpl-rvp");
	if (plugin == NULL) {
		fputs("the plugin prpl-rvp did not load from " PLUGIN_DIR "\n", stderr);
		return 1;
	}
	list_settings(plugin);
	configure_account(plugin);

	commands = g_io_channel_unix_new(STDIN_FILENO);
	g_io_channel_set_encoding(commands, NULL, NULL);
	g_io_channel_set_buffered(commands, TRUE);
	g_io_add_watch(commands, G_IO_IN | G_IO_HUP | G_IO_ERR, read_commands, NULL);

	purple_account_set_enabled(client_account, purple_core_get_ui(), TRUE);
	purple_savedstatus_activate(purple_savedstatus_new(NULL, PURPLE_STATUS_AVAILABLE));
	g_main_loop_run(loop);
	alarm(0);
	/* The plugin's own clean-up at unload is not what is tested: leave hard. */
	_exit(0);
}
