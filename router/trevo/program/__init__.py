"""Generated code per plan: the usual way of a request, as long as nothing goes wrong."""
