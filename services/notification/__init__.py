"""Notification: who is told what, once."""
