"""Tables and cards that come with the package; each names its source."""
