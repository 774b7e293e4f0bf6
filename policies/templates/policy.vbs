{% for line in header -%}
' {{ line }}
{% endfor -%}
' Run it with: cscript //B //NoLogo {{ file_name }}
' It ends with 1 when a value could not be written; HKLM needs administrator's rights.
Option Explicit

Dim shell, failed
Set shell = CreateObject("WScript.Shell")
failed = 0

Sub WriteValue(path, data, kind)
  On Error Resume Next
  shell.RegWrite path, data, kind
  If Err.Number <> 0 Then failed = 1
End Sub

Sub RemoveValue(path)
  ' A value that is not there cannot be removed, and need not be.
  On Error Resume Next
  shell.RegDelete path
End Sub
{% for call in calls %}
' {{ call.remark }}
{{ call.line }}
{% endfor %}
WScript.Quit failed

