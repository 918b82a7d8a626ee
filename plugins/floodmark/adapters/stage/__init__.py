"""Cloud Storage as the stage."""
