/* Everything libpurple would show to a person, as events. Nothing is answered
 * here by itself, except where a received file is put. */
#include "client.h"

#include <stdarg.h>
#include <stdlib.h>

/* A question with buttons that nobody has pressed yet. */
typedef struct {
	int id;
	void *user_data;
	size_t count;
	PurpleRequestActionCb *buttons;
} Question;

static GList *questions;
static int next_question = 1;

static void on_signed_on(PurpleConnection *gc, gpointer data)
{
	(void)data;
	emit("signed-on", "user", purple_account_get_username(purple_connection_get_account(gc)), NULL);
}

static void on_signed_off(PurpleConnection *gc, gpointer data)
{
	(void)data;
	emit("signed-off", "user", purple_account_get_username(purple_connection_get_account(gc)), NULL);
}

static void on_disconnected(PurpleConnection *gc, PurpleConnectionError reason, const char *text)
{
	char number[16];

	(void)gc;
	g_snprintf(number, sizeof number, "%d", (int)reason);
	emit("disconnected", "reason", number, "text", text, NULL);
}

static void tell_status(PurpleBuddy *buddy)
{
	PurplePresence *presence = purple_buddy_get_presence(buddy);
	PurpleStatus *status = purple_presence_get_active_status(presence);

	emit("buddy-status", "who", purple_buddy_get_name(buddy), "state", purple_status_get_id(status),
	     "online", purple_presence_is_online(presence) ? "yes" : "no",
	     "name", purple_buddy_get_alias(buddy), NULL);
}

static void on_buddy_status(PurpleBuddy *buddy, PurpleStatus *before, PurpleStatus *now, gpointer data)
{
	(void)before;
	(void)now;
	(void)data;
	tell_status(buddy);
}

/* libpurple keeps a change between online and offline apart from other changes. */
static void on_buddy_signed(PurpleBuddy *buddy, gpointer data)
{
	(void)data;
	tell_status(buddy);
}

static void on_buddy_typing(PurpleAccount *account, const char *who, gpointer data)
{
	(void)account;
	emit("typing", "from", who, "state", data, NULL);
}

static void on_message(PurpleAccount *account, char *from, char *markup, PurpleConversation *conv,
                       PurpleMessageFlags flags, gpointer data)
{
	char *text = purple_markup_strip_html(markup);

	(void)account;
	(void)conv;
	(void)flags;
	emit("message", "from", from, "text", text, "markup", markup, "where", data, NULL);
	g_free(text);
}

static void on_joined(PurpleConversation *conv, const char *name, PurpleConvChatBuddyFlags flags,
                      gboolean fresh, gpointer data)
{
	(void)flags;
	(void)fresh;
	(void)data;
	emit("joined", "who", name, "chat", purple_conversation_get_name(conv), NULL);
}

static void on_left(PurpleConversation *conv, const char *name, const char *reason, gpointer data)
{
	(void)reason;
	(void)data;
	emit("left", "who", name, "chat", purple_conversation_get_name(conv), NULL);
}

/* System lines and errors in a conversation; what people say comes as signals. */
static void write_conv(PurpleConversation *conv, const char *name, const char *alias,
                       const char *markup, PurpleMessageFlags flags, time_t when)
{
	char *text;

	(void)name;
	(void)alias;
	(void)when;
	if (!(flags & (PURPLE_MESSAGE_SYSTEM | PURPLE_MESSAGE_ERROR)))
		return;
	text = purple_markup_strip_html(markup);
	emit("conversation", "with", purple_conversation_get_name(conv),
	     "kind", (flags & PURPLE_MESSAGE_ERROR) ? "error" : "system", "text", text, NULL);
	g_free(text);
}

static void *notify_message(PurpleNotifyMsgType type, const char *title, const char *primary,
                            const char *secondary)
{
	static const char *const kinds[] = { "error", "warning", "info" };

	emit("notice", "kind", kinds[type], "title", title, "text", primary, "more", secondary, NULL);
	return NULL;
}

static void *notify_formatted(const char *title, const char *primary, const char *secondary,
                              const char *markup)
{
	char *text = purple_markup_strip_html(markup);

	emit("notice", "kind", "formatted", "title", title, "text", primary, "more", secondary,
	     "body", text, NULL);
	g_free(text);
	return NULL;
}

static void *request_action(const char *title, const char *primary, const char *secondary,
                            int preferred, PurpleAccount *account, const char *who,
                            PurpleConversation *conv, void *user_data, size_t count, va_list buttons)
{
	Question *question = g_new0(Question, 1);
	GString *labels = g_string_new(NULL);
	char id[16];

	(void)preferred;
	(void)account;
	(void)conv;
	question->id = next_question++;
	question->user_data = user_data;
	question->count = count;
	question->buttons = g_new0(PurpleRequestActionCb, count);
	for (size_t i = 0; i < count; i++) {
		g_string_append_printf(labels, "%s%s", i > 0 ? "|" : "", va_arg(buttons, const char *));
		question->buttons[i] = va_arg(buttons, PurpleRequestActionCb);
	}
	questions = g_list_append(questions, question);

	g_snprintf(id, sizeof id, "%d", question->id);
	emit("request", "id", id, "title", title, "text", primary, "more", secondary, "who", who,
	     "buttons", labels->str, NULL);
	g_string_free(labels, TRUE);
	return question;
}

static void close_request(PurpleRequestType type, void *handle)
{
	Question *question = handle;

	if (type != PURPLE_REQUEST_ACTION || g_list_find(questions, question) == NULL)
		return;
	questions = g_list_remove(questions, question);
	g_free(question->buttons);
	g_free(question);
}

