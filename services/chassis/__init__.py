"""What every service stands on. Not a service."""
