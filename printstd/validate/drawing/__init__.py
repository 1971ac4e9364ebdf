"""The rows of a drawing against the features of a model."""
