"""The farm's memory: what is asked, what was told to whom, and every step as it was taken."""
