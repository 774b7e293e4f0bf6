{%- match url %}
{%- when Some(url) %}' Saves the Instant Messaging contacts of this user on the server,
' {{ url }}, from where
' contacts-logon-server.vbs brings them back on any computer.
' It signs in by NTLM with the name and password of the Windows logon, so both must
' be those of the Instant Messaging account.
{%- when None %}' Saves the Instant Messaging contacts of this user to {{ share }}\<user name>,
' from where contacts-logon.vbs or contacts-logon.bat brings them back on any computer.
{%- endmatch %}
' Made by Rollcall. A logoff script (Group Policy) for Windows 2000 and later:
' cscript //B //NoLogo {{ file_name }}
' It ends with 1 when contacts could not be saved.
Option Explicit

Const KEY = "HKEY_CURRENT_USER\{{ key }}"
{%- match url %}
{%- when Some(url) %}
Const URL = "{{ url }}"
{%- when None %}
Const SHARE = "{{ share }}"
{%- endmatch %}

Dim shell, files, saved
Set shell = CreateObject("WScript.Shell")
Set files = CreateObject("Scripting.FileSystemObject")
saved = files.GetSpecialFolder(2).Path & "\rollcall-contacts.reg"

If files.FileExists(saved) Then files.DeleteFile saved, True
shell.Run "regedit.exe /e """ & saved & """ """ & KEY & """", 0, True
If Not files.FileExists(saved) Then WScript.Quit 0

' A computer on which this user has no contacts must not empty the list.
If InStr(1, TextOf(saved), "\Contacts", vbTextCompare) = 0 Then
  files.DeleteFile saved, True
  WScript.Quit 0
End If

If Save() Then
  files.DeleteFile saved, True
  WScript.Quit 0
End If
WScript.Echo "The contacts could not be saved. They are in " & saved & " meanwhile."
WScript.Quit 1
{% match url %}
{% when Some(_) %}
Function Save()
  Dim request, bytes
  On Error Resume Next
  Save = False
  Set bytes = CreateObject("ADODB.Stream")
  bytes.Type = 1
  bytes.Open
  bytes.LoadFromFile saved
  Set request = Client("PUT", URL)
  request.SetRequestHeader "Content-Type", "application/octet-stream"
  request.Send bytes.Read
  bytes.Close
  If Err.Number = 0 Then
    If request.Status = 200 Then Save = True
  End If
End Function
{% include "contacts-client.vbs" %}
{% when None %}
Function Save()
  Dim folder, target
  On Error Resume Next
  folder = SHARE & "\" & CreateObject("WScript.Network").UserName
  target = folder & "\contacts.reg"
  If Not files.FolderExists(folder) Then files.CreateFolder folder
  Err.Clear
  If files.FileExists(target) Then files.CopyFile target, folder & "\contacts.bak", True
  files.CopyFile saved, target, True
  Save = (Err.Number = 0)
End Function
{% endmatch %}
{% include "contacts-text.vbs" %}
