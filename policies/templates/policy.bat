@echo off
{%- for line in header %}
rem {{ line }}
{%- endfor %}
rem Values under HKLM need administrator's rights: use it as a startup script there.
rem It ends with 1 when something failed, and says what.
setlocal DisableDelayedExpansion
set failed=0
reg query HKCU >nul 2>&1 || (echo This Windows has no reg.exe: import the registry file with regedit instead. 1>&2& exit /b 1)
{%- for command in commands %}

rem {{ command.remark }}
{{ command.line }}
{%- endfor %}

exit /b %failed%
