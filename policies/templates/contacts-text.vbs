
' The text of a registry file: UTF-16 if it begins with the mark FF FE, else ANSI.
Function TextOf(path)
  Dim file, mark
  Set file = files.OpenTextFile(path, 1, False, 0)
  mark = ""
  If Not file.AtEndOfStream Then mark = file.Read(1)
  file.Close
  TextOf = ""
  If mark = "" Then Exit Function
  If Asc(mark) = 255 Then
    Set file = files.OpenTextFile(path, 1, False, -1)
  Else
    Set file = files.OpenTextFile(path, 1, False, 0)
  End If
  TextOf = file.ReadAll
  file.Close
End Function
