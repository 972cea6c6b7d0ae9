"""The command line `fourgood`: run the system, publish to it, ask it, and look after it."""

from deploy.cli.app import app

__all__ = ["app"]
