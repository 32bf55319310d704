"""Tells the story on the screen and counts its steps."""

from dataclasses import dataclass


@dataclass
class Narrator:
    steps: int = 0

    def chapter(self, title: str) -> None:
        print(f"\n{title}\n{'─' * len(title)}", flush=True)

    def step(self, text: str) -> None:
        self.steps += 1
        print(f"{self.steps:3}. {text}", flush=True)

    def aside(self, text: str) -> None:
        for line in text.splitlines():
            print(f"     {line}", flush=True)
