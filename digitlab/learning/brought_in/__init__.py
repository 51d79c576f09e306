"""Models that were made elsewhere: checked, opened in a process of their own, tested, and stored as runs."""
