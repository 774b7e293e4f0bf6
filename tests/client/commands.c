/* The orders a test can give, one a line: a word, then its arguments. */
#include "client.h"

#include <stdlib.h>
#include <string.h>

#define GROUP "Contacts"

static void add_buddy(char **words)
{
	PurpleGroup *group = purple_find_group(GROUP);
	PurpleBuddy *buddy = purple_buddy_new(client_account, words[1], NULL);

	if (group == NULL) {
		group = purple_group_new(GROUP);
		purple_blist_add_group(group, NULL);
	}
	purple_blist_add_buddy(buddy, NULL, group, NULL);
	purple_account_add_buddy(client_account, buddy);
}

static void remove_buddy(char **words)
{
	PurpleBuddy *buddy = purple_find_buddy(client_account, words[1]);

	if (buddy == NULL) {
		emit("error", "text", "no such buddy", "who", words[1], NULL);
		return;
	}
	purple_account_remove_buddy(client_account, buddy, purple_buddy_get_group(buddy));
	purple_blist_remove_buddy(buddy);
}

/* A message goes through a conversation, as it does in a window: that is where
 * the plugin writes "could not be delivered". */
static PurpleConversation *conversation_with(const char *who)
{
	PurpleConversation *conv =
		purple_find_conversation_with_account(PURPLE_CONV_TYPE_IM, who, client_account);

	return conv != NULL ? conv : purple_conversation_new(PURPLE_CONV_TYPE_IM, client_account, who);
}

static void send_message(char **words)
{
	char *markup = g_markup_escape_text(words[2], -1);

	purple_conv_im_send(PURPLE_CONV_IM(conversation_with(words[1])), markup);
	g_free(markup);
}

static void send_typing(char **words)
{
	serv_send_typing(purple_account_get_connection(client_account), words[1], PURPLE_TYPING);
}

static void set_status(char **words)
{
	PurplePresence *presence = purple_account_get_presence(client_account);

	if (purple_presence_get_status(presence, words[1]) == NULL) {
		GString *known = g_string_new(NULL);

		for (GList *at = purple_presence_get_statuses(presence); at != NULL; at = at->next)
			g_string_append_printf(known, " %s", purple_status_get_id(at->data));
		emit("error", "text", "no such status", "known", known->str, NULL);
		g_string_free(known, TRUE);
		return;
	}
	if (words[2] != NULL)
		purple_account_set_status(client_account, words[1], TRUE, "message", words[2], NULL);
	else
		purple_account_set_status(client_account, words[1], TRUE, NULL);
}

static void tell_status(char **words)
{
	PurpleBuddy *buddy = purple_find_buddy(client_account, words[1]);
	PurplePresence *presence = buddy != NULL ? purple_buddy_get_presence(buddy) : NULL;

	emit("status-now", "who", words[1],
	     "state", presence != NULL
	                  ? purple_status_get_id(purple_presence_get_active_status(presence))
	                  : NULL,
	     NULL);
}

static void block(char **words)
{
	purple_privacy_deny_add(client_account, words[1], FALSE);
}

static void unblock(char **words)
{
	purple_privacy_deny_remove(client_account, words[1], FALSE);
}

/* A conversation of several, as the dialogue "Join a Chat" opens one. */
static void open_chat(char **words)
{
	PurpleConnection *gc = purple_account_get_connection(client_account);
	PurplePluginProtocolInfo *info = PURPLE_PLUGIN_PROTOCOL_INFO(purple_connection_get_prpl(gc));
	GHashTable *components = NULL;

	if (info->chat_info_defaults != NULL)
		components = info->chat_info_defaults(gc, words[1]);
	if (components == NULL)
		components = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	serv_join_chat(gc, components);
	g_hash_table_destroy(components);
}

/* The only chat that is open. */
static PurpleConversation *chat(void)
{
	GList *chats = purple_get_chats();

	if (chats == NULL)
		emit("error", "text", "no chat is open", NULL);
	return chats != NULL ? chats->data : NULL;
}

static void invite(char **words)
{
	PurpleConversation *conv = chat();

	if (conv != NULL)
		serv_chat_invite(purple_conversation_get_gc(conv),
		                 purple_conv_chat_get_id(PURPLE_CONV_CHAT(conv)), "", words[1]);
}

static void send_to_chat(char **words)
{
	PurpleConversation *conv = chat();
	char *markup;

	if (conv == NULL)
		return;
	markup = g_markup_escape_text(words[1], -1);
	purple_conv_chat_send(PURPLE_CONV_CHAT(conv), markup);
	g_free(markup);
}

static void leave_chat(char **words)
{
	PurpleConversation *conv = chat();

	(void)words;
	if (conv != NULL)
		purple_conversation_destroy(conv);
}

static void send_file(char **words)
{
	serv_send_file(purple_account_get_connection(client_account), words[1], words[2]);
}

static void answer(char **words)
{
	if (!dialogues_answer(atoi(words[1]), atoi(words[2])))
		emit("error", "text", "no such question or button", "question", words[1], NULL);
}

static void quit(char **words)
{
	(void)words;
	client_quit();
}

static const struct {
	const char *name;
	/* words needed, the command itself included */
	guint needed;
	/* words split at most: the last keeps its spaces */
	int most;
	/* makes no sense without a connection */
	gboolean online;
	void (*run)(char **words);
} commands[] = {
	{ "add-buddy", 2, 2, FALSE, add_buddy },
	{ "remove-buddy", 2, 2, FALSE, remove_buddy },
	{ "send", 3, 3, TRUE, send_message },
	{ "typing", 2, 2, TRUE, send_typing },
	{ "status", 2, 3, TRUE, set_status },
	{ "status-of", 2, 2, FALSE, tell_status },
	{ "block", 2, 2, TRUE, block },
	{ "unblock", 2, 2, TRUE, unblock },
	{ "chat", 2, 2, TRUE, open_chat },
	{ "invite", 2, 2, TRUE, invite },
	{ "say", 2, 2, TRUE, send_to_chat },
	{ "leave-chat", 1, 1, TRUE, leave_chat },
	{ "file", 3, 3, TRUE, send_file },
	{ "answer", 3, 3, TRUE, answer },
	{ "quit", 1, 1, FALSE, quit },
};

void command_run(const char *line)
{
	gboolean online = purple_account_is_connected(client_account);

	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
		char **words = g_strsplit(line, " ", commands[i].most);
		gboolean mine = g_strcmp0(words[0], commands[i].name) == 0;

		if (mine && g_strv_length(words) < commands[i].needed)
			emit("error", "text", "too few words", "command", line, NULL);
		else if (mine && commands[i].online && !online)
			emit("error", "text", "not signed on", "command", line, NULL);
		else if (mine)
			commands[i].run(words);
		g_strfreev(words);
		if (mine)
			return;
	}
	emit("error", "text", "unknown command", "command", line, NULL);
}