gboolean dialogues_answer(int id, int choice)
{
	for (GList *at = questions; at != NULL; at = at->next) {
		Question *question = at->data;

		if (question->id != id)
			continue;
		if (choice < 0 || (size_t)choice >= question->count)
			return FALSE;
		if (question->buttons[choice] != NULL)
			question->buttons[choice](question->user_data, choice);
		purple_request_close(PURPLE_REQUEST_ACTION, question);
		return TRUE;
	}
	return FALSE;
}

/* Where to save a received file. Answered from the loop: the plugin is still
 * in the middle of opening the dialogue. */
typedef struct {
	PurpleRequestFileCb chosen;
	void *user_data;
	char *path;
} SaveAs;

static gboolean save_as(gpointer data)
{
	SaveAs *save = data;

	save->chosen(save->user_data, save->path);
	g_free(save->path);
	g_free(save);
	return FALSE;
}

static void *request_file(const char *title, const char *filename, gboolean saving, GCallback ok,
                          GCallback cancel, PurpleAccount *account, const char *who,
                          PurpleConversation *conv, void *user_data)
{
	char *name = g_path_get_basename(filename != NULL ? filename : "unnamed");
	SaveAs *save = g_new0(SaveAs, 1);

	(void)title;
	(void)cancel;
	(void)account;
	(void)conv;
	save->chosen = (PurpleRequestFileCb)ok;
	save->user_data = user_data;
	save->path = g_build_filename(client_user_dir, name, NULL);
	emit("request-file", "who", who, "file", filename, "saving", saving ? "yes" : "no", "path", save->path, NULL);
	g_free(name);
	g_idle_add(save_as, save);
	return NULL;
}

static void on_transfer(PurpleXfer *xfer, gpointer state)
{
	emit("transfer", "state", state, "with", xfer->who, "file", purple_xfer_get_filename(xfer), NULL);
}

static void on_transfer_added(PurpleXfer *xfer)
{
	char size[32];

	g_snprintf(size, sizeof size, "%" G_GSIZE_FORMAT, (gsize)purple_xfer_get_size(xfer));
	emit("transfer", "state", "added", "with", xfer->who, "file", purple_xfer_get_filename(xfer),
	     "size", size, NULL);
}

void dialogues_register(void)
{
	static PurpleConnectionUiOps connection_ops;
	static PurpleConversationUiOps conversation_ops;
	static PurpleNotifyUiOps notify_ops;
	static PurpleRequestUiOps request_ops;
	static PurpleXferUiOps transfer_ops;
	static int handle;
	void *blist = purple_blist_get_handle();
	void *conversations = purple_conversations_get_handle();
	void *transfers = purple_xfers_get_handle();

	connection_ops.report_disconnect_reason = on_disconnected;
	conversation_ops.write_conv = write_conv;
	notify_ops.notify_message = notify_message;
	notify_ops.notify_formatted = notify_formatted;
	request_ops.request_action = request_action;
	request_ops.request_file = request_file;
	request_ops.close_request = close_request;
	transfer_ops.add_xfer = on_transfer_added;
	purple_connections_set_ui_ops(&connection_ops);
	purple_conversations_set_ui_ops(&conversation_ops);
	purple_notify_set_ui_ops(&notify_ops);
	purple_request_set_ui_ops(&request_ops);
	purple_xfers_set_ui_ops(&transfer_ops);

	purple_signal_connect(purple_connections_get_handle(), "signed-on", &handle,
	                      PURPLE_CALLBACK(on_signed_on), NULL);
	purple_signal_connect(purple_connections_get_handle(), "signed-off", &handle,
	                      PURPLE_CALLBACK(on_signed_off), NULL);
	purple_signal_connect(blist, "buddy-status-changed", &handle,
	                      PURPLE_CALLBACK(on_buddy_status), NULL);
	purple_signal_connect(blist, "buddy-signed-on", &handle, PURPLE_CALLBACK(on_buddy_signed), NULL);
	purple_signal_connect(blist, "buddy-signed-off", &handle, PURPLE_CALLBACK(on_buddy_signed), NULL);
	purple_signal_connect(conversations, "received-im-msg", &handle,
	                      PURPLE_CALLBACK(on_message), "im");
	purple_signal_connect(conversations, "received-chat-msg", &handle,
	                      PURPLE_CALLBACK(on_message), "chat");
	purple_signal_connect(conversations, "buddy-typing", &handle,
	                      PURPLE_CALLBACK(on_buddy_typing), "typing");
	purple_signal_connect(conversations, "buddy-typing-stopped", &handle,
	                      PURPLE_CALLBACK(on_buddy_typing), "stopped");
	purple_signal_connect(conversations, "chat-buddy-joined", &handle,
	                      PURPLE_CALLBACK(on_joined), NULL);
	purple_signal_connect(conversations, "chat-buddy-left", &handle, PURPLE_CALLBACK(on_left), NULL);
	purple_signal_connect(transfers, "file-recv-request", &handle,
	                      PURPLE_CALLBACK(on_transfer), "offered");
	purple_signal_connect(transfers, "file-recv-start", &handle,
	                      PURPLE_CALLBACK(on_transfer), "receiving");
	purple_signal_connect(transfers, "file-recv-complete", &handle,
	                      PURPLE_CALLBACK(on_transfer), "received");
	purple_signal_connect(transfers, "file-recv-cancel", &handle,
	                      PURPLE_CALLBACK(on_transfer), "cancelled");
	purple_signal_connect(transfers, "file-send-start", &handle,
	                      PURPLE_CALLBACK(on_transfer), "sending");
	purple_signal_connect(transfers, "file-send-complete", &handle,
	                      PURPLE_CALLBACK(on_transfer), "sent");
	purple_signal_connect(transfers, "file-send-cancel", &handle,
	                      PURPLE_CALLBACK(on_transfer), "cancelled");
}
