"""Write files safely: whole or not at all, or by adding lines."""
