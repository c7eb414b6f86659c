"""Runs the daemon and its peers by turns and prints what each took."""
