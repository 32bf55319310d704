"""The road to several machines: what docker compose needs beside `docker-compose.yml`."""
