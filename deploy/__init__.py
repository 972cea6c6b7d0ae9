"""How the system is run: embedded, in containers, from the command line, and with a sample."""
