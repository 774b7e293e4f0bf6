/* What the plugin takes for granted and only graphical Pidgin brings: two GTK
 * functions, and a DNS that knows where the server is.
 *
 * The plugin is bound at load time, so these must be exported by the program
 * (-rdynamic), together with libcrypt and libgcrypt (--no-as-needed). */
#define _GNU_SOURCE
#include "client.h"

#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

int gtk_events_pending(void);
int gtk_main_iteration(void);
int res_search(const char *name, int class, int type, unsigned char *answer, int room);

/* At log-off the plugin empties the event queue and only then looks whether its
 * last request is still in flight. A server on loopback answers within one such
 * round, and the plugin would wait for ever: so hand out one event a round. */
int gtk_events_pending(void)
{
	static gboolean handed_out;

	if (handed_out) {
		handed_out = FALSE;
		return FALSE;
	}
	handed_out = g_main_context_pending(NULL);
	if (!handed_out)
		g_usleep(500);
	return handed_out;
}

int gtk_main_iteration(void)
{
	g_main_context_iteration(NULL, FALSE);
	return FALSE;
}

enum {
	TYPE_SRV = 33,
	CLASS_IN = 1,
	HEADER_SIZE = 12,
	/* response, recursion desired and available */
	HEADER_FLAGS = 0x8180,
	/* a name that is "the one at offset 12" */
	NAME_OF_QUESTION = 0xc00c,
};

static void put16(GByteArray *packet, unsigned value)
{
	const guint8 bytes[2] = { (guint8)(value >> 8), (guint8)value };

	g_byte_array_append(packet, bytes, sizeof bytes);
}

static void put_name(GByteArray *packet, const char *name)
{
	char **labels = g_strsplit(name, ".", 0);
	const guint8 end = 0;

	for (int i = 0; labels[i] != NULL; i++) {
		guint8 length = (guint8)strlen(labels[i]);

		if (length == 0)
			continue;
		g_byte_array_append(packet, &length, 1);
		g_byte_array_append(packet, (const guint8 *)labels[i], length);
	}
	g_byte_array_append(packet, &end, 1);
	g_strfreev(labels);
}

/* Names below "test" are this machine: no DNS holds them. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (node != NULL && g_str_has_suffix(node, ".test"))
		node = "127.0.0.1";
	return real(node, service, hints, found);
}

/* The host of a service: "DOMAIN=HOST" in RVP_SERVICES, else RVP_HOST. */
static char *host_of(const char *domain)
{
	const char *known = g_getenv("RVP_SERVICES");
	char **pairs = g_strsplit(known != NULL ? known : "", ",", 0);
	char *host = g_strdup(g_getenv("RVP_HOST"));

	for (int i = 0; pairs[i] != NULL; i++) {
		char **pair = g_strsplit(pairs[i], "=", 2);

		if (pair[0] != NULL && pair[1] != NULL && strcmp(pair[0], domain) == 0) {
			g_free(host);
			host = g_strdup(pair[1]);
		}
		g_strfreev(pair);
	}
	g_strfreev(pairs);
	return host;
}

/* The plugin has no port setting: the port comes from the SRV record alone.
 * Whatever domain is asked for, the answer has RVP_PORT. */
int res_search(const char *name, int class, int type, unsigned char *answer, int room)
{
	static const char service[] = "_rvp._tcp.";
	const char *port = g_getenv("RVP_PORT");
	char *host;
	GByteArray *packet;
	GByteArray *record;
	int size;

	if (class != CLASS_IN || type != TYPE_SRV || g_getenv("RVP_HOST") == NULL || port == NULL ||
	    !g_str_has_prefix(name, service)) {
		h_errno = HOST_NOT_FOUND;
		return -1;
	}

	packet = g_byte_array_new();
	put16(packet, 1);
	put16(packet, HEADER_FLAGS);
	put16(packet, 1);
	put16(packet, 1);
	put16(packet, 0);
	put16(packet, 0);
	put_name(packet, name);
	put16(packet, TYPE_SRV);
	put16(packet, CLASS_IN);

	host = host_of(name + strlen(service));
	record = g_byte_array_new();
	put16(record, 0);
	put16(record, 0);
	put16(record, (unsigned)strtoul(port, NULL, 10));
	put_name(record, host);
	g_free(host);

	put16(packet, NAME_OF_QUESTION);
	put16(packet, TYPE_SRV);
	put16(packet, CLASS_IN);
	put16(packet, 0);
	put16(packet, 60);
	put16(packet, record->len);
	g_byte_array_append(packet, record->data, record->len);

	size = (int)packet->len;
	if (size > room) {
		h_errno = NO_RECOVERY;
		size = -1;
	} else {
		memcpy(answer, packet->data, packet->len);
	}
	g_byte_array_free(record, TRUE);
	g_byte_array_free(packet, TRUE);
	return size;
}
