"""What nets learn from: point sets, digits, text."""
