@echo off
{%- for line in header %}
rem {{ line }}
{%- endfor %}
rem Values under HKLM need administrator's rights: use it as a startup script there.
rem It ends with 1 when something failed, and says what.
setlocal DisableDelayedExpansion
set failed=0
reg query HKCU\Software >nul 2>&1
if errorlevel 1 goto noreg
{%- for command in commands %}

rem {{ command.remark }}
{%- for line in command.lines %}
{{ line }}
{%- endfor %}
{%- endfor %}

exit /b %failed%

:noreg
echo There is no reg.exe here: import the registry file with regedit instead. 1>&2
exit /b 1
