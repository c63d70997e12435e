"""A Windows Hyper-V host that is not there: real WS-Man and PSRP over TLS, one process for many hundred hosts."""
