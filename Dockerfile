# One image for every service; docker-compose.yml says which of them a container is.

# GraphiQL, from its locked packages. Node stays in this stage.
FROM node:24.19.0-slim@sha256:a9f5f7c91a432850b2a8a7797adf5eadb6c733ceed61167806cee7ea7fbc29df AS graphiql
WORKDIR /build/graphiql
COPY graphiql/package.json graphiql/package-lock.json graphiql/.npmrc ./
RUN npm ci
COPY graphiql/ ./
RUN node node_modules/vite/bin/vite.js build --outDir /build/page

# The Python environment, from poetry.lock with its hashes. A layer of its own: it changes only with the lock.
FROM python:3.11-slim@sha256:9c900dea9e8fb7e16277c179b555cc72d29a352dbc33cff48ad5a0412fd5bfc7 AS environment
WORKDIR /app
COPY poetry.lock ./
COPY launch/bootstrap.py launch/
RUN python launch/bootstrap.py

FROM python:3.11-slim@sha256:9c900dea9e8fb7e16277c179b555cc72d29a352dbc33cff48ad5a0412fd5bfc7
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin peerseed
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PEERSEED_HOME=/tmp/peerseed
COPY --from=environment /app/.venv .venv
COPY --from=graphiql /build/page graphiql-page
COPY alembic/ alembic/
COPY schema/ schema/
COPY subgraphs/ subgraphs/
COPY router/ router/
COPY launch/ launch/
COPY deploy/ deploy/
COPY upkeep/ upkeep/
# Compiled once here: the containers' file systems are read-only.
RUN python -m compileall -q alembic subgraphs router launch deploy upkeep
USER peerseed
ENV ROUTER_SUPERGRAPH_PATH=/app/schema/supergraph.graphql
CMD ["python", "-m", "trevo", "serve"]
