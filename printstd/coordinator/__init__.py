"""Joins the farm's decisions with its store, with real hosts and with verification."""
