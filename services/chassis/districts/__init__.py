"""The intake: what district systems send, decided and answered."""
