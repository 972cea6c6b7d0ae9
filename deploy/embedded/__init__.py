"""The system where nothing is installed: NATS and PostgreSQL from wheels, the services as processes."""
