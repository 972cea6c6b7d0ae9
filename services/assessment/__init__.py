"""Assessment: what happens in cells, and how cells see themselves."""
