"""Portals: the widths of each kind of feebly interacting particle."""
