"""Parties outside: who delivers messages, who looks at faces and documents. A sandbox of each is shipped."""
