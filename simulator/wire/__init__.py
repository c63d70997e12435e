"""What goes over the wire, one protocol layer per file: TLS, HTTP, sign-in, encryption, SOAP, WS-Man, PSRP."""
