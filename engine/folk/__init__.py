"""Folk tunes as text: ABC notation, folk-rnn's tokens, and the rules that make a tune whole."""
