@echo off
{%- for line in header %}
rem {{ line }}
{%- endfor %}
rem Values under HKLM need administrator's rights: use it as a startup script there.
setlocal DisableDelayedExpansion
set failed=0
{%- for command in commands %}

rem {{ command.remark }}
{% if command.removal -%}
{{ command.line }} >nul 2>&1
{%- else -%}
{{ command.line }} >nul || set failed=1
{%- endif %}
{%- endfor %}

exit /b %failed%

