"""The command line, a module a kind of work: the same core calls as the pages."""
