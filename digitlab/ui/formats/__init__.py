"""Parts of pages that take digits out and bring them in."""
