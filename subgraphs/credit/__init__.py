"""Credit: requests, AgroScore and the analyst's decision."""
