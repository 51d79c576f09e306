"""Digits on paper: a sheet to print, and what is read from a photo or scan of it."""
