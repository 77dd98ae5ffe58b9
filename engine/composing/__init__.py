"""River 2, what a page or a command asks for about tunes: suggestions, what is in them, where they come from."""
