"""Kaon mode: decays in flight of the 75 GeV/c beam, and the searches among them."""
