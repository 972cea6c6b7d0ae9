"""Classification: which class an organization has for a year, and why."""
