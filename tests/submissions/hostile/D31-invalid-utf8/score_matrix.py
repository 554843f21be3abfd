"""Bytes that are no text: ÿşÃ(."""
