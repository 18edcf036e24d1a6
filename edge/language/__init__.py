"""Text in, reading out: verbaliser, tokenizer, labels, bundle, interpreter."""
