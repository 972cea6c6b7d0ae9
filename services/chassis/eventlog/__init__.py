"""The log: what was decided, found, appended and remembered."""
