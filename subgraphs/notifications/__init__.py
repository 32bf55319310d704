"""What Peerseed tells people, where they can read it, and what happened to them lately."""
