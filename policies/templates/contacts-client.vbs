
' Signs in as whoever is logged on to Windows: WinHTTP where it is there (Windows 2000
' SP3, XP SP1 and later), which does so for any server name; else what Internet Explorer
' uses, which does so for servers of its zone Local intranet alone.
Function Client(method, address)
  On Error Resume Next
  Set Client = CreateObject("WinHttp.WinHttpRequest.5.1")
  If Err.Number = 0 Then
    Client.Open method, address, False
    Client.SetAutoLogonPolicy 0
  Else
    Err.Clear
    Set Client = CreateObject("MSXML2.XMLHTTP")
    Client.Open method, address, False
  End If
End Function
