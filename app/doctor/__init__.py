"""`kva doctor`: small functions that each look at one thing and say what is wrong with it and what to do."""
