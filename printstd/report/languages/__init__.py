"""What people read, in their language: one gettext catalogue per language, and its reader."""
