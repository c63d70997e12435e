"""The probe as text: nothing here runs PowerShell, so its promises are read from the parse tree."""
