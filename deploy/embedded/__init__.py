"""The system on a machine that has nothing: NATS and PostgreSQL from wheels, the five services as processes."""
