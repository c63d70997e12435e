"""Sizes as people read them. Rounded, so that a measured value changes only when it matters."""

MEBIBYTE = 1024**2
GIBIBYTE = 1024**3


def in_words(size_bytes: int) -> str:
    """`310 MB` below one GB, `12 GB` above (binary units under their common names, as Windows shows them)."""
    if size_bytes < GIBIBYTE:
        return f"{size_bytes // MEBIBYTE} MB"
    return f"{size_bytes // GIBIBYTE} GB"
