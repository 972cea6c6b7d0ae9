"""Files of organizations and members: read, judged as a whole, then recorded row by row."""
