"""Runs side by side: tables, the answer in a sentence, charts and the report."""
