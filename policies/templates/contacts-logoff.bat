@echo off
rem Saves the Instant Messaging contacts of this user to {{ share }}\%USERNAME%,
rem from where contacts-logon.bat brings them back on any computer.
rem Made by Rollcall. Windows 2000 and later: a logoff script (Group Policy).
rem Windows NT 4, 95, 98, Me have no logoff scripts: let users start it from an icon.
rem The file is of the Windows that saved it. Older Windows cannot read what
rem Windows 2000 and later save: give mixed networks a share for each.

if "%USERNAME%"=="" goto noname
set rcsaved=%TEMP%\rcsaved.reg
if exist "%rcsaved%" del "%rcsaved%"
start /wait regedit /e "%rcsaved%" "HKEY_CURRENT_USER\{{ key }}"
if not exist "%rcsaved%" goto nothing

rem A computer on which this user has no contacts must not empty the list.
type "%rcsaved%" | find /i "\Contacts" > nul
if errorlevel 1 goto nothing

if not exist "{{ share }}\%USERNAME%\*.*" md "{{ share }}\%USERNAME%"
if exist "{{ share }}\%USERNAME%\contacts.reg" copy "{{ share }}\%USERNAME%\contacts.reg" "{{ share }}\%USERNAME%\contacts.bak" > nul
copy "%rcsaved%" "{{ share }}\%USERNAME%\contacts.reg" > nul
if errorlevel 1 goto failed
if not exist "{{ share }}\%USERNAME%\contacts.reg" goto failed
del "%rcsaved%"
goto end

:nothing
echo There are no contacts on this computer, so nothing was saved.
goto end

:noname
echo The variable USERNAME is not set, so nothing was saved.
echo Windows 95, 98 and Me do not set it by themselves.
goto end

:failed
echo The contacts could not be saved to {{ share }}\%USERNAME%.
echo May this user write there? The contacts are in %rcsaved% meanwhile.

:end
set rcsaved=
