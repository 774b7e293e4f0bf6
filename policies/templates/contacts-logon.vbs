{%- match url %}
{%- when Some(url) %}' Brings the Instant Messaging contacts of this user back from the server,
' {{ url }}
' It signs in by NTLM with the name and password of the Windows logon, so both must
' be those of the Instant Messaging account.
{%- when None %}' Brings the Instant Messaging contacts of this user back from {{ share }}\<user name>.
{%- endmatch %}
' Made by Rollcall. A logon script for Windows 2000 and later:
' cscript //B //NoLogo {{ file_name }}
' The lists of contacts become what was saved: contacts that were removed on another
' computer go here, too. What was here before is kept in the folder for temporary
' files as rollcall-contacts-before.reg. It ends with 1 when something failed.
Option Explicit

Const KEY = "HKEY_CURRENT_USER\{{ key }}"
{%- match url %}
{%- when Some(url) %}
Const URL = "{{ url }}"
{%- when None %}
Const SHARE = "{{ share }}"
{%- endmatch %}

Dim shell, files, folder, saved
Set shell = CreateObject("WScript.Shell")
Set files = CreateObject("Scripting.FileSystemObject")
folder = files.GetSpecialFolder(2).Path
{%- match url %}
{%- when Some(_) %}
saved = folder & "\rollcall-contacts.reg"
If Not Fetch() Then WScript.Quit 1
{%- when None %}
saved = SHARE & "\" & CreateObject("WScript.Network").UserName & "\contacts.reg"
{%- endmatch %}
If Not files.FileExists(saved) Then WScript.Quit 0

Restore TextOf(saved)
WScript.Quit 0

Sub Restore(text)
  Dim header
  header = Left(text, InStr(text & vbCr, vbCr) - 1)
  If header <> "REGEDIT4" And header <> "Windows Registry Editor Version 5.00" Then
    WScript.Echo saved & " is no registry file, so no contacts were brought back."
    WScript.Quit 1
  End If
  If Not IsContactsAlone(text) Then
    WScript.Echo saved & " holds more than contacts, so nothing was brought back."
    WScript.Quit 1
  End If
  shell.Run "regedit.exe /e """ & folder & "\rollcall-contacts-before.reg"" """ & KEY & """", 0, True
  Forget text
  shell.Run "regedit.exe /s """ & saved & """", 0, True
End Sub

' A file that somebody else could write must not bring anything but contacts.
Function IsContactsAlone(text)
  Dim line
  IsContactsAlone = True
  For Each line In Split(text, vbCrLf)
    If Left(line, 1) = "[" Then
      If StrComp(Left(line, Len(KEY) + 2), "[" & KEY & "]", vbTextCompare) <> 0 _
        And StrComp(Left(line, Len(KEY) + 2), "[" & KEY & "\", vbTextCompare) <> 0 Then
        IsContactsAlone = False
      End If
    End If
  Next
End Function

' Takes away the lists of contacts that are about to be brought back, so that nobody
' stays in them who was removed on another computer.
Sub Forget(text)
  Dim line, removals, file, name
  removals = ""
  For Each line In Split(text, vbCrLf)
    If IsList(line) Then removals = removals & "[-" & Mid(line, 2) & vbCrLf & vbCrLf
  Next
  If removals = "" Then Exit Sub
  name = folder & "\rollcall-contacts-forget.reg"
  Set file = files.CreateTextFile(name, True, True)
  file.Write "Windows Registry Editor Version 5.00" & vbCrLf & vbCrLf & removals
  file.Close
  shell.Run "regedit.exe /s """ & name & """", 0, True
  files.DeleteFile name, True
End Sub

' Is this the key of a list of contacts, such as [...\Messenger\Profiles\http://...\Contacts]?
Function IsList(line)
  Dim start, ending
  start = "[" & KEY & "\Profiles\"
  ending = "\Contacts]"
  IsList = StrComp(Left(line, Len(start)), start, vbTextCompare) = 0 _
    And StrComp(Right(line, Len(ending)), ending, vbTextCompare) = 0
End Function
{% match url %}
{% when Some(_) %}
' Nothing kept on the server is no failure.
Function Fetch()
  Dim request, bytes
  On Error Resume Next
  Fetch = False
  If files.FileExists(saved) Then files.DeleteFile saved, True
  Set request = Client("GET", URL & "?format=reg")
  request.Send
  If Err.Number <> 0 Then
    WScript.Echo "The server cannot be reached: " & URL
    Exit Function
  End If
  If request.Status = 404 Then
    Fetch = True
  ElseIf request.Status = 200 Then
    Set bytes = CreateObject("ADODB.Stream")
    bytes.Type = 1
    bytes.Open
    bytes.Write request.ResponseBody
    bytes.SaveToFile saved, 2
    bytes.Close
    Fetch = (Err.Number = 0)
  Else
    WScript.Echo "The server refused: " & request.Status & " " & request.ResponseText
  End If
End Function
{% include "contacts-client.vbs" %}
{% when None %}
{% endmatch %}
{% include "contacts-text.vbs" %}
