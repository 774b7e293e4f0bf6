@echo off
rem Brings the Instant Messaging contacts of this user back that contacts-logoff.bat
rem or contacts-logoff.vbs saved to {{ share }}\%USERNAME%.
rem Made by Rollcall. A logon script for every Windows from 95 and NT 4 on.
rem It adds what was saved: a contact that was removed on another computer comes
rem back here. contacts-logon.vbs takes such contacts away; use it where you can.

if "%USERNAME%"=="" goto noname
if not exist "{{ share }}\%USERNAME%\contacts.reg" goto end
start /wait regedit /s "{{ share }}\%USERNAME%\contacts.reg"
goto end

:noname
echo The variable USERNAME is not set, so no contacts were brought back.
echo Windows 95, 98 and Me do not set it by themselves.

:end
