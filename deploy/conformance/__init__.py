"""A province to try a district's software with: it answers, is silent, asks, breaks the line, and judges."""
