{% for line in header -%}
' {{ line }}
{% endfor -%}
' Run it with: cscript //B //NoLogo {{ file_name }}
' It ends with 1 when something failed; without //B it says what. HKLM needs
' administrator's rights.
Option Explicit

Dim shell, failures, failed
Set shell = CreateObject("WScript.Shell")
failures = 0
failed = ""

' The first failures are named, so that nobody has to close a thousand windows.
Sub Report(what, path, why)
  failures = failures + 1
  If failures <= 20 Then failed = failed & vbCrLf & what & ": " & path & " (" & why & ")"
End Sub

Sub WriteValue(path, data, kind)
  On Error Resume Next
  shell.RegWrite path, data, kind
  If Err.Number <> 0 Then Report "Not written", path, Err.Description
End Sub

Sub RemoveValue(path)
  On Error Resume Next
  shell.RegDelete path
  ' A value that is not there cannot be removed, and need not be.
  If Err.Number <> 0 And Err.Number <> &H80070002 Then Report "Not removed", path, Err.Description
End Sub
{% if defaults %}
' Takes a key's default value away and leaves the key: RegDelete would take the key with all
' that is in it. By Windows Management Instrumentation where it is there (Windows 2000 and
' later), else by a registry file.
Sub RemoveDefault(root, hive, key)
  Dim registry, files, file, name
  If Not HasDefault(hive & "\" & key & "\") Then Exit Sub
  On Error Resume Next
  Set registry = GetObject("winmgmts:{impersonationLevel=impersonate}!\\.\root\default:StdRegProv")
  If Err.Number = 0 Then registry.DeleteValue root, key, ""
  Err.Clear
  If Not HasDefault(hive & "\" & key & "\") Then Exit Sub
  Set files = CreateObject("Scripting.FileSystemObject")
  name = files.GetSpecialFolder(2).Path & "\" & files.GetTempName & ".reg"
  ' Windows 98 and NT 4 read ANSI files alone.
  Set file = files.CreateTextFile(name, True, False)
  file.Write "REGEDIT4" & vbCrLf & vbCrLf & "[" & hive & "\" & key & "]" & vbCrLf & "@=-" & vbCrLf & vbCrLf
  file.Close
  shell.Run "regedit.exe /s """ & name & """", 0, True
  files.DeleteFile name, True
  Err.Clear
  If HasDefault(hive & "\" & key & "\") Then Report "Not removed", hive & "\" & key & "\", "its default value is still there"
End Sub

Function HasDefault(path)
  Dim data
  On Error Resume Next
  data = shell.RegRead(path)
  HasDefault = (Err.Number = 0)
End Function
{% endif %}
{%- for call in calls %}
' {{ call.remark }}
{{ call.line }}
{% endfor %}
If failures > 0 Then
  WScript.Echo "Failed: " & failures & failed
  WScript.Quit 1
End If
WScript.Quit 0
