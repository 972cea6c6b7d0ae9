"""HTTP: the way in, who may, failures as problem documents, what an operator sees."""
