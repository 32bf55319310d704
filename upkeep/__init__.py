"""What an operator does with a product that runs already: check its books, tell a lost queue again what it missed."""
