"""Sentences, search words, languages and pieces of a text; pure functions, no model behind them."""
