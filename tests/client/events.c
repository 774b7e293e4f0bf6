/* Events as JSON lines. Text from the wire may be broken UTF-8 (that is one of
 * the things under test), so every byte that is none becomes U+FFFD. */
#include "client.h"

#include <stdarg.h>
#include <stdio.h>

static void put_string(GString *line, const char *text)
{
	const char *at = text;

	g_string_append_c(line, '"');
	while (*at != '\0') {
		gunichar c = g_utf8_get_char_validated(at, -1);

		if (c == (gunichar)-1 || c == (gunichar)-2) {
			g_string_append(line, "\\ufffd");
			at++;
			continue;
		}
		if (c == '"' || c == '\\')
			g_string_append_printf(line, "\\%c", (char)c);
		else if (c < 0x20 || c == 0x7f)
			g_string_append_printf(line, "\\u%04x", c);
		else
			g_string_append_unichar(line, c);
		at = g_utf8_next_char(at);
	}
	g_string_append_c(line, '"');
}

void emit(const char *event, ...)
{
	GString *line = g_string_new("{\"event\":");
	const char *key;
	va_list pairs;

	put_string(line, event);
	va_start(pairs, event);
	while ((key = va_arg(pairs, const char *)) != NULL) {
		const char *value = va_arg(pairs, const char *);

		g_string_append_c(line, ',');
		put_string(line, key);
		g_string_append_c(line, ':');
		if (value == NULL)
			g_string_append(line, "null");
		else
			put_string(line, value);
	}
	va_end(pairs);
	g_string_append(line, "}\n");

	fputs(line->str, stdout);
	fflush(stdout);
	g_string_free(line, TRUE);
}
