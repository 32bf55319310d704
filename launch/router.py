"""The router as a process of a local run: its own `serve`, with the product's GraphiQL page beside it."""

import os

from launch.environment import graphiql_settings
from router.api.graphiql import graphiql_app
from router.core.settings import Settings
from router.main import serve


def main() -> None:
    page = graphiql_app(graphiql_settings(f"{os.environ['ACCOUNTS_BASE_URL']}/oauth/token"))
    serve(Settings(), extra_routes={"/graphiql": page})


if __name__ == "__main__":
    main()
