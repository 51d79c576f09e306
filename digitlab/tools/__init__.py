"""What makes files of the project: run by hand, `python -m digitlab.tools.NAME`."""
