{% for line in header -%}
// {{ line }}
{% endfor -%}
function FindProxyForURL(url, host) {
  host = host.toLowerCase();
{%- for condition in direct %}
  if ({{ condition }}) return "DIRECT";
{%- endfor %}
{%- for (scheme, way) in schemes %}
  if (url.substring(0, {{ scheme.len() }}).toLowerCase() == "{{ scheme }}") return "{{ way }}";
{%- endfor %}
  return "{{ otherwise }}";
}

