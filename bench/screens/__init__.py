"""What does a screen cost, and where? CPU per request by layer, SQL statements, memory."""
