"""
Make the trained scorecard and its card from their seed: `make score-model`.

    python -m builds.agroscore [--into FOLDER] [--data FILE]

The same sources make the same bytes. `--data` also writes the applicants, as CSV with what the model saw of them.
"""

import argparse
import sys
from pathlib import Path

from builds.agroscore.make import applicants_text, make
from builds.agroscore.recipe import AGROSCORE_2
from subgraphs.credit.domain.scorecard import FOLDER


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m builds.agroscore", description="Train AgroScore.")
    parser.add_argument("--into", type=Path, default=FOLDER, metavar="FOLDER", help="where the two files go")
    parser.add_argument("--data", type=Path, metavar="FILE", help="write the applicants there as CSV")
    arguments = parser.parse_args()
    made = make(AGROSCORE_2)
    for name, text in made.files.items():
        (arguments.into / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{arguments.into / name}")
    if arguments.data:
        arguments.data.write_text(applicants_text(made.applicants), encoding="utf-8", newline="\n")
        print(f"{arguments.data}: {len(made.applicants)} applicants")
    return 0


if __name__ == "__main__":
    sys.exit(main())
