"""What only a person decides, and the daily sweep."""
