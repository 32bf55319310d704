"""Places outside of the process in which replicas keep what they have in common."""
